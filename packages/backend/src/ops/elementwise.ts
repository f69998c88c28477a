import type { Aval } from "../aval";
import { sameShape, showAval } from "../aval";
import { bytesPer, type DType } from "../dtype";
import { DTypeError, ShapeError } from "../errors";
import { coreOp } from "../op";
import { alike, arity, axis, extents, floats, integers, need, numeric, plain } from "./rules";

type None = Record<never, never>;

const unary = /* @__NO_SIDE_EFFECTS__ */ (name: string, dtypes: readonly DType[], doc: string) =>
  coreOp<None>({
    name,
    doc,
    abstract: (ins) => {
      arity(name, ins, 1);
      need(name, ins[0], dtypes);
      return [ins[0]];
    },
  });

const binary = /* @__NO_SIDE_EFFECTS__ */ (name: string, dtypes: readonly DType[], doc: string, out?: DType) =>
  coreOp<None>({
    name,
    doc,
    abstract: (ins) => {
      arity(name, ins, 2);
      alike(name, ins);
      need(name, ins[0], dtypes);
      return [out ? { shape: ins[0].shape, dtype: out } : ins[0]];
    },
  });

// Arithmetic. Integers wrap modulo 2^32.
export const neg = unary("neg", numeric, "-x; integers wrap");
export const abs = unary("abs", numeric, "|x|; int32 minimum stays itself (wraps)");
export const sign = unary("sign", numeric, "-1, 0 or 1; keeps NaN and -0");
export const add = binary("add", numeric, "x + y");
export const sub = binary("sub", numeric, "x - y");
export const mul = binary("mul", numeric, "x · y");
export const div = binary("div", floats, "x / y");
export const floorDiv = binary(
  "floorDiv",
  numeric,
  "floor(x / y); integers divided by 0 give 0, minimum / -1 wraps to the minimum; floats as NumPy's floor_divide",
);
export const mod = binary(
  "mod",
  numeric,
  "x - y·floorDiv(x, y), with the sign of y; integers modulo 0 give 0; floats as NumPy's mod",
);
export const pow = binary("pow", floats, "x^y with C99's special cases: pow(x, 0) = pow(1, y) = 1");
export const atan2 = binary("atan2", floats, "angle of (y, x) in (-π, π]; operands y then x");
export const max = binary("max", plain, "the larger; NaN if either is NaN (NumPy's maximum); +0 above -0");
export const min = binary("min", plain, "the smaller; NaN if either is NaN; -0 below +0");

// Comparison. NaN compares false except for ne.
export const eq = binary("eq", plain, "x = y", "bool");
export const ne = binary("ne", plain, "x ≠ y", "bool");
export const lt = binary("lt", plain, "x < y", "bool");
export const le = binary("le", plain, "x ≤ y", "bool");
export const gt = binary("gt", plain, "x > y", "bool");
export const ge = binary("ge", plain, "x ≥ y", "bool");

// Logic and bits: logical on bool, bitwise on integers.
const bits: readonly DType[] = [...integers, "bool"];
export const and = binary("and", bits, "logical on bool, bitwise on integers");
export const or = binary("or", bits, "logical on bool, bitwise on integers");
export const xor = binary("xor", bits, "logical on bool, bitwise on integers");
export const not = unary("not", bits, "logical on bool, bitwise on integers");
export const shiftLeft = binary("shiftLeft", integers, "x·2^y modulo 2^32; shifts of 32 or more (as unsigned) give 0");
export const shiftRightLogical = binary("shiftRightLogical", integers, "zeros enter from the left; shifts ≥ 32 give 0");
export const shiftRightArithmetic = binary(
  "shiftRightArithmetic",
  integers,
  "the sign bit (bit 31, for uint32 too) enters from the left; shifts ≥ 32 act as 31",
);

// Rounding.
export const floor = unary("floor", floats, "largest integer ≤ x");
export const ceil = unary("ceil", floats, "smallest integer ≥ x");
export const round = unary("round", floats, "nearest integer, ties to even");
export const trunc = unary("trunc", floats, "toward zero");

// Transcendental.
export const sqrt = unary("sqrt", floats, "√x; NaN below 0, -0 at -0; correctly rounded");
export const rsqrt = unary("rsqrt", floats, "1/√x");
export const cbrt = unary("cbrt", floats, "cube root, odd");
export const exp = unary("exp", floats, "e^x");
export const expm1 = unary("expm1", floats, "e^x - 1, accurate near 0");
export const log = unary("log", floats, "natural logarithm; -∞ at 0, NaN below");
export const log1p = unary("log1p", floats, "log(1 + x), accurate near 0");
export const sin = unary("sin", floats, "sine of an angle in radians");
export const cos = unary("cos", floats, "cosine of an angle in radians");
export const tan = unary("tan", floats, "tangent of an angle in radians");
export const asin = unary("asin", floats, "in [-π/2, π/2]");
export const acos = unary("acos", floats, "in [0, π]");
export const atan = unary("atan", floats, "in [-π/2, π/2]");
export const sinh = unary("sinh", floats, "hyperbolic sine");
export const cosh = unary("cosh", floats, "hyperbolic cosine");
export const tanh = unary("tanh", floats, "hyperbolic tangent");
export const asinh = unary("asinh", floats, "inverse hyperbolic sine");
export const acosh = unary("acosh", floats, "inverse hyperbolic cosine; NaN below 1");
export const atanh = unary("atanh", floats, "inverse hyperbolic tangent; ±∞ at ±1");
export const erf = unary("erf", floats, "2/√π ∫₀ˣ e^(-t²) dt");
export const erfc = unary("erfc", floats, "1 - erf(x), accurate in the right tail");

// Choice and representation.
const any: readonly DType[] = [...plain, "key"];

export const select = coreOp<None>({
  name: "select",
  doc: "select(p, x, y): x where p, else y; p is bool of the same shape, or a scalar",
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
  doc: "clamp(lo, x, hi) = min(max(x, lo), hi); lo and hi of x's shape, or scalars; NaN stays NaN",
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
  doc: "to another dtype: float→int truncates and saturates, NaN→0; to bool is x ≠ 0 (NaN is true); int→int keeps the bits; never to or from key",
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
  doc: "the same bytes as another dtype; from 8-byte to 4-byte elements adds a trailing axis of 2 (low word first), back removes it; never bool",
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
  doc: "the index along one axis; no operands",
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
