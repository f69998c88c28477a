import type { DType } from "@ansatz/backend";
import type { Engine } from "../engine";
import type { Tensor, Tf } from "../tf";
import { type Call, composed, type Kernel, native, type Table } from "./kernel";
import { webglElementwise } from "./webgl";

type F1 = (tf: Tf, x: Tensor) => Tensor;
type F2 = (tf: Tf, x: Tensor, y: Tensor) => Tensor;

const one = (form: Kernel["form"], f: F1, engineKernel?: string): Kernel => ({
  form,
  accepts: (_, __, engine) => !engineKernel || engine.has(engineKernel),
  run: ({ tf, ins }) => f(tf, ins[0]),
});
const two = (form: Kernel["form"], f: F2, engineKernel?: string): Kernel => ({
  form,
  accepts: (_, __, engine) => !engineKernel || engine.has(engineKernel),
  run: ({ tf, ins }) => f(tf, ins[0], ins[1]),
});

/** x·0 carries the sign of x, and NaN where x is not finite; only zeros are taken from it. */
const zeroLike = (tf: Tf, x: Tensor): Tensor => tf.mul(x, tf.scalar(0));

/** Rounds to even, and keeps the sign of zero: tfjs-cpu rounds -0.5 to +0. */
const round: F1 = (tf, x) => {
  const r = tf.round(x);
  return tf.where(tf.equal(r, tf.scalar(0)), zeroLike(tf, x), r);
};
const trunc: F1 = (tf, x) => tf.where(tf.less(x, tf.scalar(0)), tf.ceil(x), tf.floor(x));

/** tf.sign loses NaN and -0; where neither x > 0 nor x < 0, x is its own sign. */
const sign: F1 = (tf, x) =>
  tf.where(tf.greater(x, tf.scalar(0)), tf.onesLike(x), tf.where(tf.less(x, tf.scalar(0)), tf.fill(x.shape, -1), x));

const nan = (tf: Tf, x: Tensor): Tensor => tf.notEqual(x, x);

/** The larger, NaN if either is NaN. At equal operands x + y and min give the right zero: (+0) + (-0) is +0, as is max. */
export const maximum: F2 = (tf, x, y) => {
  const both = tf.where(tf.greater(x, y), x, tf.where(tf.less(x, y), y, tf.where(zeros(tf, x, y), tf.add(x, y), x)));
  return tf.where(tf.logicalOr(nan(tf, x), nan(tf, y)), tf.add(x, y), both);
};
export const minimum: F2 = (tf, x, y) => tf.neg(maximum(tf, tf.neg(x), tf.neg(y)));
const zeros = (tf: Tf, x: Tensor, y: Tensor): Tensor =>
  tf.logicalAnd(tf.equal(x, tf.scalar(0)), tf.equal(y, tf.scalar(0)));

/** C99: pow(1, y) = pow(x, 0) = 1 whatever the other, and pow(-1, ±∞) = 1. */
const pow: F2 = (tf, x, y) => {
  const infinite = tf.equal(tf.abs(y), tf.scalar(Number.POSITIVE_INFINITY));
  const unit = tf.logicalOr(
    tf.logicalOr(tf.equal(x, tf.scalar(1)), tf.equal(y, tf.scalar(0))),
    tf.logicalAnd(infinite, tf.equal(x, tf.scalar(-1))),
  );
  return tf.where(unit, tf.onesLike(x), tf.pow(x, y));
};

/** Comparison ops of tfjs take numbers; of bools they are those of 0 and 1. */
const compare =
  (f: F2): F2 =>
  (tf, x, y) =>
    x.dtype === "bool" ? f(tf, tf.cast(x, "int32"), tf.cast(y, "int32")) : f(tf, x, y);

const isBool = (call: Call): boolean => call.avals[0].dtype === "bool";

/** Operands that may be scalars beside tensors are stretched by hand: not every engine's Select broadcasts. */
const like = (tf: Tf, x: Tensor, shape: number[]): Tensor =>
  x.shape.length === shape.length
    ? x
    : tf.tile(
        tf.reshape(
          x,
          shape.map(() => 1),
        ),
        shape,
      );

/** Select of tfjs-wasm writes four bytes an element, also where a bool has one: of bools it is logic. */
const select = native(({ tf, ins: [p, x, y], avals }) => {
  const q = like(tf, p, x.shape);
  if (avals[1].dtype !== "bool") return tf.where(q, x, y);
  return tf.logicalOr(tf.logicalAnd(q, x), tf.logicalAnd(tf.logicalNot(q), y));
});

const convert = native<{ dtype: DType }>(({ tf, ins: [x], avals, params }) =>
  params.dtype === avals[0].dtype
    ? tf.clone(x)
    : params.dtype === "bool"
      ? tf.notEqual(x, tf.scalar(0))
      : tf.cast(x, "float32"),
);

const floatOnly = { accepts: (avals: Call["avals"]) => avals.every((a) => a.dtype === "float32") };
const boolOnly = { accepts: (avals: Call["avals"]) => avals.every((a) => a.dtype === "bool") };

/** What is right on every engine that conformance has met, and made right where that costs a few ops. */
const common: Table = {
  neg: one("native", (tf, x) => tf.neg(x)),
  abs: one("native", (tf, x) => tf.abs(x)),
  sign: one("composed", sign),
  add: two("native", (tf, x, y) => tf.add(x, y)),
  sub: two("native", (tf, x, y) => tf.sub(x, y)),
  mul: two("native", (tf, x, y) => tf.mul(x, y)),
  div: two("native", (tf, x, y) => tf.div(x, y)),
  pow: two("composed", pow),
  atan2: two("native", (tf, x, y) => tf.atan2(x, y)),
  max: composed((c) => (isBool(c) ? c.tf.logicalOr(c.ins[0], c.ins[1]) : maximum(c.tf, c.ins[0], c.ins[1]))),
  min: composed((c) => (isBool(c) ? c.tf.logicalAnd(c.ins[0], c.ins[1]) : minimum(c.tf, c.ins[0], c.ins[1]))),
  eq: two(
    "native",
    compare((tf, x, y) => tf.equal(x, y)),
  ),
  ne: two(
    "native",
    compare((tf, x, y) => tf.notEqual(x, y)),
  ),
  lt: two(
    "native",
    compare((tf, x, y) => tf.less(x, y)),
  ),
  le: two(
    "native",
    compare((tf, x, y) => tf.lessEqual(x, y)),
  ),
  gt: two(
    "native",
    compare((tf, x, y) => tf.greater(x, y)),
  ),
  ge: two(
    "native",
    compare((tf, x, y) => tf.greaterEqual(x, y)),
  ),
  and: native(({ tf, ins: [x, y] }) => tf.logicalAnd(x, y), boolOnly),
  or: native(({ tf, ins: [x, y] }) => tf.logicalOr(x, y), boolOnly),
  xor: composed(({ tf, ins: [x, y] }) => tf.notEqual(tf.cast(x, "int32"), tf.cast(y, "int32")), boolOnly),
  not: native(({ tf, ins: [x] }) => tf.logicalNot(x), boolOnly),
  floor: one("native", (tf, x) => tf.floor(x)),
  ceil: one("native", (tf, x) => tf.ceil(x)),
  round: one("composed", round),
  trunc: one("composed", trunc),
  sqrt: one("native", (tf, x) => tf.sqrt(x)),
  rsqrt: one("composed", (tf, x) => tf.div(tf.onesLike(x), tf.sqrt(x))),
  exp: one("native", (tf, x) => tf.exp(x)),
  expm1: one("native", (tf, x) => tf.expm1(x)),
  log: one("native", (tf, x) => tf.log(x)),
  log1p: one("native", (tf, x) => tf.log1p(x)),
  sin: one("native", (tf, x) => tf.sin(x)),
  cos: one("native", (tf, x) => tf.cos(x)),
  tan: one("native", (tf, x) => tf.tan(x)),
  asin: one("native", (tf, x) => tf.asin(x)),
  acos: one("native", (tf, x) => tf.acos(x)),
  atan: one("native", (tf, x) => tf.atan(x)),
  sinh: one("native", (tf, x) => tf.sinh(x)),
  cosh: one("native", (tf, x) => tf.cosh(x)),
  tanh: one("native", (tf, x) => tf.tanh(x)),
  asinh: one("native", (tf, x) => tf.asinh(x)),
  acosh: one("native", (tf, x) => tf.acosh(x)),
  atanh: one("native", (tf, x) => tf.atanh(x)),
  select,
  clamp: composed(({ tf, ins: [lo, x, hi] }) => {
    const [a, b] = [like(tf, lo, x.shape), like(tf, hi, x.shape)];
    return minimum(tf, maximum(tf, x, a), b);
  }, floatOnly),
  convert,
};

/** Ops whose own form an engine has right, so that the correction is not paid for. */
const trusted: { readonly [engine: string]: Table } = {
  cpu: {
    max: native((c) => (isBool(c) ? c.tf.logicalOr(c.ins[0], c.ins[1]) : c.tf.maximum(c.ins[0], c.ins[1]))),
    min: native((c) => (isBool(c) ? c.tf.logicalAnd(c.ins[0], c.ins[1]) : c.tf.minimum(c.ins[0], c.ins[1]))),
    rsqrt: one("native", (tf, x) => tf.rsqrt(x)),
  },
};

/** Ops an engine's own kernel is too inexact for (tfjs-wasm: 1e-7 of 1, wrong beyond 1e5); they run on the host. */
const refused: { readonly [engine: string]: readonly string[] } = {
  wasm: ["log1p", "sin", "cos"],
};

/** TensorFlow's Erf is accurate; that of tfjs is the 1.5e-7 of Abramowitz & Stegun 7.1.26 and is left to the host. */
const added: { readonly [engine: string]: Table } = {
  tensorflow: {
    erf: one("native", (tf, x) => tf.erf(x)),
    erfc: {
      form: "native",
      accepts: (_, __, engine) => engine.native !== undefined,
      run: ({ engine, ins }) => engine.native!({ tensorflow: "Erfc" }, ins)[0],
    },
  },
};

export const elementwise = (engine: Engine): Table => {
  const all = { ...common, ...trusted[engine.name], ...added[engine.name] };
  if (engine.name === "webgl") return webglElementwise(all, engine);
  return Object.fromEntries(Object.entries(all).filter(([op]) => !refused[engine.name]?.includes(op)));
};
