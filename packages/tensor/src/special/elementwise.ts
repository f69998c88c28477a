import type { Aval, TensorFlowKernel } from "@ansatz/backend";
import { jvp, type TensorOp } from "../core/op";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { bind1 } from "../core/trace";
import { defineOp } from "../define-op";
import { operand } from "../functions/promotion";

type None = Record<never, never>;

/** A smooth function of one variable as an extension op: what it is in other ops, its differential, and its name in TensorFlow. */
export const smoothOp = /* @__NO_SIDE_EFFECTS__ */ (
  name: string,
  compose: (x: Tensor) => Tensor,
  d: (dx: Tensor, x: Tensor, y: Tensor) => Tensor,
  tensorflow?: string,
): TensorOp<None> =>
  defineOp<None>({
    name,
    abstract: ([x]: readonly Aval[]) => [x],
    compose: ([x]) => [compose(x)],
    derivative: jvp(([x], [dx], _, [y]) => [dx && d(dx, x, y)]),
    batch: "elementwise",
    ...(tensorflow && { kernels: { tfjs: { tensorflow } satisfies TensorFlowKernel } }),
  });

/** The user's function over such an op. */
export const applied =
  /* @__NO_SIDE_EFFECTS__ */
    (name: string, op: () => TensorOp<None>) =>
    (x: TensorLike): Tensor =>
      bind1(op(), [operand(name, x, "float")], {});
