import type { Tensor, TensorLike } from "@ansatz/tensor";

/**
 * A layer or a network: `init` makes parameters from a key, `apply` is a pure function of parameters and inputs. There is no hidden
 * state: parameters are a plain tree of float32 tensors.
 *
 * @example
 * const net = mlp([2, 16, 1]);
 * const params = net.init(key(0));
 * const y = net.apply(params, [[0.5, -1]]); // [1, 1]
 */
export interface Module<P, A extends readonly unknown[] = [x: TensorLike]> {
  init(key: Tensor): P;
  apply(params: P, ...inputs: A): Tensor;
}
