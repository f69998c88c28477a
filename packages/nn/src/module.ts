import type { Tensor } from "@ansatz/tensor";

/**
 * A layer or a network: `init` makes parameters from a key, `apply` is a pure function of parameters and inputs. There is no hidden
 * state: parameters are a plain tree.
 */
export interface Module<P, A extends readonly unknown[] = [x: Tensor]> {
  init(key: Tensor): P;
  apply(params: P, ...inputs: A): Tensor;
}
