import { core } from "@ansatz/backend";
import { jvp, linear, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";

/** Example of the shape every op takes; the ops founder replaces and completes it. */
export const negOp = withCalculus(core.neg, {
  derivative: linear(([g]) => [g && neg_(g)]),
  batch: "elementwise",
});
/** -x on exact dtypes; no promotion. */
export const neg_ = (x: Tensor): Tensor => bind1(negOp, [x], {});

export const expOp = withCalculus(core.exp, {
  // d exp(x) = exp(x) dx
  derivative: jvp(([_x], [dx], _p, [y]) => [dx && mul_(dx, y)]),
  batch: "elementwise",
});
export const exp_ = (x: Tensor): Tensor => bind1(expOp, [x], {});

export const addOp = withCalculus(core.add, {
  derivative: linear(([g], ins) => ins.map(() => g)),
  batch: "elementwise",
});
export const add_ = (x: Tensor, y: Tensor): Tensor => bind1(addOp, [x, y], {});

export const mulOp = withCalculus(core.mul, {
  // d(xy) = dx y + x dy; bilinear: linear in one factor when the other is known
  derivative: jvp(
    ([x, y], [dx, dy]) => {
      const a = dx && mul_(dx, y);
      const b = dy && mul_(x, dy);
      return [a && b ? add_(a, b) : (a ?? b)];
    },
    ([g], [x, y]) => [
      "linear" in x ? g && mul_(g, y as Tensor) : null,
      "linear" in y ? g && mul_(x as Tensor, g) : null,
    ],
  ),
  batch: "elementwise",
});
export const mul_ = (x: Tensor, y: Tensor): Tensor => bind1(mulOp, [x, y], {});
