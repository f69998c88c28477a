import * as T from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { checkGrads, grad } from ".";

/**
 * Every differentiable function of @ansatz/tensor: both modes against central differences to second order, and one member of a batch against the
 * batch. Float64 throughout.
 */
type F = (x: T.Tensor) => T.Tensor;
interface Row {
  readonly name: string;
  readonly f: F;
  readonly shape?: readonly number[];
  readonly low?: number;
  readonly high?: number;
}
const on = (name: string, f: F, low = -1, high = 1, shape: readonly number[] = [5]): Row => ({
  name,
  f,
  low,
  high,
  shape,
});
const A = T.normal(T.key(100), [3, 4], { dtype: "float64" });
const S = T.normal(T.key(102), [3, 3], { dtype: "float64" });
const image = T.normal(T.key(103), [2, 3, 5, 5], { dtype: "float64" });
const kernel = T.normal(T.key(104), [4, 3, 3, 3], { dtype: "float64" });
const indices = T.tensor(new Int32Array([2, 0, 0, -1]));

const rows: Row[] = [
  on("abs", T.abs),
  on("square", T.square),
  on("reciprocal", T.reciprocal, 0.5, 2),
  on("pow by a number", (x) => T.pow(x, 2.5), 0.5, 2),
  on("pow by an integer", (x) => T.pow(x, 3)),
  on("pow by a negative integer", (x) => T.pow(x, -2), 0.5, 2),
  on("pow of a number", (x) => T.pow(1.7, x)),
  on("div", (x) => T.div(x, T.add(T.square(x), 1))),
  on("mod", (x) => T.mod(T.mul(x, 3), 0.7)),
  on("atan2", (x) => T.atan2(x, T.add(x, 2))),
  on("hypot", (x) => T.hypot(x, T.add(x, 2))),
  on("maximum", (x) => T.maximum(x, T.flip(x))),
  on("clip", (x) => T.clip(x, -0.4, 0.3)),
  on("where", (x) => T.where(T.greater(x, 0), T.exp(x), T.sin(x))),
  on("sqrt", T.sqrt, 0.3, 2),
  on("rsqrt", T.rsqrt, 0.3, 2),
  on("cbrt", T.cbrt, 0.3, 2),
  on("log2", T.log2, 0.3, 2),
  on("exp2", T.exp2),
  on("tan", T.tan),
  on("asin", T.asin, -0.8, 0.8),
  on("acosh", T.acosh, 1.3, 3),
  on("atanh", T.atanh, -0.8, 0.8),
  on("erf", T.erf),
  on("erfc", T.erfc),
  on("sum of an axis", (x) => T.sum(x, 1), -1, 1, [3, 4]),
  on("prod", (x) => T.prod(x, 0), -1, 1, [3, 4]),
  on("max", (x) => T.max(x, 1), -1, 1, [3, 4]),
  on("min", (x) => T.min(x), -1, 1, [3, 4]),
  on("mean", (x) => T.mean(x, 0, { keepDims: true }), -1, 1, [3, 4]),
  on("variance", (x) => T.variance(x, 1, { ddof: 1 }), -1, 1, [3, 4]),
  on("std", (x) => T.std(x), -1, 1, [3, 4]),
  on("norm", (x) => T.norm(x, 1), -1, 1, [3, 4]),
  on("ptp", (x) => T.ptp(x)),
  on("nanmean", (x) => T.nanmean(x)),
  on("logsumexp", (x) => T.logsumexp(x, 1), -1, 1, [3, 4]),
  on("softmax", (x) => T.softmax(x), -1, 1, [3, 4]),
  on("logSoftmax", (x) => T.logSoftmax(x, 0), -1, 1, [3, 4]),
  on("logaddexp", (x) => T.logaddexp(x, T.flip(x))),
  on("cumsum", (x) => T.cumsum(x, 0), -1, 1, [3, 4]),
  on("cumsum from the end", (x) => T.cumsum(x, 1, { reverse: true }), -1, 1, [3, 4]),
  on("cumprod", (x) => T.cumprod(x, 1), -1, 1, [3, 4]),
  on("cummax", (x) => T.cummax(x, 1), -1, 1, [3, 4]),
  on("diff", (x) => T.diff(x, { n: 2 })),
  on("sort", (x) => T.sort(x, { axis: 0 }), -1, 1, [4, 3]),
  on("sort descending", (x) => T.sort(x, { descending: true })),
  on("topK", (x) => T.topK(x, 2).values, -1, 1, [3, 4]),
  on("quantile", (x) => T.quantile(x, [0.2, 0.7], 1), -1, 1, [3, 4]),
  on("median", (x) => T.median(x, 0), -1, 1, [3, 4]),
  on("reshape and transpose", (x) => T.transpose(T.reshape(x, [2, 6])), -1, 1, [3, 4]),
  on("broadcastTo", (x) => T.broadcastTo(x, [3, 2, 4]), -1, 1, [2, 1]),
  on("roll", (x) => T.roll(x, 2)),
  on("tile", (x) => T.tile(x, [2, 2]), -1, 1, [2, 3]),
  on("repeat", (x) => T.repeat(x, 3, 0), -1, 1, [2, 3]),
  on("pad by reflection", (x) => T.pad(x, 2, { mode: "reflect" }), -1, 1, [3, 4]),
  on("pad by edges", (x) => T.pad(x, [1, 2], { mode: "edge" }), -1, 1, [3, 4]),
  on("concatenate", (x) => T.concatenate([x, T.square(x)])),
  on("stack", (x) => T.stack([x, T.sin(x)], -1)),
  on("tril", (x) => T.tril(x), -1, 1, [3, 3]),
  on("diag of a vector", (x) => T.diag(x, 1)),
  on("diagonal", (x) => T.diagonal(x), -1, 1, [3, 4]),
  on("index", (x) => T.index(x, "::-1", 1), -1, 1, [3, 4]),
  on("index with arrays", (x) => T.index(x, [0, 2, 0], [1, 1, 3]), -1, 1, [3, 4]),
  on("take", (x) => T.take(x, indices, 0), -1, 1, [3, 4]),
  on("takeAlongAxis", (x) => T.takeAlongAxis(x, T.argsort(A), 1), -1, 1, [3, 4]),
  on("indexUpdate with values", (x) => T.indexUpdate(A, [indices], T.index(x, "0:4")), -1, 1, [5, 4]),
  on("indexUpdate of x", (x) => T.indexUpdate(x, ["1:", 0], 3), -1, 1, [3, 4]),
  on("indexAdd", (x) => T.indexAdd(x, [indices], T.square(T.index(x, indices))), -1, 1, [3, 4]),
  on("indexMax", (x) => T.indexMax(x, [indices], T.mul(1.3, T.index(x, [0, 1, 2, 2]))), -1, 1, [3, 4]),
  on("dynamicSlice", (x) => T.dynamicSlice(x, [1, 0], [2, 3]), -1, 1, [3, 4]),
  on("matmul left", (x) => T.matmul(x, A), -1, 1, [2, 3]),
  on("matmul right", (x) => T.matmul(A, x), -1, 1, [4, 2]),
  on("matmul of stacks", (x) => T.matmul(x, T.matrixTranspose(x)), -1, 1, [2, 3, 2]),
  on("matmul by a vector", (x) => T.matmul(A, x), -1, 1, [4]),
  on("outer", (x) => T.outer(x, x)),
  on("tensordot", (x) => T.tensordot(x, A, [[0], [1]]), -1, 1, [4, 2]),
  on("kron", (x) => T.kron(x, S), -1, 1, [2, 2]),
  on("cross", (x) => T.cross(x, S), -1, 1, [3, 3]),
  on("trace", (x) => T.trace(T.matmul(x, x)), -1, 1, [3, 3]),
  on("einsum of three", (x) => T.einsum("ij,jk,kj->i", x, T.transpose(A), A), -1, 1, [2, 4]),
  on("einsum with a diagonal", (x) => T.einsum("ii,ij->j", x, x), -1, 1, [3, 3]),
  on("conv input", (x) => T.conv(x, kernel, { padding: "same", strides: 2 }), -1, 1, [1, 3, 4, 5]),
  on("conv kernel", (x) => T.conv(image, x, { dilation: 2 }), -1, 1, [2, 3, 2, 2]),
  on("grouped conv", (x) => T.conv(x, T.index(kernel, ":", "0:1"), { groups: 2 }), -1, 1, [1, 2, 4, 4]),
  on("convTranspose", (x) => T.convTranspose(x, kernel, { strides: 2 }), -1, 1, [1, 4, 2, 2]),
  on("maxPool", (x) => T.maxPool(x, 2, { strides: 1 }), -1, 1, [1, 2, 4, 4]),
  on("avgPool", (x) => T.avgPool(x, 3, { padding: "same", strides: 2 }), -1, 1, [1, 2, 5, 5]),
  on("sigmoid", T.sigmoid, -4, 4),
  on("softplus", T.softplus, -4, 4),
  on("logSigmoid", T.logSigmoid, -4, 4),
  on("logit", T.logit, 0.1, 0.9),
  on("erfinv", T.erfinv, -0.8, 0.8),
  on("erfcinv", T.erfcinv, 0.2, 1.8),
  on("ndtri", T.ndtri, 0.1, 0.9),
  on("ndtr", T.ndtr, -2, 2),
  on("logNdtr", T.logNdtr, -3, 3),
  on("lgamma", T.lgamma, 0.5, 4),
  on("lgamma below 0", T.lgamma, -0.9, -0.1),
  on("digamma", T.digamma, 0.5, 4),
  on("polygamma", (x) => T.polygamma(2, x), 0.7, 4),
  on("betaln", (x) => T.betaln(x, T.add(T.flip(x), 1)), 0.5, 4),
  on("betaln of large numbers", (x) => T.betaln(x, T.add(x, 9)), 9, 14),
  on("xlogy", (x) => T.xlogy(x, T.add(x, 1)), 0.3, 2),
  on("xlog1py", (x) => T.xlog1py(x, x), 0.3, 2),
  on("entr", T.entr, 0.2, 2),
  on("relEntr", (x) => T.relEntr(x, T.flip(x)), 0.2, 2),
  on("linspace", (x) => T.linspace(T.sum(x), T.prod(x), 4)),
  on("meshgrid", (x) => T.mul(...(T.meshgrid([x, T.sin(x)]) as [T.Tensor, T.Tensor]))),
];

const numbers = (t: T.Tensor): number[] => Array.from(t.dataSync());
describe.each(rows)("$name", ({ f, low = -1, high = 1, shape = [5] }) => {
  const x = T.uniform(T.key(7), shape, { dtype: "float64", min: low, max: high });
  const w = T.normal(T.key(9), f(x).shape, { dtype: "float64" });
  const scalar = (u: T.Tensor): T.Tensor => T.sum(T.mul(f(u), w));
  const close = (a: number, b: number, tol: number): void =>
    expect(Math.abs(a - b) / (1 + Math.abs(b)), `${a} against ${b}`).toBeLessThan(tol);

  test("has the derivatives that differences give, to second order in every combination of modes", async () => {
    await checkGrads(f, [x], { order: 2 });
  });

  test("compiles, and batches its gradient, to the same numbers", () => {
    const g = grad(scalar);
    const one = numbers(g(x));
    numbers(T.jit(g)(x)).forEach((t, i) => close(t, one[i], 1e-12));
    const batch = T.stack([x, x, T.mul(x, 1)], 0);
    numbers(T.vmap(g)(batch)).forEach((t, i) => close(t, one[i % one.length], 1e-12));
  });
});
