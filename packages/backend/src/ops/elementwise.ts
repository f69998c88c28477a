import type { Aval } from "../aval";
import { sameShape, showAval } from "../aval";
import { bytesPer, type DType } from "../dtype";
import { DTypeError, ShapeError } from "../errors";
import { coreOp } from "../op";
import { alike, arity, axis, extents, floats, integers, need, numeric, plain } from "./rules";

type None = Record<never, never>;

const unary = /* @__NO_SIDE_EFFECTS__ */ (name: string, dtypes: readonly DType[]) =>
  coreOp<None>({
    name,
    abstract: (ins) => {
      arity(name, ins, 1);
      need(name, ins[0], dtypes);
      return [ins[0]];
    },
  });

const binary = /* @__NO_SIDE_EFFECTS__ */ (name: string, dtypes: readonly DType[], out?: DType) =>
  coreOp<None>({
    name,
    abstract: (ins) => {
      arity(name, ins, 2);
      alike(name, ins);
      need(name, ins[0], dtypes);
      return [out ? { shape: ins[0].shape, dtype: out } : ins[0]];
    },
  });

// Arithmetic. Integers wrap modulo 2^32.
export const neg = unary("neg", numeric);
export const abs = unary("abs", numeric);
export const sign = unary("sign", numeric);
export const add = binary("add", numeric);
export const sub = binary("sub", numeric);
export const mul = binary("mul", numeric);
export const div = binary("div", floats);
export const floorDiv = binary("floorDiv", numeric);
export const mod = binary("mod", numeric);
export const pow = binary("pow", floats);
export const atan2 = binary("atan2", floats);
export const max = binary("max", plain);
export const min = binary("min", plain);

// Comparison. NaN compares false except for ne.
export const eq = binary("eq", plain, "bool");
export const ne = binary("ne", plain, "bool");
export const lt = binary("lt", plain, "bool");
export const le = binary("le", plain, "bool");
export const gt = binary("gt", plain, "bool");
export const ge = binary("ge", plain, "bool");

// Logic and bits: logical on bool, bitwise on integers.
const bits: readonly DType[] = [...integers, "bool"];
export const and = binary("and", bits);
export const or = binary("or", bits);
export const xor = binary("xor", bits);
export const not = unary("not", bits);
export const shiftLeft = binary("shiftLeft", integers);
export const shiftRightLogical = binary("shiftRightLogical", integers);
export const shiftRightArithmetic = binary("shiftRightArithmetic", integers);

// Rounding.
export const floor = unary("floor", floats);
export const ceil = unary("ceil", floats);
export const round = unary("round", floats);
export const trunc = unary("trunc", floats);

// Transcendental.
export const sqrt = unary("sqrt", floats);
export const rsqrt = unary("rsqrt", floats);
export const cbrt = unary("cbrt", floats);
export const exp = unary("exp", floats);
export const expm1 = unary("expm1", floats);
export const log = unary("log", floats);
export const log1p = unary("log1p", floats);
export const sin = unary("sin", floats);
export const cos = unary("cos", floats);
export const tan = unary("tan", floats);
export const asin = unary("asin", floats);
export const acos = unary("acos", floats);
export const atan = unary("atan", floats);
export const sinh = unary("sinh", floats);
export const cosh = unary("cosh", floats);
export const tanh = unary("tanh", floats);
export const asinh = unary("asinh", floats);
export const acosh = unary("acosh", floats);
export const atanh = unary("atanh", floats);
export const erf = unary("erf", floats);
export const erfc = unary("erfc", floats);

// Choice and representation.
const any: readonly DType[] = [...plain, "key"];

export const select = coreOp<None>({
  name: "select",
  abstract: (ins) => {
    arity("select", ins, 3);
    const [p, x, y] = ins as [Aval, Aval, Aval];
    need("select", p, ["bool"], "predicate");
    need("select", x, any);
    alike("select", [x, y]);
    if (p.shape.length !== 0 && !sameShape(p.shape, x.shape))
      throw new ShapeError("select", "predicate must be a scalar or have the shape of the values", {
        predicate: showAval(p),
        values: showAval(x),
      });
    return [x];
  },
});

export const clamp = coreOp<None>({
  name: "clamp",
  abstract: (ins) => {
    arity("clamp", ins, 3);
    const x = ins[1];
    need("clamp", x, numeric);
    for (const b of [ins[0], ins[2]]) {
      if (b.dtype !== x.dtype)
        throw new DTypeError("clamp", "operands must share one dtype", { operands: ins.map(showAval) });
      if (b.shape.length !== 0 && !sameShape(b.shape, x.shape))
        throw new ShapeError("clamp", "bounds must be scalars or have x's shape", { operands: ins.map(showAval) });
    }
    return [x];
  },
});

export const convert = coreOp<{ readonly dtype: DType }>({
  name: "convert",
  abstract: (ins, { dtype }) => {
    arity("convert", ins, 1);
    need("convert", ins[0], plain);
    if (dtype === "key")
      throw new DTypeError("convert", "a number is not a random key", undefined, "make one with key(seed)");
    return [{ shape: ins[0].shape, dtype }];
  },
});

export const bitcast = coreOp<{ readonly dtype: DType }>({
  name: "bitcast",
  abstract: (ins, { dtype }) => {
    arity("bitcast", ins, 1);
    const x = ins[0];
    if (x.dtype === "bool" || dtype === "bool")
      throw new DTypeError("bitcast", "bool has no bit layout", { operand: showAval(x), dtype });
    const ratio = bytesPer[x.dtype] / bytesPer[dtype];
    if (ratio === 1) return [{ shape: x.shape, dtype }];
    if (ratio === 2) return [{ shape: [...x.shape, 2], dtype }];
    if (x.shape.length === 0 || x.shape[x.shape.length - 1] !== 2)
      throw new ShapeError("bitcast", "widening needs a trailing axis of 2", { operand: showAval(x), dtype });
    return [{ shape: x.shape.slice(0, -1), dtype }];
  },
});

export const iota = coreOp<{ readonly shape: readonly number[]; readonly dtype: DType; readonly axis: number }>({
  name: "iota",
  abstract: (ins, { shape, dtype, axis: k }) => {
    arity("iota", ins, 0);
    extents("iota", shape);
    need("iota", { shape, dtype }, numeric, "result");
    axis("iota", { shape, dtype }, k);
    if (isTooLong(dtype, shape[k])) throw new DTypeError("iota", `${dtype} cannot count to ${shape[k]}`);
    return [{ shape, dtype }];
  },
});

const isTooLong = (d: DType, n: number): boolean => n > (d === "float32" ? 2 ** 24 : d === "int32" ? 2 ** 31 : 2 ** 32);

/** Ops applied element by element to operands of one shape (select and clamp also take scalars). */
export const elementwise = [
  neg,
  abs,
  sign,
  add,
  sub,
  mul,
  div,
  floorDiv,
  mod,
  pow,
  atan2,
  max,
  min,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  and,
  or,
  xor,
  not,
  shiftLeft,
  shiftRightLogical,
  shiftRightArithmetic,
  floor,
  ceil,
  round,
  trunc,
  sqrt,
  rsqrt,
  cbrt,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  erf,
  erfc,
  select,
  clamp,
  convert,
] as const;
