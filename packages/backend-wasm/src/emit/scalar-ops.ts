import { BackendError, type DType } from "@ansatz/backend";
import { type Callable, type FunctionBuilder, f32, f64, i32, i64, type ValType } from "../asm";

/** What ops may ask of the module they are emitted into. */
export interface OpContext {
  /** A function of the runtime: float → float of that dtype. */
  math(name: string, dtype: DType): Callable;
  /** threefry2x32 on (key, counter high, counter low) → key. */
  threefry(): Callable;
}

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

/** The operands are on the stack, in order; `from` is the dtype of the first, `to` of the result. */
type Emit = (f: FunctionBuilder, from: DType, to: DType, c: OpContext) => void;

/** An instruction of floats, and one of integers (or three: signed, unsigned). */
const arithmetic =
  (float: "add" | "sub" | "mul"): Emit =>
  (f, d) => {
    if (isFloat(d)) floats(f, d)[float]();
    else f.i32[float]();
  };

const compare =
  (float: "lt" | "le" | "gt" | "ge"): Emit =>
  (f, d) => {
    if (isFloat(d)) floats(f, d)[float]();
    else f.i32[`${float}_${d === "int32" ? "s" : "u"}`]();
  };

const equal =
  (op: "eq" | "ne"): Emit =>
  (f, d) => {
    if (isFloat(d)) floats(f, d)[op]();
    else f.i32[op]();
  };

const extreme =
  (op: "max" | "min"): Emit =>
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

const onFloat =
  (op: "floor" | "ceil" | "nearest" | "trunc" | "sqrt" | "div"): Emit =>
  (f, d) =>
    void floats(f, d)[op]();

const called =
  (name: string): Emit =>
  (f, d, _, c) =>
    void f.call(c.math(name, d));

/** Shifts by 32 or more, as unsigned, give 0. */
const shift =
  (op: "shl" | "shr_u"): Emit =>
  (f) => {
    const n = f.keep(i32);
    f.get(n).i32[op]().i32.const(0).get(n).i32.const(32).i32.lt_u().select();
  };

const unsignedMin = (f: FunctionBuilder, limit: number): void => {
  const n = f.keep(i32);
  f.get(n).i32.const(limit).get(n).i32.const(limit).i32.lt_u().select();
};

/** Floor division of integers: 0 by zero; the minimum by -1 wraps (it would trap). */
const floorDivInt: Emit = (f, d) => {
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

const modInt: Emit = (f, d) => {
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

const convert: Emit = (f, from, to) => {
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

const bitcast: Emit = (f, from, to) => {
  if (valType[from] === valType[to]) return;
  if (to === "float64") f.f64.reinterpret_i64();
  else if (to === "float32") f.f32.reinterpret_i32();
  else if (to === "key") f.i64.reinterpret_f64();
  else f.i32.reinterpret_f32();
};

/** min(max(x, lo), hi), with x, lo, hi on the stack. */
const clamp: Emit = (f, d, to, c) => {
  const hi = f.keep(valType[d]);
  extreme("max")(f, d, to, c);
  f.get(hi);
  extreme("min")(f, d, to, c);
};

const sign: Emit = (f, d) => {
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

const neg: Emit = (f, d) => {
  if (isFloat(d)) floats(f, d).neg();
  else f.i32.const(-1).i32.mul();
};

const abs: Emit = (f, d) => {
  if (isFloat(d)) floats(f, d).abs();
  else if (d === "int32") {
    const x = f.keep(i32);
    const s = f.get(x).i32.const(31).i32.shr_s().keep(i32);
    f.get(x).get(s).i32.xor().get(s).i32.sub();
  }
};

const not: Emit = (f, d) => void (d === "bool" ? f.i32.eqz() : f.i32.const(-1).i32.xor());

const rsqrt: Emit = (f, d) => {
  const t = floats(f, d);
  t.sqrt();
  const root = f.keep(valType[d]);
  t.const(1);
  f.get(root);
  t.div();
};

const division =
  (name: "floorDiv" | "mod", ints: Emit): Emit =>
  (f, d, to, c) =>
    (isFloat(d) ? called(name) : ints)(f, d, to, c);

const table: Readonly<Record<string, Emit>> = {
  neg,
  abs,
  sign,
  add: arithmetic("add"),
  sub: arithmetic("sub"),
  mul: arithmetic("mul"),
  div: onFloat("div"),
  floorDiv: division("floorDiv", floorDivInt),
  mod: division("mod", modInt),
  max: extreme("max"),
  min: extreme("min"),
  eq: equal("eq"),
  ne: equal("ne"),
  lt: compare("lt"),
  le: compare("le"),
  gt: compare("gt"),
  ge: compare("ge"),
  and: (f) => void f.i32.and(),
  or: (f) => void f.i32.or(),
  xor: (f) => void f.i32.xor(),
  not,
  shiftLeft: shift("shl"),
  shiftRightLogical: shift("shr_u"),
  shiftRightArithmetic: (f) => {
    unsignedMin(f, 31);
    f.i32.shr_s();
  },
  floor: onFloat("floor"),
  ceil: onFloat("ceil"),
  round: onFloat("nearest"),
  trunc: onFloat("trunc"),
  sqrt: onFloat("sqrt"),
  rsqrt,
  select: (f) => void f.select(),
  clamp,
  convert,
  bitcast,
  // The emitter's own.
  threefry: (f, _, __, c) => void f.call(c.threefry()),
  keyFirst: (f) => void f.i32.wrap_i64(),
  keySecond: (f) => void f.i64.const(32).i64.shr_u().i32.wrap_i64(),
  divUnsigned: (f) => void f.i32.div_u(),
  remUnsigned: (f) => void f.i32.rem_u(),
  belowUnsigned: (f) => void f.i32.lt_u(),
};

const transcendental = new Set(
  "pow atan2 cbrt exp expm1 log log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf erfc".split(" "),
);

/** The order in which an op wants its arguments on the stack, where it is not their own. */
export const stackOrder: Readonly<Record<string, readonly number[]>> = { select: [1, 2, 0], clamp: [1, 0, 2] };

/** Emits an op whose operands are on the stack, in `stackOrder`. */
export const emitOp = (f: FunctionBuilder, name: string, from: DType, to: DType, c: OpContext): void => {
  const emit = table[name] ?? (transcendental.has(name) ? called(name) : undefined);
  if (!emit) throw new BackendError("wasm", `no code for op ${name}`, { dtype: from });
  emit(f, from, to, c);
};

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
