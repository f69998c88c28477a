import { bytesPer, type DType, isFloat, sizeOf } from "@ansatz/backend";
import * as ops from "../emit/ops";
import type { ScalarOp } from "../emit/scalar-op";
import type { Formula } from "../runtime";
import { type CoreLowering, lowering } from "./rule";
import { pointwise, type Value, whole } from "./value";
import { fewDraws } from "./weight";

const elementwise = /* @__NO_SIDE_EFFECTS__ */ (op: ScalarOp): CoreLowering =>
  lowering(op.name, (l, _, args, eq) => {
    const { dtype, shape } = eq.outputs[0].aval;
    // The rounds of a cipher and a formula with its constants want more registers than there are: each gets a loop of its own.
    const apart = (v: Value) => (l.weight(v).draws && sizeOf(v.shape) >= fewDraws ? l.store(v) : v);
    return [pointwise(op, dtype, shape, ...(op.formula ? args.map(apart) : args))];
  });

/** What compares with a known number in fewer instructions, if it is one. */
const bound = (op: ScalarOp, by: Value): ScalarOp | undefined => {
  if (by.kind !== "constant" || !isFloat(by.dtype) || Number.isNaN(by.value)) return undefined;
  if (op === ops.max) return Object.is(by.value, 0) ? ops.atLeastZero : ops.atLeast;
  return Object.is(by.value, -0) ? undefined : ops.atMost;
};

const extreme = /* @__NO_SIDE_EFFECTS__ */ (op: ScalarOp): CoreLowering =>
  lowering(op.name, (_, __, [x, y], eq) => {
    const { dtype, shape } = eq.outputs[0].aval;
    const [right, left] = [bound(op, y), bound(op, x)];
    return [
      right
        ? pointwise(right, dtype, shape, x, y)
        : left
          ? pointwise(left, dtype, shape, y, x)
          : pointwise(op, dtype, shape, x, y),
    ];
  });

/** For an extension op that is an elementary function, written as a formula: loops take it in as they take exp. */
export const formulaLowering = /* @__NO_SIDE_EFFECTS__ */ (of: Formula): CoreLowering =>
  elementwise(ops.elementary(of));

export const neg = elementwise(ops.neg);
export const abs = elementwise(ops.abs);
export const sign = elementwise(ops.sign);
export const add = elementwise(ops.add);
export const sub = elementwise(ops.sub);
export const mul = elementwise(ops.mul);
export const div = elementwise(ops.div);
export const floorDiv = elementwise(ops.floorDiv);
export const mod = elementwise(ops.mod);
export const max = extreme(ops.max);
export const min = extreme(ops.min);
export const eq = elementwise(ops.eq);
export const ne = elementwise(ops.ne);
export const lt = elementwise(ops.lt);
export const le = elementwise(ops.le);
export const gt = elementwise(ops.gt);
export const ge = elementwise(ops.ge);
export const and = elementwise(ops.and);
export const or = elementwise(ops.or);
export const xor = elementwise(ops.xor);
export const not = elementwise(ops.not);
export const shiftLeft = elementwise(ops.shiftLeft);
export const shiftRightLogical = elementwise(ops.shiftRightLogical);
export const shiftRightArithmetic = elementwise(ops.shiftRightArithmetic);
export const floor = elementwise(ops.floor);
export const ceil = elementwise(ops.ceil);
export const round = elementwise(ops.round);
export const trunc = elementwise(ops.trunc);
export const sqrt = elementwise(ops.sqrt);
export const rsqrt = elementwise(ops.rsqrt);
export const cbrt = elementwise(ops.cbrt);
export const exp = elementwise(ops.exp);
export const expm1 = elementwise(ops.expm1);
export const log = elementwise(ops.log);
export const log1p = elementwise(ops.log1p);
export const sin = elementwise(ops.sin);
export const cos = elementwise(ops.cos);
export const tan = elementwise(ops.tan);
export const asin = elementwise(ops.asin);
export const acos = elementwise(ops.acos);
export const atan = elementwise(ops.atan);
export const sinh = elementwise(ops.sinh);
export const cosh = elementwise(ops.cosh);
export const tanh = elementwise(ops.tanh);
export const asinh = elementwise(ops.asinh);
export const acosh = elementwise(ops.acosh);
export const atanh = elementwise(ops.atanh);
export const erf = elementwise(ops.erf);
export const erfc = elementwise(ops.erfc);
export const pow = elementwise(ops.pow);
export const atan2 = elementwise(ops.atan2);
export const select = elementwise(ops.select);
export const clamp = lowering("clamp", (_, __, [low, x, high], eq) => {
  const { dtype, shape } = eq.outputs[0].aval;
  const [from, to] = [bound(ops.max, low), bound(ops.min, high)];
  return [
    from && to
      ? pointwise(to, dtype, shape, pointwise(from, dtype, shape, x, low), high)
      : pointwise(ops.clamp, dtype, shape, low, x, high),
  ];
});

export const convert = lowering<{ dtype: DType }>("convert", (_, { dtype }, [x]) => {
  if (x.dtype === dtype) return [x];
  // Of four lanes a signed word becomes a float by one instruction, an unsigned one by eight.
  const from = isFloat(dtype) && isShifted(x) ? pointwise(ops.bitcast, "int32", x.shape, x) : x;
  return [pointwise(ops.convert, dtype, x.shape, from)];
});

/** Unsigned words whose upper bit is 0, because something is shifted in from above. */
const isShifted = (x: Value): boolean =>
  x.kind === "pointwise" &&
  x.op === ops.shiftRightLogical &&
  x.dtype === "uint32" &&
  x.args[1].kind === "constant" &&
  x.args[1].value > 0;

/** Same width: a node. Another width: the same bytes in memory under another name. */
export const bitcast = lowering("bitcast", (l, _, [x], eq) => {
  const { dtype, shape } = eq.outputs[0].aval;
  if (dtype === x.dtype) return [x];
  if (bytesPer[dtype] === bytesPer[x.dtype]) return [pointwise(ops.bitcast, dtype, shape, x)];
  return [whole(l.contiguous(x).buffer, dtype, shape)];
});

export const iota = lowering<{ axis: number }>("iota", (_, { axis }, __, eq) => {
  const { dtype, shape } = eq.outputs[0].aval;
  const index: Value = { kind: "coordinate", dtype: "int32", shape, axis };
  const to = (d: DType, v: Value): Value => pointwise(ops.convert, d, shape, v);
  return [dtype === "int32" ? index : to(dtype, to("uint32", index))];
});
