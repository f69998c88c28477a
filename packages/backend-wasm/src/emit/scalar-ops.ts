import type { DType } from "@ansatz/backend";
import { type FunctionBuilder, f32, f64, i32, i64, type ValType } from "../asm";
import { type Formula, mathFunction } from "../runtime";
import type { EmitScalar, OpContext, ScalarOp } from "./scalar-op";

/** In registers: bools and both integers are i32, keys i64. */
export const valType: Readonly<Record<DType, ValType>> = {
  float64: f64,
  float32: f32,
  int32: i32,
  uint32: i32,
  bool: i32,
  key: i64,
};

type FloatOps = FunctionBuilder["f64"] & FunctionBuilder["f32"];
const floats = (f: FunctionBuilder, d: DType): FloatOps => (d === "float64" ? f.f64 : f.f32) as FloatOps;
const isFloat = (d: DType): boolean => d === "float64" || d === "float32";

/** Pushes a number of a dtype. */
export const pushConstant = (f: FunctionBuilder, dtype: DType, value: number): void => {
  if (dtype === "float64") f.f64.const(value);
  else if (dtype === "float32") f.f32.const(value);
  else if (dtype === "key") f.i64.const(BigInt(value));
  else f.i32.const(value | 0);
};

/** An instruction of floats, and one of integers (or three: signed, unsigned). */
export const arithmetic =
  /* @__NO_SIDE_EFFECTS__ */
    (float: "add" | "sub" | "mul"): EmitScalar =>
    (f, d) => {
      if (isFloat(d)) floats(f, d)[float]();
      else f.i32[float]();
    };

export const compare =
  /* @__NO_SIDE_EFFECTS__ */
    (float: "lt" | "le" | "gt" | "ge"): EmitScalar =>
    (f, d) => {
      if (isFloat(d)) floats(f, d)[float]();
      else f.i32[`${float}_${d === "int32" ? "s" : "u"}`]();
    };

export const equal =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "eq" | "ne"): EmitScalar =>
    (f, d) => {
      if (isFloat(d)) floats(f, d)[op]();
      else f.i32[op]();
    };

export const extreme =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "max" | "min"): EmitScalar =>
    (f, d) => {
      if (isFloat(d)) {
        floats(f, d)[op]();
        return;
      }
      const y = f.keep(i32);
      const x = f.keep(i32);
      f.get(x).get(y).get(x).get(y);
      compare(op === "max" ? "gt" : "lt")(f, d, d, undefined as never);
      f.select();
    };

export const onFloat =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "floor" | "ceil" | "nearest" | "trunc" | "sqrt" | "div"): EmitScalar =>
    (f, d) =>
      void floats(f, d)[op]();

/** A formula of the runtime. */
export const called =
  /* @__NO_SIDE_EFFECTS__ */
    (of: Formula): EmitScalar =>
    (f, d, _, c) =>
      void f.call(c.runtime(mathFunction(of, d === "float64" ? "f64" : "f32")));

/** Shifts by 32 or more, as unsigned, give 0. */
export const shift =
  /* @__NO_SIDE_EFFECTS__ */
    (op: "shl" | "shr_u"): EmitScalar =>
    (f) => {
      const n = f.keep(i32);
      f.get(n).i32[op]().i32.const(0).get(n).i32.const(32).i32.lt_u().select();
    };

export const unsignedMin = (f: FunctionBuilder, limit: number): void => {
  const n = f.keep(i32);
  f.get(n).i32.const(limit).get(n).i32.const(limit).i32.lt_u().select();
};

/** Floor division of integers: 0 by zero; the minimum by -1 wraps (it would trap). */
export const floorDivInt: EmitScalar = (f, d) => {
  const y = f.keep(i32);
  const x = f.keep(i32);
  f.get(y)
    .i32.eqz()
    .if(
      () => void f.i32.const(0),
      () => {
        if (d === "uint32") {
          f.get(x).get(y).i32.div_u();
          return;
        }
        f.get(y)
          .i32.const(-1)
          .i32.eq()
          .if(
            () => void f.i32.const(0).get(x).i32.sub(),
            () => {
              // One less where the remainder is not zero and the signs differ.
              f.get(x).get(y).i32.div_s();
              f.get(x).get(y).i32.rem_s().i32.const(0).i32.ne();
              f.get(x).get(y).i32.xor().i32.const(0).i32.lt_s().i32.and().i32.sub();
            },
            i32,
          );
      },
      i32,
    );
};

export const modInt: EmitScalar = (f, d) => {
  const y = f.keep(i32);
  const x = f.keep(i32);
  f.get(y)
    .i32.eqz()
    .if(
      () => void f.i32.const(0),
      () => {
        if (d === "uint32") {
          f.get(x).get(y).i32.rem_u();
          return;
        }
        const r = f.get(x).get(y).i32.rem_s().keep(i32);
        // The remainder takes the sign of y.
        f.get(r).get(y).i32.const(0);
        f.get(r).i32.const(0).i32.ne().get(r).get(y).i32.xor().i32.const(0).i32.lt_s().i32.and();
        f.select().i32.add();
      },
      i32,
    );
};

export const convert: EmitScalar = (f, from, to) => {
  if (to === "bool") {
    pushConstant(f, from, 0);
    equal("ne")(f, from, to, undefined as never);
  } else if (to === "float64" || to === "float32") {
    if (from === "float32") f.f64.promote_f32();
    else if (from === "float64") f.f32.demote_f64();
    else if (from === "int32") floats(f, to).convert_i32_s();
    else floats(f, to).convert_i32_u();
  } else if (isFloat(from)) {
    const sign = to === "int32" ? "s" : "u";
    f.i32[`trunc_sat_${from === "float64" ? "f64" : "f32"}_${sign}`]();
  }
};

export const bitcast: EmitScalar = (f, from, to) => {
  if (valType[from] === valType[to]) return;
  if (to === "float64") f.f64.reinterpret_i64();
  else if (to === "float32") f.f32.reinterpret_i32();
  else if (to === "key") f.i64.reinterpret_f64();
  else f.i32.reinterpret_f32();
};

/** min(max(x, lo), hi), with x, lo, hi on the stack. */
export const clamp: EmitScalar = (f, d, to, c) => {
  const hi = f.keep(valType[d]);
  extreme("max")(f, d, to, c);
  f.get(hi);
  extreme("min")(f, d, to, c);
};

export const sign: EmitScalar = (f, d) => {
  const x = f.keep(valType[d]);
  if (d === "int32") f.get(x).i32.const(31).i32.shr_s().get(x).i32.const(0).i32.gt_s().i32.or();
  else if (d === "uint32") f.get(x).i32.const(0).i32.ne();
  else {
    // ±1 by the sign of x, or x itself where it is zero or NaN.
    const t = floats(f, d);
    t.const(1);
    f.get(x);
    t.copysign();
    f.get(x).get(x);
    t.abs();
    t.const(0);
    t.gt();
    f.select();
  }
};

export const neg: EmitScalar = (f, d) => {
  if (isFloat(d)) floats(f, d).neg();
  else f.i32.const(-1).i32.mul();
};

export const abs: EmitScalar = (f, d) => {
  if (isFloat(d)) floats(f, d).abs();
  else if (d === "int32") {
    const x = f.keep(i32);
    const s = f.get(x).i32.const(31).i32.shr_s().keep(i32);
    f.get(x).get(s).i32.xor().get(s).i32.sub();
  }
};

export const not: EmitScalar = (f, d) => void (d === "bool" ? f.i32.eqz() : f.i32.const(-1).i32.xor());

export const rsqrt: EmitScalar = (f, d) => {
  const t = floats(f, d);
  t.sqrt();
  const root = f.keep(valType[d]);
  t.const(1);
  f.get(root);
  t.div();
};

/** Integers have code of their own. */
export const division =
  /* @__NO_SIDE_EFFECTS__ */
    (of: Formula, ints: EmitScalar): EmitScalar =>
    (f, d, to, c) =>
      (isFloat(d) ? called(of) : ints)(f, d, to, c);

/** Emits an op whose operands are on the stack, in the op's `order`. */
export const emitOp = (f: FunctionBuilder, op: ScalarOp, from: DType, to: DType, c: OpContext): void =>
  op.emit(f, from, to, c);

export const pushLoad = (f: FunctionBuilder, dtype: DType, offset = 0): void => {
  switch (dtype) {
    case "float64":
      f.f64.load(offset);
      break;
    case "float32":
      f.f32.load(offset);
      break;
    case "bool":
      f.i32.load8_u(offset);
      break;
    case "key":
      f.i64.load(offset);
      break;
    default:
      f.i32.load(offset);
  }
};

export const emitStore = (f: FunctionBuilder, dtype: DType, offset = 0): void => {
  switch (dtype) {
    case "float64":
      f.f64.store(offset);
      break;
    case "float32":
      f.f32.store(offset);
      break;
    case "bool":
      f.i32.store8(offset);
      break;
    case "key":
      f.i64.store(offset);
      break;
    default:
      f.i32.store(offset);
  }
};
