import { bytesPer, type DType } from "@ansatz/backend";
import { type FunctionBuilder, v128 } from "../asm";
import { type Formula, mathFunction } from "../runtime";
import type { EmitLanes, Lanes } from "./scalar-op";

const wide = (d: DType): boolean => bytesPer[d] === 8;
type FloatLanes = FunctionBuilder["f64x2"] & FunctionBuilder["f32x4"];
const floats = (f: FunctionBuilder, d: DType): FloatLanes => (d === "float64" ? f.f64x2 : f.f32x4) as FloatLanes;
export const isFloat = (d: DType): boolean => d === "float64" || d === "float32";

export const arithmetic =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "add" | "sub" | "mul"): EmitLanes =>
    (f, d) => {
      if (isFloat(d)) floats(f, d)[op]();
      else f.i32x4[op]();
    };

export const onFloat =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "div" | "floor" | "ceil" | "trunc" | "nearest" | "sqrt"): EmitLanes =>
    (f, d) =>
      void floats(f, d)[op]();

/** A comparison of 4-byte lanes gives a mask of 4-byte lanes; where lanes are 8 bytes apart it is widened. */
const widened = (f: FunctionBuilder, d: DType, lanes: Lanes): void => {
  if (lanes === 2 && !wide(d)) f.i64x2.extend_low_i32x4_s();
};

export const compare =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "eq" | "ne" | "lt" | "le" | "gt" | "ge"): EmitLanes =>
    (f, d, _, lanes) => {
      if (isFloat(d)) floats(f, d)[op]();
      else if (op === "eq" || op === "ne") f.i32x4[op]();
      else f.i32x4[`${op}_${d === "int32" ? "s" : "u"}`]();
      widened(f, d, lanes);
    };

export const extreme =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "max" | "min"): EmitLanes =>
    (f, d) => {
      if (isFloat(d)) floats(f, d)[op]();
      else if (d === "bool") f.v128[op === "max" ? "or" : "and"]();
      else f.i32x4[`${op}_${d === "int32" ? "s" : "u"}`]();
    };

export const pseudo =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "pmax" | "pmin"): EmitLanes =>
    (f, d) =>
      void floats(f, d)[op]();

export const atLeastZero: EmitLanes = (f, d) => {
  floats(f, d).pmax();
  if (d === "float64") f.f64x2.const(0);
  else f.f32x4.const(0);
  floats(f, d).add();
};

/** A mask for lanes of a dtype, from one that is as wide as the nest's lanes. */
const fitMask = (f: FunctionBuilder, d: DType, lanes: Lanes): void => {
  if (lanes === 4 || wide(d) || d === "bool") return;
  const m = f.keep(v128);
  f.get(m).get(m).i32x4.shuffle(0, 2, 0, 2);
};

export const select: EmitLanes = (f, _, d, lanes) => {
  fitMask(f, d, lanes);
  f.v128.bitselect();
};

export const clamp: EmitLanes = (f, d, to, lanes, c) => {
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

export const convert: EmitLanes = (f, from, to, lanes) => {
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
export const sign: EmitLanes = (f, d) => {
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

export const rsqrt: EmitLanes = (f, d) => {
  floats(f, d).sqrt();
  const root = f.keep(v128);
  ones(f, d);
  f.get(root);
  floats(f, d).div();
};

export const logic =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "and" | "or" | "xor"): EmitLanes =>
    (f) =>
      void f.v128[op]();

export const only =
  /* @__NO_SIDE_EFFECTS__ */
    (when: (d: DType) => boolean, emit: EmitLanes) =>
    (from: DType): EmitLanes | undefined =>
      when(from) ? emit : undefined;
export const always = /* @__NO_SIDE_EFFECTS__ */ (emit: EmitLanes) => () => emit;
export const numeric = (d: DType): boolean => isFloat(d) || d === "int32" || d === "uint32";
export const notKey = (d: DType): boolean => d !== "key";

/** A formula of the runtime, called. */
export const called =
  /* @__NO_SIDE_EFFECTS__ */
    (of: Formula) =>
    (d: DType): EmitLanes | undefined =>
      isFloat(d)
        ? (f, _, __, ___, c) => void f.call(c.runtime(mathFunction(of, d === "float64" ? "f64x2" : "f32x4")))
        : undefined;

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

export const negate: EmitLanes = (f, d) => void (isFloat(d) ? floats(f, d).neg() : f.i32x4.neg());
export const absolute: EmitLanes = (f, d) => void (isFloat(d) ? floats(f, d).abs() : f.i32x4.abs());
