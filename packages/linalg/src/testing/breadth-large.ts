import { add, eye, index, key, mul, sum, tensor } from "@ansatz/tensor";
import * as l from "../index";
import {
  b,
  definite,
  eigenTol,
  general,
  large,
  loose,
  lowerPattern,
  pattern,
  type Row,
  s,
  sq,
  start4,
  tall,
  tight,
  tri,
} from "./breadth";
import { random } from "./matrices";

export const largeRows: readonly Row[] = [
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
];
