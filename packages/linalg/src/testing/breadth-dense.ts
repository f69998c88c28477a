import { add, exp, expandDims, eye, matmul, mul, sin, sum, tensor } from "@ansatz/tensor";
import * as l from "../index";
import { b, definite, general, type Row, random4, s, sq, symmetric, T, tall } from "./breadth";
import { random } from "./matrices";

export const denseRows: readonly Row[] = [
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
];
