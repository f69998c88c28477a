import * as core from "../core/core-ops";
import { isLinearInput, jvp, known, linear, withCalculus, zeroDerivative } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { select } from "./choice";
import { and, eq, gt, lt } from "./comparison";
import { fill, onesLike, plus, zerosLike } from "./fill";
import { log } from "./transcendental";

/**
 * Raw arithmetic on operands of exactly one dtype and shape: no promotion, no broadcasting. Rules use these; users get the functions of
 * the same names in `functions/`.
 */

export const negOp = withCalculus(core.neg, {
  derivative: linear(([g]) => [g && neg(g)]),
  batch: "elementwise",
});
export const neg = (x: Tensor): Tensor => bind1(negOp, [x], {});

export const absOp = withCalculus(core.abs, {
  // d|x| = sign(x) dx; at the kink 0 the derivative is 0
  derivative: jvp(([x], [dx]) => [dx && mul(dx, sign(x))]),
  batch: "elementwise",
});
export const abs = (x: Tensor): Tensor => bind1(absOp, [x], {});

export const signOp = withCalculus(core.sign, { derivative: zeroDerivative, batch: "elementwise" });
export const sign = (x: Tensor): Tensor => bind1(signOp, [x], {});

export const addOp = withCalculus(core.add, {
  // d(x + y) = dx + dy; transposed, the cotangent goes to each summand that is linear
  derivative: jvp(
    (_, [dx, dy]) => [plus(add, dx, dy)],
    ([g], ins) => ins.map((x) => (isLinearInput(x) ? g : null)),
  ),
  batch: "elementwise",
});
export const add = (x: Tensor, y: Tensor): Tensor => bind1(addOp, [x, y], {});

export const subOp = withCalculus(core.sub, {
  // d(x - y) = dx - dy
  derivative: jvp(
    (_, [dx, dy]) => [dx && dy ? sub(dx, dy) : (dx ?? (dy && neg(dy)))],
    ([g], [x, y]) => [isLinearInput(x) ? g : null, isLinearInput(y) ? g && neg(g) : null],
  ),
  batch: "elementwise",
});
export const sub = (x: Tensor, y: Tensor): Tensor => bind1(subOp, [x, y], {});

export const mulOp = withCalculus(core.mul, {
  // d(xy) = dx y + x dy; bilinear: linear in one factor when the other is known
  derivative: jvp(
    ([x, y], [dx, dy]) => [plus(add, dx && mul(dx, y), dy && mul(x, dy))],
    ([g], [x, y]) => [
      isLinearInput(x) ? g && mul(g, known(y, "mul")) : null,
      isLinearInput(y) ? g && mul(known(x, "mul"), g) : null,
    ],
  ),
  batch: "elementwise",
});
export const mul = (x: Tensor, y: Tensor): Tensor => bind1(mulOp, [x, y], {});

export const divOp = withCalculus(core.div, {
  // d(x/y) = dx/y - (x/y) dy/y
  derivative: jvp(
    ([, y], [dx, dy], _, [q]) => {
      const a = dx && div(dx, y);
      const b = dy && mul(div(q, y), dy);
      return [a && b ? sub(a, b) : (a ?? (b && neg(b)))];
    },
    ([g], [x, y]) => {
      const denominator = known(y, "div");
      return [isLinearInput(x) ? g && div(g, denominator) : null, null];
    },
  ),
  batch: "elementwise",
});
export const div = (x: Tensor, y: Tensor): Tensor => bind1(divOp, [x, y], {});

export const floorDivOp = withCalculus(core.floorDiv, { derivative: zeroDerivative, batch: "elementwise" });
export const floorDiv = (x: Tensor, y: Tensor): Tensor => bind1(floorDivOp, [x, y], {});

export const modOp = withCalculus(core.mod, {
  // x mod y = x - y ⌊x/y⌋, so d = dx - ⌊x/y⌋ dy; at the jumps the right-hand derivative
  derivative: jvp(([x, y], [dx, dy]) => [plus(add, dx, dy && mul(neg(floorDiv(x, y)), dy))]),
  batch: "elementwise",
});
export const mod = (x: Tensor, y: Tensor): Tensor => bind1(modOp, [x, y], {});

export const powOp = withCalculus(core.pow, {
  // d(x^y) = y x^(y-1) dx + x^y log(x) dy. As JAX: the first factor is 0 where y = 0 (also at x = 0), and log(0) counts as 0,
  // so 0^y has derivative 0 in y; log of a negative base is NaN, as it should be. The factor is a function of y, too: away from x = 0
  // it is y x^(y-1) also where y = 0, for its own derivative in y is 1/x there.
  derivative: jvp(([x, y], [dx, dy], _, [z]) => {
    const dBase = () => {
      const flat = and(eq(y, zerosLike(y)), lt(abs(x), fill(x.dtype === "float64" ? 2 ** -256 : 2 ** -32, x)));
      const slope = mul(y, pow(x, select(flat, onesLike(y), sub(y, onesLike(y)))));
      return select(flat, zerosLike(y), slope);
    };
    const dExponent = () => mul(log(select(eq(x, zerosLike(x)), onesLike(x), x)), z);
    return [plus(add, dx && mul(dx, dBase()), dy && mul(dy, dExponent()))];
  }),
  batch: "elementwise",
});
export const pow = (x: Tensor, y: Tensor): Tensor => bind1(powOp, [x, y], {});

export const atan2Op = withCalculus(core.atan2, {
  // θ = atan2(y, x): dθ = (x dy - y dx) / (x² + y²)
  derivative: jvp(([y, x], [dy, dx]) => {
    const r2 = add(mul(x, x), mul(y, y));
    return [plus(add, dy && mul(dy, div(x, r2)), dx && mul(dx, div(neg(y), r2)))];
  }),
  batch: "elementwise",
});
/** Operands y then x. */
export const atan2 = (y: Tensor, x: Tensor): Tensor => bind1(atan2Op, [y, x], {});

// Each operand gets the weight of being the result: 1 where it wins, 0 where it loses, 1/2 each on a tie.
const share = (wins: Tensor, ties: Tensor): Tensor => {
  const like = { shape: ties.shape, dtype: wins.dtype };
  return select(ties, fill(0.5, like), wins);
};
const extremum = /* @__NO_SIDE_EFFECTS__ */ (beats: (x: Tensor, y: Tensor) => Tensor) =>
  // d max(x, y) = [x > y] dx + [y > x] dy, ties shared equally
  jvp(([x, y], [dx, dy]) => {
    const ties = eq(x, y);
    const weight = (a: Tensor, b: Tensor) => share(select(beats(a, b), onesLike(a), zerosLike(a)), ties);
    return [plus(add, dx && mul(dx, weight(x, y)), dy && mul(dy, weight(y, x)))];
  });

export const maxOp = withCalculus(core.max, { derivative: extremum((x, y) => gt(x, y)), batch: "elementwise" });
export const max = (x: Tensor, y: Tensor): Tensor => bind1(maxOp, [x, y], {});

export const minOp = withCalculus(core.min, { derivative: extremum((x, y) => lt(x, y)), batch: "elementwise" });
export const min = (x: Tensor, y: Tensor): Tensor => bind1(minOp, [x, y], {});

/** x². */
export const square = (x: Tensor): Tensor => mul(x, x);
/** 1 / x. */
export const reciprocal = (x: Tensor): Tensor => div(onesLike(x), x);
/** 1 - x. */
export const oneMinus = (x: Tensor): Tensor => sub(onesLike(x), x);
/** 1 + x. */
export const onePlus = (x: Tensor): Tensor => add(onesLike(x), x);
