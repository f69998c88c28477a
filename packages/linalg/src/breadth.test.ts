import {
  add,
  div,
  exp,
  expandDims,
  eye,
  index,
  jit,
  key,
  matmul,
  matrixTranspose,
  mul,
  sin,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import * as linalg from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { distance, random } from "./testing/matrices";

/**
 * Breadth: every function that computes with numbers batches (vmap; leading axes where it says so), runs under jit, keeps float32, and differentiates to
 * second order. One row joins a function to all of it; what a row leaves out, it says why.
 */
interface Row {
  /** What is exercised, by the names of the exports. */
  readonly of: readonly string[];
  readonly f: (x: Tensor) => Tensor;
  readonly at: (seed: number) => Tensor;
  /** Whether f takes a stack [3, ...] as it stands. */
  readonly leading?: boolean;
  /** Derivatives checked; or why there are none. */
  readonly order?: 1 | 2 | string;
  /** Relative error in float32, in units of 2^-23: the condition of the example, unless it is told. */
  readonly single?: number;
  readonly tolerance?: number;
}

const T = matrixTranspose;
const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const l = linalg;
const general = (seed: number): Tensor => add(random([4, 4], seed), mul(2, eye(4)));
const definite = (seed: number): Tensor => {
  const a = random([4, 4], seed);
  return add(matmul(a, T(a)), mul(2, eye(4)));
};
const symmetric = (seed: number): Tensor => {
  const a = random([4, 4], seed);
  return add(
    add(a, T(a)),
    mul(
      3,
      tensor([
        [0, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 2, 0],
        [0, 0, 0, 3],
      ]),
    ),
  );
};
const large = (seed: number): Tensor => {
  const a = random([9, 9], seed);
  return add(mul(0.3, add(a, T(a))), mul(eye(9), [1, 2, 3, 4, 5, 6, 7, 8, 10]));
};
const tall = (seed: number): Tensor => random([5, 3], seed);
const b = [1, -2, 0.5, 3];
const s = (x: Tensor): Tensor => mul(0.5, add(x, T(x)));
const tight = { rtol: 1e-13, maxSteps: 200 };
const loose = (x: Tensor, o: object): object => (x.dtype === "float32" ? {} : o);
/** What does not see signs of columns. */
const sq = (x: Tensor): Tensor => mul(x, x);
const pattern = l.sparsePattern({
  shape: [4, 4],
  rows: [0, 0, 1, 1, 1, 2, 2, 2, 3, 3],
  columns: [0, 1, 0, 1, 2, 1, 2, 3, 2, 3],
});
const lowerPattern = l.sparsePattern({ shape: [4, 4], rows: [0, 1, 1, 2, 2, 3, 3], columns: [0, 0, 1, 1, 2, 0, 3] });
const random4 = (seed: number): Tensor => random([4, 4], seed);
const start4 = (x: Tensor): Tensor => tensor([1, 0.5, -0.4, 0.3]).astype(x.dtype);
const eigenTol = (x: Tensor) => ({ tol: x.dtype === "float32" ? 1e-5 : 1e-13, maxSteps: 3000 });
const diagonal3 = l.cpToTensor({ weights: tensor([3, 2, 1]), factors: [eye(3), eye(3), eye(3)] });
/** A tensor of rank 2 made of a matrix. */
const lowRank = (x: Tensor): Tensor =>
  l.cpToTensor({ weights: tensor([2, 1]).astype(x.dtype), factors: [x, mul(x, x), add(x, 1)] });
const stochastic = (x: Tensor): Tensor => {
  const p = exp(x);
  return div(p, sum(p, -1, { keepDims: true }));
};
const tri = (seed: number): Tensor => add(mul(0.3, random([10], seed)), [4, 1, 1, 4, 1, 1, 4, 1, 1, 4]);

const rows: readonly Row[] = [
  { of: ["solve", "inv"], f: (x) => matmul(l.inv(x), l.solve(x, b)), at: general },
  { of: ["solve"], f: (x) => l.solve(x, b), at: general, leading: true },
  {
    of: ["solveWithInfo", "invWithInfo"],
    f: (x) => l.solveWithInfo(x, l.invWithInfo(x).x).x,
    at: general,
    leading: true,
  },
  { of: ["det", "slogdet"], f: (x) => add(l.det(x), l.slogdet(x).logabsdet), at: general, leading: true },
  { of: ["rcond"], f: l.rcond, at: general, leading: true, order: "an estimate, constant under differentiation" },
  { of: ["cond"], f: (x) => l.cond(x), at: general, leading: true },
  { of: ["cholesky", "choleskySolve"], f: (x) => l.choleskySolve(l.cholesky(x).l, b), at: definite, leading: true },
  { of: ["choleskyUpdate"], f: (x) => l.choleskyUpdate(l.cholesky(x).l, b).l, at: definite, leading: true },
  {
    of: ["choleskyDowndate"],
    f: (x) => l.choleskyDowndate(l.cholesky(x).l, [0.5, 0.1, 0.2, 0.3]).l,
    at: definite,
    leading: true,
  },
  { of: ["lu"], f: (x) => matmul(l.lu(x).u, l.lu(x).l), at: general, leading: true },
  { of: ["ldl", "ldlSolve"], f: (x) => l.ldlSolve(l.ldl(x), b), at: symmetric, leading: true, single: 512 },
  { of: ["triangularSolve"], f: (x) => l.triangularSolve(x, b), at: general, leading: true },
  { of: ["qr"], f: (x) => l.qr(x).r, at: tall, leading: true },
  { of: ["qrPivoted"], f: (x) => l.qrPivoted(x).r, at: tall, leading: true },
  { of: ["lstsq"], f: (x) => l.lstsq(x, [1, 2, 3, 4, 5]).x, at: tall, leading: true },
  { of: ["pinv", "projector"], f: (x) => matmul(l.pinv(x), l.projector(x)), at: tall, leading: true, single: 256 },
  {
    of: ["nullSpace"],
    f: (x) => {
      const z = l.nullSpace(T(x), { rank: 3 });
      return matmul(z, T(z));
    },
    at: tall,
    leading: true,
  },
  {
    of: ["orth"],
    f: (x) => {
      const q = l.orth(x, { rank: 3 });
      return matmul(q, T(q));
    },
    at: tall,
    leading: true,
    tolerance: 1e-5,
  },
  {
    of: ["orthonormalCompletion"],
    f: (x) => {
      const q = l.orthonormalCompletion(l.qr(x).q);
      return matmul(q, T(q));
    },
    at: tall,
    leading: true,
    tolerance: 1e-5,
  },
  { of: ["matrixRank"], f: (x) => l.matrixRank(x).astype(x.dtype), at: tall, leading: true, order: "a count" },
  { of: ["norm2", "vectorNorm"], f: (x) => add(l.norm2(x), sum(l.vectorNorm(x, 3))), at: general },
  { of: ["matrixNorm"], f: (x) => add(l.matrixNorm(x, "nuc"), l.matrixNorm(x, 1)), at: general, leading: true },
  { of: ["axpy"], f: (x) => l.axpy(2, x, x), at: general, leading: true },
  {
    of: ["eigh"],
    f: (x) => mul(sq(l.eigh(x).vectors), expandDims(l.eigh(x).values, -2)),
    at: symmetric,
    leading: true,
    order: 1,
    single: 256,
  },
  { of: ["eigvalsh"], f: l.eigvalsh, at: symmetric, leading: true },
  {
    of: ["eighGeneralized"],
    f: (x) => l.eighGeneralized(x, add(mul(2, eye(4)), mul(0.1, s(x)))).values,
    at: symmetric,
    leading: true,
    order: 1,
  },
  {
    of: ["eig", "eigvals"],
    f: (x) => add(l.eigvals(x).re, sum(sq(l.eig(x).values.im), -1, { keepDims: true })),
    at: general,
    leading: true,
    single: 512,
  },
  {
    of: ["schur", "hessenberg"],
    f: (x) =>
      add(
        matmul(matmul(l.schur(x).z, l.schur(x).t), T(l.schur(x).z)),
        matmul(matmul(l.hessenberg(x).q, l.hessenberg(x).h), T(l.hessenberg(x).q)),
      ),
    at: general,
    leading: true,
    order: "refused: neither form is unique",
  },
  {
    of: ["svd", "svdvals"],
    f: (x) => mul(sq(l.svd(x).vt), expandDims(l.svdvals(x), -1)),
    at: tall,
    leading: true,
    single: 256,
  },
  { of: ["polar"], f: (x) => l.polar(x).u, at: general, leading: true, single: 256 },
  { of: ["expm"], f: l.expm, at: random4, leading: true },
  { of: ["sqrtm", "logm"], f: (x) => add(l.sqrtm(x).value, l.logm(x).value), at: definite, leading: true },
  {
    of: ["funmSymmetric", "spectralSum"],
    f: (x) => mul(l.funmSymmetric(x, sin).value, expandDims(expandDims(l.spectralSum(x, exp), -1), -1)),
    at: symmetric,
    leading: true,
    single: 256,
  },
  { of: ["matrixPower"], f: (x) => l.matrixPower(x, -3), at: general, leading: true, single: 512 },
  { of: ["phiFunctions"], f: (x) => add(l.phiFunctions(x, 2)[1], l.phiFunctions(x, 2)[2]), at: random4, leading: true },
  {
    of: ["solveBanded"],
    f: (x) => l.solveBanded(add(x, [[0], [6], [0], [0]]), b, { lower: 2, upper: 1 }).x,
    at: (k) => random([4, 4], k),
    leading: true,
  },
  {
    of: ["solveBandedDefinite"],
    f: (x) => l.solveBandedDefinite(add(x, [[5], [0]]), b).x,
    at: (k) => random([2, 4], k),
    leading: true,
  },
  {
    of: ["solveToeplitz"],
    f: (x) => l.solveToeplitz(add(x, [4, 0, 0, 0]), b).x,
    at: (k) => random([4], k),
    leading: true,
  },
  {
    of: ["circulantOperator", "circulantSolve"],
    f: (x) => l.circulantSolve(add(x, [4, 0, 0, 0]), l.circulantOperator(x).apply(tensor(b).astype(x.dtype))),
    at: (k) => random([4], k),
  },
  {
    of: ["toeplitzOperator", "fftConvolve"],
    f: (x) => l.fftConvolve(l.toeplitzOperator(x).apply(tensor(b).astype(x.dtype)), x),
    at: (k) => random([4], k),
  },
  {
    of: ["fft", "ifft"],
    f: (x) => l.ifft({ re: sq(l.fft(x, { n: 6 }).im), im: l.fft(x, { n: 6 }).re }).re,
    at: (k) => random([4], k),
    leading: true,
  },
  {
    of: ["fftn", "ifftn"],
    f: (x) => l.ifftn({ re: sq(l.fftn(x, [-2, -1]).re), im: l.fftn(x, [-2, -1]).im }, [-2, -1]).re,
    at: (k) => random([3, 5], k),
    leading: true,
  },
  {
    of: ["rfft", "irfft"],
    f: (x) => l.irfft({ re: sq(l.rfft(x).im), im: l.rfft(x).re }, { n: 7 }),
    at: (k) => random([7], k),
    leading: true,
  },
  {
    of: ["cg", "jacobiPreconditioner"],
    f: (x) =>
      l.cg(s(x), tensor(b).astype(x.dtype), { ...loose(x, tight), preconditioner: l.jacobiPreconditioner(s(x)) }).value,
    at: definite,
    single: 1e4,
  },
  {
    of: ["minres"],
    f: (x) => l.minres(s(x), tensor(b).astype(x.dtype), loose(x, tight)).value,
    at: definite,
    single: 1e4,
  },
  {
    of: ["bicgstab"],
    f: (x) => l.bicgstab(x, tensor(b).astype(x.dtype), loose(x, tight)).value,
    at: general,
    single: 1e4,
  },
  { of: ["gmres"], f: (x) => l.gmres(x, tensor(b).astype(x.dtype), loose(x, tight)).value, at: general, single: 1e4 },
  {
    of: ["lsqr"],
    f: (x) => l.lsqr(x, tensor([1, 2, 3, 4, 5]).astype(x.dtype), x.dtype === "float32" ? {} : { rtol: 1e-14 }).value,
    at: tall,
    single: 1e4,
  },
  {
    of: ["lsmr"],
    f: (x) => l.lsmr(x, tensor([1, 2, 3, 4, 5]).astype(x.dtype), x.dtype === "float32" ? {} : { rtol: 1e-14 }).value,
    at: tall,
    single: 1e4,
  },
  {
    of: ["powerIteration"],
    f: (x) => {
      const e = l.powerIteration(x, start4(x), eigenTol(x));
      return mul(e.value, sq(e.vector));
    },
    at: definite,
    single: 1e4,
  },
  {
    of: ["inverseIteration"],
    f: (x) => {
      const e = l.inverseIteration(x, 0, start4(x), eigenTol(x));
      return mul(e.value, sq(e.vector));
    },
    at: definite,
    single: 1e4,
  },
  {
    of: ["rayleighIteration"],
    f: (x) => {
      const e = l.rayleighIteration(s(x), start4(x), eigenTol(x));
      return mul(e.value, sq(e.vector));
    },
    at: definite,
    single: 1e4,
  },
  {
    of: ["lanczos"],
    f: (x) => {
      const e = l.lanczos(s(x), start4(x), 3);
      return add(e.alpha, sum(e.beta));
    },
    at: definite,
    single: 1e3,
  },
  {
    of: ["lobpcg"],
    f: (x) => {
      const e = l.lobpcg(s(x), random([9, 2], 5).astype(x.dtype), { tol: x.dtype === "float32" ? 1e-4 : 1e-12 });
      return mul(e.values, sq(e.vectors));
    },
    at: large,
    single: 1e4,
  },
  {
    of: ["lobpcg"],
    f: (x) => {
      const o = { b: add(mul(3, eye(9)), mul(0.2, s(x))), largest: true, tol: x.dtype === "float32" ? 1e-4 : 1e-12 };
      const e = l.lobpcg(s(x), random([9, 2], 5).astype(x.dtype), o);
      return mul(e.values, sq(e.vectors));
    },
    at: large,
    single: 1e4,
  },
  {
    of: ["randomizedSvd"],
    f: (x) => {
      const e = l.randomizedSvd(x, 2, key(3));
      return mul(e.s, sq(e.u));
    },
    at: tall,
    single: 256,
  },
  {
    of: ["pca", "pcaScores", "pcaReconstruct"],
    f: (x) => {
      const p = l.pca(x, { components: 2 });
      return l.pcaReconstruct(p, l.pcaScores(p, x));
    },
    at: tall,
    leading: true,
    single: 256,
  },
  {
    of: ["truncatedSvd", "lowRankApproximation"],
    f: (x) =>
      add(l.lowRankApproximation(x, 2), l.truncatedSvd(x, 1).spectralError.reshape([...x.shape.slice(0, -2), 1, 1])),
    at: tall,
    leading: true,
    single: 256,
  },
  { of: ["svdViaGram"], f: (x) => l.svdViaGram(x).s, at: tall, leading: true, single: 1e4 },
  { of: ["whitening"], f: (x) => l.whitening(x).matrix, at: definite, leading: true },
  {
    of: ["explainedVariance", "participationRatio"],
    f: (x) =>
      mul(l.explainedVariance(l.svdvals(x)), l.participationRatio(l.svdvals(x)).reshape([...x.shape.slice(0, -2), 1])),
    at: tall,
    leading: true,
  },
  {
    of: ["componentsFor"],
    f: (x) => l.componentsFor(l.svdvals(x), 0.9).astype(x.dtype),
    at: tall,
    leading: true,
    order: "a count",
  },
  {
    of: ["sparseMatmul", "sparseTranspose", "sparseToDense"],
    f: (v) => l.sparseMatmul(l.sparseTranspose(pattern(v)), l.sparseToDense(pattern(v))),
    at: tri,
  },
  {
    of: ["sparse", "sparseFromRows", "sparseAdd", "sparseScale", "sparseDiagonal"],
    f: (v) =>
      l.sparseMatmul(
        l.sparseScale(
          l.sparseAdd(
            pattern(v),
            l.sparseFromRows({ shape: [4, 4], pointers: pattern.pointers, columns: pattern.columns, values: v }),
          ),
          { rows: l.sparseDiagonal(pattern(v)) },
        ),
        l.sparseDiagonal(l.sparse({ shape: [4, 4], rows: pattern.rows, columns: pattern.columns, values: v })),
      ),
    at: tri,
  },
  {
    of: ["sampledProduct", "sparseFromDense"],
    f: (x) => l.sampledProduct(pattern, x, l.sparseToDense(l.sparseFromDense(x, pattern))).values,
    at: general,
  },
  {
    of: ["sparseTriangularSolve"],
    f: (v) => l.sparseTriangularSolve(lowerPattern(v), tensor(b).astype(v.dtype), { lower: true }),
    at: (k) => add(random([7], k), [3, 0, 3, 0, 3, 0, 3]),
  },
  {
    of: ["sparseProduct"],
    f: (v) => l.sparseProduct(pattern(v), l.sparseProduct(lowerPattern(index(v, { stop: 7 })), pattern(v))).values,
    at: tri,
    single: 256,
  },
  { of: ["sparseSolve"], f: (v) => l.sparseSolve(pattern(v), tensor(b).astype(v.dtype)).x, at: tri },
  { of: ["sparseCholesky"], f: (v) => l.sparseCholesky(pattern(v)).solve(tensor(b).astype(v.dtype)), at: tri },
  {
    of: ["incompleteCholesky"],
    f: (v) => l.incompleteCholesky(pattern(v)).apply(tensor(b).astype(v.dtype)),
    at: tri,
    order: "a preconditioner is a constant of differentiation",
  },
  {
    of: ["incompleteLu"],
    f: (v) => l.incompleteLu(pattern(v)).apply(tensor(b).astype(v.dtype)),
    at: tri,
    order: "a preconditioner is a constant of differentiation",
  },
  {
    of: ["graphOf", "adjacencyMatrix", "degrees", "laplacianMatrix", "incidenceMatrix"],
    f: (w) => {
      const g = l.graphOf(
        3,
        [
          [0, 1],
          [1, 2],
          [0, 2],
        ],
        { weights: w },
      );
      return add(
        l.sparseMatmul(l.laplacianMatrix(g, "normalised"), l.degrees(g)),
        l.sparseMatmul(l.incidenceMatrix(g), l.sparseMatmul(l.adjacencyMatrix(g), l.degrees(g))),
      );
    },
    at: (k) => add(mul(0.3, random([3], k)), 1),
  },
  {
    of: ["cp", "cpToTensor"],
    // not of rank 2, so the residual is part of the derivative
    f: (x) => {
      const o = x.dtype === "float32" ? { tol: 1e-6 } : { tol: 1e-16, maxSteps: 4000 };
      return l.cpToTensor(l.cp(add(lowRank(x), mul(0.05, sin(lowRank(mul(3, x))))), 2, key(1), o));
    },
    at: (k) =>
      add(random([3, 2], k), [
        [1, 0],
        [0, 1],
        [0, 0],
      ]),
    single: 1e5,
    // alternating least squares stop where the error moves by 1e-16, so factors are known to its root, which the differences enlarge
    tolerance: 3e-3,
  },
  {
    of: ["hosvd", "tuckerToTensor"],
    f: (x) => l.tuckerToTensor(l.hosvd(x, [2, 2, 2])),
    at: (k) => random([3, 3, 3], k),
    single: 256,
  },
  {
    of: ["hooi"],
    f: (x) => l.tuckerToTensor(l.hooi(x, [2, 2, 2], { tol: x.dtype === "float32" ? 1e-6 : 1e-15, maxSteps: 300 })),
    at: (k) => add(random([3, 3, 3], k), mul(2, diagonal3)),
    tolerance: 1e-5,
    single: 1e5,
  },
  {
    of: ["tensorTrain", "trainToTensor", "trainRound"],
    f: (x) => l.trainToTensor(l.trainRound(l.tensorTrain(x, { ranks: [3, 2] }), { ranks: [2, 2] })),
    at: (k) => random([3, 3, 3], k),
    single: 256,
  },
  {
    of: ["trainAdd", "trainInner"],
    f: (x) => {
      const t = l.tensorTrain(x, { ranks: [3, 3] });
      return l.trainInner(l.trainAdd(t, t), t);
    },
    at: (k) => random([3, 3, 3], k),
    single: 256,
  },
  {
    of: ["unfold", "fold", "modeProduct", "multilinear", "innerProduct"],
    f: (x) => {
      const m = index(l.unfold(x, 1), ":", { stop: 3 });
      return mul(
        l.innerProduct(x, x),
        l.multilinear(l.modeProduct(l.fold(l.unfold(x, 1), 1, [3, 3, 3]), m, 0), [null, m, null]),
      );
    },
    at: (k) => random([3, 3, 3], k),
    single: 256,
  },
  {
    of: ["changeOfBasis"],
    f: (x) => l.changeOfBasis(x, add(mul(3, eye(4)), x), { contravariant: 1, covariant: 1 }),
    at: general,
    single: 256,
  },
  {
    of: ["kroneckerMatmul", "kroneckerOperator", "kroneckerSum", "kroneckerSumOperator", "khatriRao"],
    f: (x) =>
      add(
        l.kroneckerMatmul([x, x], sum(l.kroneckerSum(x, x), 1)),
        l.kroneckerOperator([x, x]).apply(l.kroneckerSumOperator([x, x]).apply(sum(l.khatriRao(x, x), 1))),
      ),
    at: random4,
    single: 256,
  },
  {
    of: ["polyfit", "polynomialAt"],
    f: (y) => l.polynomialAt(l.polyfit([0, 1, 2, 3, 4], y, 2), y),
    at: (k) => random([5], k),
    single: 256,
  },
  {
    of: ["pod"],
    f: (x) => {
      const p = l.pod(x, 2);
      return matmul(p.basis, p.coefficients);
    },
    at: tall,
    leading: true,
    single: 256,
  },
  {
    of: ["dmd"],
    f: (x) => {
      const { basis, operator } = l.dmd(x, matmul(matmul(x, T(x)), x), 2);
      return matmul(basis, matmul(operator, T(basis)));
    },
    at: tall,
    single: 512,
  },
  { of: ["spectralGap"], f: (x) => l.spectralGap(stochastic(x)).gap, at: random4, leading: true },
  {
    of: ["stationaryDistribution"],
    f: (x) => l.stationaryDistribution(stochastic(x), x.dtype === "float32" ? { tol: 1e-6 } : { tol: 1e-14 }).value,
    at: random4,
    single: 1e3,
  },
  {
    of: ["toeplitz", "circulant", "convolutionMatrix"],
    f: (x) => matmul(matmul(l.toeplitz(x), l.circulant(x)), l.convolutionMatrix(x, 4, { mode: "same" })),
    at: (k) => random([4], k),
  },
  {
    of: ["graphLaplacian"],
    f: (x) => l.graphLaplacian(s(x)).normalised,
    at: (k) => {
      const a = mul(sq(random([4, 4], k)), sub(1, eye(4)));
      return add(a, T(a));
    },
  },
  { of: ["matrixOf"], f: (x) => l.matrixOf((v) => matmul(x, v), 4), at: general },
  {
    of: ["rotation2", "rotation3"],
    f: (x) => add(sum(l.rotation2(x)), sum(l.rotation3(sq(x), "y"))),
    at: (k) => random([1], k).reshape([]),
  },
  { of: ["asStrided"], f: (x) => l.asStrided(x, { shape: [2, 3], strides: [1, 2] }), at: random4 },
  { of: ["coherence"], f: l.coherence, at: tall },
  { of: ["restrictedIsometry"], f: (x) => l.restrictedIsometry(x, 2), at: tall },
];

const numeric = rows.map((r) => [`${r.of.join(", ")}`, r] as const);
const member = (x: Tensor, i: number): Tensor => index(x, i);
const eps32 = 2 ** -23;

describe.each(numeric)("%s", (_, r) => {
  const x = r.at(21);
  const many = stack([21, 22, 23].map(r.at));
  test("jit and vmap give what single calls give", () => {
    const alone = [0, 1, 2].map((i) => data(r.f(member(many, i))));
    expect(distance(data(jit(r.f)(x) as Tensor), alone[0])).toBeLessThan(1e-11);
    const together = [vmap(r.f)(many) as Tensor, jit(vmap(r.f))(many) as Tensor];
    if (r.leading) together.push(r.f(many));
    for (const t of together)
      alone.forEach((want, i) => expect(distance(data(member(t, i)), want)).toBeLessThan(1e-11));
  });
  test("float32 stays float32 and agrees with float64", () => {
    const narrow = x.astype("float32");
    const got = r.f(narrow);
    expect(got.dtype).toBe("float32");
    expect(distance(data(got), data(r.f(narrow.astype("float64"))))).toBeLessThan((r.single ?? 64) * eps32);
  });
  const { order = 2, tolerance = 1e-6 } = r;
  if (typeof order !== "string")
    test("derivatives agree with finite differences", () => {
      checkDerivatives(r.f, x, { order, tolerance });
    });
});

test("every function of the package stands in a row, or is about something else than numbers", () => {
  const apart: Readonly<Record<string, string>> = {
    check: "reads values",
    status: "reads values",
    sentenceOf: "a sentence",
    failures: "codes",
    warnings: "codes",
    isContiguous: "layouts",
    rowMajorStrides: "layouts",
    sparsePattern: "a pattern, in every sparse row",
    linearOperator: "takes a function; its own tests are in large.test.ts",
    galerkin: "takes a function",
    connectedComponents: "integers",
    codewords: "bits",
    gf2NullSpace: "bits",
    gf2Rank: "bits",
    isCodeword: "bits",
    minimumDistance: "bits",
    tannerGraph: "bits",
  };
  const joined = new Set([...rows.flatMap((r) => r.of), ...Object.keys(apart)]);
  expect(Object.keys(linalg).filter((name) => !joined.has(name))).toEqual([]);
  expect([...joined].filter((name) => !(name in linalg))).toEqual([]);
});
