import { add, eye, index, key, matmul, mul, sin, sub, sum } from "@ansatz/tensor";
import * as l from "../index";
import { diagonal3, general, lowRank, type Row, random4, s, sq, stochastic, T, tall } from "./breadth";
import { random } from "./matrices";

export const tensorRows: readonly Row[] = [
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
