import { bytesPer, type DType } from "@ansatz/backend";
import { type Callable, type FunctionBuilder, v128 } from "../asm";

/**
 * Values in vector registers. A nest walks 4 elements at a time, or 2 if anything in it is 8 bytes wide; then the 4-byte types use
 * the two low lanes of a register (what the others hold does not matter: nothing traps). Bools are masks as wide as a lane.
 */
export type Lanes = 2 | 4;

export interface VectorContext {
  /** A function of the runtime over lanes, if there is one. */
  vectorMath(name: string, dtype: DType, lanes: Lanes): Callable | undefined;
  /** threefry2x32 on (key, counters high, counters low) → first words, second words. */
  threefryLanes(): Callable;
}

const wide = (d: DType): boolean => bytesPer[d] === 8;
type FloatLanes = FunctionBuilder["f64x2"] & FunctionBuilder["f32x4"];
const floats = (f: FunctionBuilder, d: DType): FloatLanes => (d === "float64" ? f.f64x2 : f.f32x4) as FloatLanes;
const isFloat = (d: DType): boolean => d === "float64" || d === "float32";

/** Operands are on the stack in the order of `stackOrder`; `from` is the dtype of the first argument, `to` of the result. */
type Emit = (f: FunctionBuilder, from: DType, to: DType, lanes: Lanes, c: VectorContext) => void;

const arithmetic =
  (op: "add" | "sub" | "mul"): Emit =>
  (f, d) => {
    if (isFloat(d)) floats(f, d)[op]();
    else f.i32x4[op]();
  };

const onFloat =
  (op: "div" | "floor" | "ceil" | "trunc" | "nearest" | "sqrt"): Emit =>
  (f, d) =>
    void floats(f, d)[op]();

/** A comparison of 4-byte lanes gives a mask of 4-byte lanes; where lanes are 8 bytes apart it is widened. */
const widened = (f: FunctionBuilder, d: DType, lanes: Lanes): void => {
  if (lanes === 2 && !wide(d)) f.i64x2.extend_low_i32x4_s();
};

const compare =
  (op: "eq" | "ne" | "lt" | "le" | "gt" | "ge"): Emit =>
  (f, d, _, lanes) => {
    if (isFloat(d)) floats(f, d)[op]();
    else if (op === "eq" || op === "ne") f.i32x4[op]();
    else f.i32x4[`${op}_${d === "int32" ? "s" : "u"}`]();
    widened(f, d, lanes);
  };

const extreme =
  (op: "max" | "min"): Emit =>
  (f, d) => {
    if (isFloat(d)) floats(f, d)[op]();
    else if (d === "bool") f.v128[op === "max" ? "or" : "and"]();
    else f.i32x4[`${op}_${d === "int32" ? "s" : "u"}`]();
  };

/** A mask for lanes of a dtype, from one that is as wide as the nest's lanes. */
const fitMask = (f: FunctionBuilder, d: DType, lanes: Lanes): void => {
  if (lanes === 4 || wide(d) || d === "bool") return;
  const m = f.keep(v128);
  f.get(m).get(m).i32x4.shuffle(0, 2, 0, 2);
};

const select: Emit = (f, _, d, lanes) => {
  fitMask(f, d, lanes);
  f.v128.bitselect();
};

const clamp: Emit = (f, d, to, lanes, c) => {
  const hi = f.keep(v128);
  extreme("max")(f, d, to, lanes, c);
  f.get(hi);
  extreme("min")(f, d, to, lanes, c);
};

const ones = (f: FunctionBuilder, d: DType): void => {
  if (d === "float64") f.f64x2.const(1);
  else if (d === "float32") f.f32x4.const(1);
  else f.i32x4.const(1);
};

const convert: Emit = (f, from, to, lanes) => {
  if (from === "bool") {
    // Masks become ones by a conjunction.
    fitMask(f, to, lanes);
    ones(f, to);
    f.v128.and();
  } else if (to === "bool") {
    if (isFloat(from)) (from === "float64" ? f.f64x2.const(0) : f.f32x4.const(0)) && floats(f, from).ne();
    else f.i32x4.const(0).i32x4.ne();
    widened(f, from, lanes);
  } else if (to === "float64") {
    if (from === "float32") f.f64x2.promote_low_f32x4();
    else if (from === "int32") f.f64x2.convert_low_i32x4_s();
    else f.f64x2.convert_low_i32x4_u();
  } else if (to === "float32") {
    if (from === "float64") f.f32x4.demote_f64x2_zero();
    else if (from === "int32") f.f32x4.convert_i32x4_s();
    else f.f32x4.convert_i32x4_u();
  } else if (from === "float64") f.i32x4[to === "int32" ? "trunc_sat_f64x2_s_zero" : "trunc_sat_f64x2_u_zero"]();
  else if (from === "float32") f.i32x4[to === "int32" ? "trunc_sat_f32x4_s" : "trunc_sat_f32x4_u"]();
};

/** ±1 by the sign of x, or x itself where it is zero or NaN. */
const sign: Emit = (f, d) => {
  const x = f.keep(v128);
  const t = floats(f, d);
  ones(f, d);
  f.get(x);
  if (d === "float64") f.f64x2.const(-0);
  else f.f32x4.const(-0);
  f.v128.and().v128.or().get(x);
  f.get(x);
  t.abs();
  if (d === "float64") f.f64x2.const(0);
  else f.f32x4.const(0);
  t.gt();
  f.v128.bitselect();
};

const rsqrt: Emit = (f, d) => {
  floats(f, d).sqrt();
  const root = f.keep(v128);
  ones(f, d);
  f.get(root);
  floats(f, d).div();
};

const logic =
  (op: "and" | "or" | "xor"): Emit =>
  (f) =>
    void f.v128[op]();

const only =
  (when: (d: DType) => boolean, emit: Emit) =>
  (from: DType): Emit | undefined =>
    when(from) ? emit : undefined;
const always = (emit: Emit) => () => emit;
const numeric = (d: DType): boolean => isFloat(d) || d === "int32" || d === "uint32";
const notKey = (d: DType): boolean => d !== "key";

const table: Readonly<Record<string, (from: DType) => Emit | undefined>> = {
  add: only(numeric, arithmetic("add")),
  sub: only(numeric, arithmetic("sub")),
  mul: only(numeric, arithmetic("mul")),
  div: only(isFloat, onFloat("div")),
  floor: always(onFloat("floor")),
  ceil: always(onFloat("ceil")),
  trunc: always(onFloat("trunc")),
  round: always(onFloat("nearest")),
  sqrt: always(onFloat("sqrt")),
  rsqrt: always(rsqrt),
  neg: only(numeric, (f, d) => void (isFloat(d) ? floats(f, d).neg() : f.i32x4.neg())),
  abs: only(
    (d) => isFloat(d) || d === "int32",
    (f, d) => void (isFloat(d) ? floats(f, d).abs() : f.i32x4.abs()),
  ),
  sign: only(isFloat, sign),
  max: only(notKey, extreme("max")),
  min: only(notKey, extreme("min")),
  eq: only(numeric, compare("eq")),
  ne: only(numeric, compare("ne")),
  lt: only(numeric, compare("lt")),
  le: only(numeric, compare("le")),
  gt: only(numeric, compare("gt")),
  ge: only(numeric, compare("ge")),
  and: always(logic("and")),
  or: always(logic("or")),
  xor: always(logic("xor")),
  not: always((f) => void f.v128.not()),
  select: always(select),
  clamp: only(numeric, clamp),
  convert: always(convert),
  bitcast: always(() => {}),
};

/** Shifts of lanes by one known number. */
export const laneShifts: Readonly<Record<string, "shl" | "shr_u" | "shr_s">> = {
  shiftLeft: "shl",
  shiftRightLogical: "shr_u",
  shiftRightArithmetic: "shr_s",
};

/** How to emit an op over lanes, or undefined where it must be done lane by lane. */
export const vectorOp = (name: string, from: DType, lanes: Lanes, c: VectorContext): Emit | undefined => {
  const made = table[name]?.(from);
  if (made) return made;
  const call = isFloat(from) ? c.vectorMath(name, from, lanes) : undefined;
  return call && ((f) => void f.call(call));
};

/** Fills all lanes with the scalar on the stack. */
export const emitSplat = (f: FunctionBuilder, d: DType): void => {
  if (d === "float64") f.f64x2.splat();
  else if (d === "float32") f.f32x4.splat();
  else if (d === "key") f.i64x2.splat();
  else {
    if (d === "bool") f.i32.const(-1).i32.mul();
    f.i32x4.splat();
  }
};

/** Reads one lane as a scalar. */
export const emitExtract = (f: FunctionBuilder, d: DType, lanes: Lanes, lane: number): void => {
  if (d === "float64") f.f64x2.extract_lane(lane);
  else if (d === "float32") f.f32x4.extract_lane(lane);
  else if (d === "key") f.i64x2.extract_lane(lane);
  else if (d === "bool")
    f.i32x4
      .extract_lane(lanes === 4 ? lane : 2 * lane)
      .i32.const(1)
      .i32.and();
  else f.i32x4.extract_lane(lane);
};

/** Puts the scalar on top of the stack into a lane of the vector below it. */
export const emitReplace = (f: FunctionBuilder, d: DType, lanes: Lanes, lane: number): void => {
  if (d === "float64") f.f64x2.replace_lane(lane);
  else if (d === "float32") f.f32x4.replace_lane(lane);
  else if (d === "key") f.i64x2.replace_lane(lane);
  else if (d === "bool") {
    f.i32.const(-1).i32.mul();
    if (lanes === 4) f.i32x4.replace_lane(lane);
    else f.i64.extend_i32_s().i64x2.replace_lane(lane);
  } else f.i32x4.replace_lane(lane);
};

/** Loads consecutive elements from the address on the stack. */
export const vectorLoad = (f: FunctionBuilder, d: DType, lanes: Lanes, offset: number): void => {
  if (d === "bool") {
    // Bytes 0 and 1, spread to lanes, negated to masks.
    if (lanes === 4) f.v128.load32_zero(offset, 0);
    else f.v128.load16_splat(offset, 0);
    f.i16x8.extend_low_i8x16_u().i32x4.extend_low_i16x8_u();
    if (lanes === 4) f.i32x4.neg();
    else f.i64x2.extend_low_i32x4_u().i64x2.neg();
  } else if (bytesPer[d] * lanes === 16) f.v128.load(offset, Math.log2(bytesPer[d]));
  else f.v128.load64_zero(offset, 2);
};

/** Stores the vector on the stack at the address below it. */
export const vectorStore = (f: FunctionBuilder, d: DType, lanes: Lanes, offset: number): void => {
  if (d === "bool") {
    const m = f.keep(v128);
    f.get(m);
    if (lanes === 2) f.get(m).i32x4.shuffle(0, 2, 0, 2);
    f.i32x4.const(1).v128.and();
    const b = f.keep(v128);
    f.get(b).get(b).i16x8.narrow_i32x4_u().tee(b).get(b).i8x16.narrow_i16x8_u();
    if (lanes === 4) f.v128.store32_lane(0, offset);
    else f.v128.store16_lane(0, offset);
  } else if (bytesPer[d] * lanes === 16) f.v128.store(offset, Math.log2(bytesPer[d]));
  else f.v128.store64_lane(0, offset);
};
