import type { CoreOp } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { type TensorOp, withCalculus, zeroDerivative } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";

// Piecewise constant or integer-valued: the derivative is zero everywhere, the jumps included.
type None = Record<never, never>;
const flat = /* @__NO_SIDE_EFFECTS__ */ (op: CoreOp<None>): TensorOp<None> =>
  withCalculus(op, { derivative: zeroDerivative, batch: "elementwise" });

export const eqOp = flat(core.eq);
export const eq = (x: Tensor, y: Tensor): Tensor => bind1(eqOp, [x, y], {});
export const neOp = flat(core.ne);
export const ne = (x: Tensor, y: Tensor): Tensor => bind1(neOp, [x, y], {});
export const ltOp = flat(core.lt);
export const lt = (x: Tensor, y: Tensor): Tensor => bind1(ltOp, [x, y], {});
export const leOp = flat(core.le);
export const le = (x: Tensor, y: Tensor): Tensor => bind1(leOp, [x, y], {});
export const gtOp = flat(core.gt);
export const gt = (x: Tensor, y: Tensor): Tensor => bind1(gtOp, [x, y], {});
export const geOp = flat(core.ge);
export const ge = (x: Tensor, y: Tensor): Tensor => bind1(geOp, [x, y], {});

export const andOp = flat(core.and);
export const and = (x: Tensor, y: Tensor): Tensor => bind1(andOp, [x, y], {});
export const orOp = flat(core.or);
export const or = (x: Tensor, y: Tensor): Tensor => bind1(orOp, [x, y], {});
export const xorOp = flat(core.xor);
export const xor = (x: Tensor, y: Tensor): Tensor => bind1(xorOp, [x, y], {});
export const notOp = flat(core.not);
export const not = (x: Tensor): Tensor => bind1(notOp, [x], {});
export const shiftLeftOp = flat(core.shiftLeft);
export const shiftLeft = (x: Tensor, y: Tensor): Tensor => bind1(shiftLeftOp, [x, y], {});
export const shiftRightLogicalOp = flat(core.shiftRightLogical);
export const shiftRightLogical = (x: Tensor, y: Tensor): Tensor => bind1(shiftRightLogicalOp, [x, y], {});
export const shiftRightArithmeticOp = flat(core.shiftRightArithmetic);
export const shiftRightArithmetic = (x: Tensor, y: Tensor): Tensor => bind1(shiftRightArithmeticOp, [x, y], {});

export const floorOp = flat(core.floor);
export const floor = (x: Tensor): Tensor => bind1(floorOp, [x], {});
export const ceilOp = flat(core.ceil);
export const ceil = (x: Tensor): Tensor => bind1(ceilOp, [x], {});
export const roundOp = flat(core.round);
export const round = (x: Tensor): Tensor => bind1(roundOp, [x], {});
export const truncOp = flat(core.trunc);
export const trunc = (x: Tensor): Tensor => bind1(truncOp, [x], {});
