import { type Aval, sizeOf } from "../aval";
import { convertNumber, type DType, isFloat } from "../dtype";
import type { HostValue } from "../op";
import * as core from "../ops/elementwise";
import { type Entry, elements, entry, fresh } from "./array";
import { erf, erfc } from "./special";

/**
 * A scalar function of stored numbers, computed in float64. Storing the result rounds it once to float32, or wraps it modulo 2^32:
 * for +, -, ·, / and √ of float32 that equals float32 arithmetic, since 53 ≥ 2·24 + 2 bits make the double rounding harmless.
 */
type Scalar = (x: number, y: number, z: number) => number;

/** f over operands of one shape; scalars repeat. */
const apply = (f: Scalar, ins: readonly HostValue[], out: Aval) => {
  const y = fresh(out);
  const [a, b = a, c = a] = ins.map(elements);
  const step = (v: Float64Array): number => (v.length === 1 ? 0 : 1);
  const [sa, sb, sc] = [step(a), step(b), step(c)];
  for (let i = 0; i < y.length; i++) y[i] = f(a[i * sa], b[i * sb], c[i * sc]);
  return [y];
};

/** One scalar function for every dtype, or one for floats and one for the exact dtypes. */
const each = (op: { readonly name: string }, float: Scalar, exact: Scalar = float): Entry => [
  op.name,
  (ins, _, outs) => apply(isFloat(ins[0].aval.dtype) ? float : exact, ins, outs[0]),
];

const pow: Scalar = (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);

/** Nearest integer, ties to even: adding 2^52 leaves no bits for a fraction. */
const round: Scalar = (x) => {
  const a = Math.abs(x);
  if (!(a < 2 ** 52)) return x;
  const r = a + 2 ** 52 - 2 ** 52;
  return x < 0 || Object.is(x, -0) ? -r : r;
};

const copySign = (magnitude: number, s: number): number => (s < 0 || Object.is(s, -0) ? -magnitude : magnitude);

/** NumPy's floor_divide and mod together (npy_divmod): the remainder is exact before its sign is settled. */
const floorDivide: Scalar = (x, y) => {
  if (y === 0) return x / y;
  const m = x % y;
  let q = (x - m) / y;
  if (m !== 0 && y < 0 !== m < 0) q -= 1;
  if (q === 0) return copySign(0, x / y);
  const f = Math.floor(q);
  return q - f > 0.5 ? f + 1 : f;
};
const modulo: Scalar = (x, y) => {
  const m = x % y;
  if (m === 0) return copySign(0, y);
  return y < 0 !== m < 0 ? m + y : m;
};
const intDivide: Scalar = (x, y) => (y === 0 ? 0 : Math.floor(x / y));
const intModulo: Scalar = (x, y) => (y === 0 ? 0 : x - y * Math.floor(x / y));

const shift =
  (f: (x: number, n: number) => number, beyond: (x: number) => number): Scalar =>
  (x, y) =>
    y >>> 0 >= 32 ? beyond(x) : f(x, y);

/** Logical on bool, bitwise on integers; on 0 and 1 the two differ only for not. */
const not = entry(core.not, (ins, _, outs) =>
  apply(ins[0].aval.dtype === "bool" ? (x) => 1 - x : (x) => ~x, ins, outs[0]),
);

const select = entry(core.select, ([p, x, y], _, [out]) => {
  const [c, a, b, r] = [elements(p), elements(x), elements(y), fresh(out)];
  const step = p.aval.shape.length === 0 ? 0 : 1;
  for (let i = 0; i < r.length; i++) r[i] = c[i * step] ? a[i] : b[i];
  return [r];
});

const convert = entry(core.convert, (ins, p, outs) => {
  const from: DType = ins[0].aval.dtype;
  return apply((x) => convertNumber(x, p.dtype, from === "bool" ? "int32" : from), ins, outs[0]);
});

const bitcast = entry(core.bitcast, ([x], _, [out]) => {
  const r = fresh(out);
  new Uint8Array(r.buffer).set(new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength));
  return [r];
});

const iota = entry(core.iota, (_, p, [out]) => {
  const r = fresh(out);
  const inner = sizeOf(p.shape.slice(p.axis + 1));
  for (let i = 0; i < r.length; i++) r[i] = Math.floor(i / inner) % p.shape[p.axis];
  return [r];
});

export const elementwise: readonly Entry[] = [
  each(core.neg, (x) => -x),
  each(core.abs, Math.abs),
  each(core.sign, Math.sign),
  each(core.add, (x, y) => x + y),
  each(core.sub, (x, y) => x - y),
  each(core.mul, (x, y) => x * y, Math.imul),
  each(core.div, (x, y) => x / y),
  each(core.floorDiv, floorDivide, intDivide),
  each(core.mod, modulo, intModulo),
  each(core.pow, pow),
  each(core.atan2, Math.atan2),
  each(core.max, (x, y) => Math.max(x, y)),
  each(core.min, (x, y) => Math.min(x, y)),
  each(core.eq, (x, y) => Number(x === y)),
  each(core.ne, (x, y) => Number(x !== y)),
  each(core.lt, (x, y) => Number(x < y)),
  each(core.le, (x, y) => Number(x <= y)),
  each(core.gt, (x, y) => Number(x > y)),
  each(core.ge, (x, y) => Number(x >= y)),
  each(core.and, (x, y) => x & y),
  each(core.or, (x, y) => x | y),
  each(core.xor, (x, y) => x ^ y),
  not,
  each(
    core.shiftLeft,
    shift(
      (x, n) => x << n,
      () => 0,
    ),
  ),
  each(
    core.shiftRightLogical,
    shift(
      (x, n) => x >>> n,
      () => 0,
    ),
  ),
  each(
    core.shiftRightArithmetic,
    shift(
      (x, n) => x >> n,
      (x) => x >> 31,
    ),
  ),
  each(core.floor, Math.floor),
  each(core.ceil, Math.ceil),
  each(core.round, round),
  each(core.trunc, Math.trunc),
  each(core.sqrt, Math.sqrt),
  each(core.rsqrt, (x) => 1 / Math.sqrt(x)),
  each(core.cbrt, Math.cbrt),
  each(core.exp, Math.exp),
  each(core.expm1, Math.expm1),
  each(core.log, Math.log),
  each(core.log1p, Math.log1p),
  each(core.sin, Math.sin),
  each(core.cos, Math.cos),
  each(core.tan, Math.tan),
  each(core.asin, Math.asin),
  each(core.acos, Math.acos),
  each(core.atan, Math.atan),
  each(core.sinh, Math.sinh),
  each(core.cosh, Math.cosh),
  each(core.tanh, Math.tanh),
  each(core.asinh, Math.asinh),
  each(core.acosh, Math.acosh),
  each(core.atanh, Math.atanh),
  each(core.erf, erf),
  each(core.erfc, erfc),
  select,
  each(core.clamp, (lo, x, hi) => Math.min(Math.max(x, lo), hi)),
  convert,
  bitcast,
  iota,
];
