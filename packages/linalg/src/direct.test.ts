import { grad, hessian, jvp } from "@ansatz/autodiff";
import { ShapeError } from "@ansatz/backend";
import {
  add,
  astype,
  exp,
  eye,
  fromTypedArray,
  jit,
  matmul,
  matrixTranspose,
  mul,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  vmap,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import golden from "../golden/dense.json";
import {
  cholesky,
  choleskyDowndate,
  choleskyUpdate,
  circulant,
  circulantSolve,
  det,
  eigh,
  eighGeneralized,
  eigvalsh,
  expm,
  inv,
  ldl,
  ldlSolve,
  nullSpace,
  orth,
  phiFunctions,
  qr,
  solve,
  solveBanded,
  solveBandedDefinite,
  solveToeplitz,
  status,
  svdvals,
  toeplitz,
} from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { distance, random } from "./testing/matrices";

const T = matrixTranspose;
const data = (t: Tensor): number[] => Array.from(t.dataSync() as Float64Array);
const flat = (x: readonly (readonly number[])[]): number[] => x.flatMap((r) => [...r]);
const spd = (n: number, seed: number): Tensor => {
  const a = random([n, n], seed);
  return add(matmul(a, T(a)), mul(n, eye(n)));
};
const symmetric = (n: number, seed: number): Tensor => {
  const a = random([n, n], seed);
  return add(a, T(a));
};
const reordered = (a: Tensor, order: readonly number[]): number[] => {
  const rows = a.toArray() as number[][];
  return order.flatMap((i) => order.map((j) => rows[i][j]));
};

describe("ldl", () => {
  test.each(golden.ldl)("agrees with SciPy on a $name matrix", (c) => {
    const f = ldl(c.a);
    expect(f.info.item()).toBe(0);
    expect(data(f.permutation)).toEqual(c.permutation);
    expect(distance(data(f.l), flat(c.l))).toBeLessThan(1e-13);
    expect(distance(data(f.d), flat(c.d))).toBeLessThan(1e-13);
    expect(distance(data(ldlSolve(f, c.b)), flat(c.x))).toBeLessThan(1e-12);
    // Sylvester's law of inertia
    expect(data(eigvalsh(f.d)).filter((w) => w < 0).length).toBe(c.negative);
  });
  test.each([0, 1, 2, 3, 17, 60])("reconstructs indefinite matrices, n = %i", (n) => {
    const a = symmetric(n, n + 1);
    const { l, d, permutation, info } = ldl(a);
    expect(info.item()).toBe(0);
    const product = matmul(matmul(l, d), T(l));
    expect(distance(data(product), reordered(a, data(permutation)))).toBeLessThan(1e-15 * Math.max(10, 10 * n));
    for (const [i, v] of data(l).entries()) if (i % n > Math.floor(i / n)) expect(v).toBe(0);
  });
  test("keeps its accuracy where one pivot alone would lose all of it", () => {
    const a = [
      [1e-20, 1],
      [1, 1e-20],
    ];
    expect(data(ldlSolve(ldl(a), [1, 2]))).toEqual([2, 1]);
  });
  test("reports singular and infinite input, member by member", () => {
    const f = ldl([
      [
        [1, 2],
        [2, 4],
      ],
      [
        [0, 1],
        [1, 0],
      ],
      [
        [Number.NaN, 1],
        [1, 0],
      ],
    ]);
    expect(status(ldl([[0]]).info)).toMatch(/pivot 1 is zero/);
    const codes = data(f.info);
    expect(codes[0]).toBeGreaterThan(0);
    expect(codes[1]).toBe(0);
    expect(status(f.info)).toMatch(/member/);
    expect(data(f.d).slice(4, 8)).toEqual([0, 1, 1, 0]);
  });
  test("has derivatives to second order, through one- and two-row pivots", () => {
    const small = tensor([
      [0.1, 2, 1, 0.3],
      [2, 0.2, 0.5, 1],
      [1, 0.5, 6, 1],
      [0.3, 1, 1, -5],
    ]);
    expect(data(ldl(small).d).filter((x) => x !== 0).length).toBeGreaterThan(4);
    for (const a of [small, spd(4, 3)]) {
      checkDerivatives((x) => ldl(x).l, a);
      checkDerivatives((x) => ldl(x).d, a);
      checkDerivatives((x) => ldlSolve(ldl(x), random([4, 2], 5)), a);
    }
    const stack = random([3, 4, 4], 8);
    const f = (x: Tensor): Tensor => ldl(x).d;
    expect(data(jit(vmap(f))(stack) as Tensor)).toEqual(data(f(stack)));
  }, 30_000);
});

describe("rank-one updates of a Cholesky factor", () => {
  const a = spd(6, 2);
  const { l } = cholesky(a);
  const v = random([6], 3);
  const outer = matmul(v.reshape([6, 1]), v.reshape([1, 6]));
  test("agree with the factor of the changed matrix, and undo each other", () => {
    const up = choleskyUpdate(l, v);
    expect(up.info.item()).toBe(0);
    expect(distance(data(up.l), data(cholesky(add(a, outer)).l))).toBeLessThan(1e-14);
    expect(distance(data(choleskyDowndate(up.l, v).l), data(l))).toBeLessThan(1e-14);
    const columns = random([6, 3], 4);
    expect(
      distance(data(choleskyUpdate(l, columns).l), data(cholesky(add(a, matmul(columns, T(columns)))).l)),
    ).toBeLessThan(1e-14);
    expect(choleskyUpdate(astype(l, "float32"), astype(v, "float32")).l.dtype).toBe("float32");
  });
  test("keep the digits that forming L Lᵀ loses", () => {
    // L Lᵀ = diag(1, 1e-18 + …): the sum with v vᵀ is exact in the factor
    const r = choleskyUpdate(
      [
        [1, 0],
        [0, 1e-9],
      ],
      [1, 0],
    ).l;
    expect(distance(data(r), [Math.SQRT2, 0, 0, 1e-9])).toBeLessThan(1e-15);
  });
  test("a downdate that leaves no definite matrix says at which pivot", () => {
    const d = choleskyDowndate(eye(3), [0, 2, 0]);
    expect(status(d.info)).toMatch(/not positive definite at pivot 2/);
    expect(data(d.l).every(Number.isNaN)).toBe(true);
    const many = choleskyDowndate(tensor([[[2]], [[1]], [[3]]]), tensor([[1], [2], [1]]));
    expect(data(many.info)).toEqual([0, 2 + 16, 0]);
    expect(data(many.l)[2]).toBeCloseTo(Math.sqrt(8), 15);
  });
  test("differentiate twice in both operands", () => {
    const small = mul(0.3, v);
    for (const f of [choleskyUpdate, choleskyDowndate]) {
      checkDerivatives((x) => f(x, small).l, l);
      checkDerivatives((x) => f(l, x).l, small);
    }
  });
});

describe("banded systems", () => {
  test.each(golden.banded)("with $lower diagonals below and $upper above agree with SciPy", (c) => {
    const { x, info } = solveBanded(c.ab, c.b, c);
    expect(info.item()).toBe(0);
    expect(distance(data(x), flat(c.x))).toBeLessThan(1e-12);
    const ab = tensor(c.ab);
    checkDerivatives((y) => solveBanded(y, c.b, c).x, ab, { tolerance: 1e-4 });
    checkDerivatives((y) => solveBanded(ab, y, c).x, tensor(c.b), { tolerance: 1e-4 });
  });
  test.each(golden.definite)("definite ones agree with SciPy", (c) => {
    const { x, info } = solveBandedDefinite(c.ab, c.b);
    expect(info.item()).toBe(0);
    expect(distance(data(x), flat(c.x))).toBeLessThan(1e-14);
    checkDerivatives((y) => solveBandedDefinite(y, c.b).x, tensor(c.ab));
    checkDerivatives((y) => solveBandedDefinite(c.ab, y).x, tensor(c.b));
  });
  test("vectors, batches, vmap; failures stay with their member", () => {
    const ab = tensor([
      [0, 1, 1],
      [2, 2, 2],
      [1, 1, 0],
    ]);
    const w = { lower: 1, upper: 1 };
    const alone = data(solveBanded(ab, [3, 4, 3], w).x);
    expect(distance(alone, [1, 1, 1])).toBeLessThan(1e-15);
    const bad = mul(0, ab);
    const f = vmap((m: Tensor) => solveBanded(m, [3, 4, 3], w));
    const all = f(tensor([ab.toArray(), bad.toArray(), ab.toArray()] as number[][][])) as unknown as {
      x: Tensor;
      info: Tensor;
    };
    expect(data(all.info)).toEqual([0, 3 + 16, 0]);
    expect(data(all.x).slice(0, 3)).toEqual(alone);
    expect(data(all.x).slice(6)).toEqual(alone);
    expect(status(solveBandedDefinite([[1, -1]], [1, 1]).info)).toMatch(/not positive definite at pivot 2/);
    expect(() => solveBanded(ab, [1, 2, 3], { lower: 2, upper: 1 })).toThrow(ShapeError);
    expect(() => solveBanded(ab, [1, 2], w)).toThrow(/as many rows/);
    expect(() => solveBanded(ab, [1, 2, 3], { lower: -1, upper: 3 })).toThrow(/counts/);
  });
});

describe("Toeplitz systems", () => {
  test.each(golden.toeplitz)("agree with SciPy and with the dense solution", (c) => {
    const { x, info } = solveToeplitz(c.c, c.b, { row: c.r });
    expect(info.item()).toBe(0);
    expect(distance(data(x), flat(c.x))).toBeLessThan(1e-13);
    expect(distance(data(x), data(solve(toeplitz(c.c, c.r), c.b)))).toBeLessThan(1e-13);
    expect(distance(data(circulantSolve(c.c, c.b)), flat(c.circulant))).toBeLessThan(1e-13);
    expect(distance(data(matmul(circulant(c.c), circulantSolve(c.c, c.b))), flat(c.b))).toBeLessThan(1e-13);
  });
  test("differentiate twice; the transpose runs backwards", () => {
    const [c, r, b] = [
      [4, 1, -1, 0.5],
      [4, 2, 0.3, 1],
      [1, 2, 3, 4],
    ];
    checkDerivatives((y) => solveToeplitz(y, b, { row: r }).x, tensor(c));
    checkDerivatives((y) => solveToeplitz(c, b, { row: y }).x, tensor(r));
    checkDerivatives((y) => solveToeplitz(c, y, { row: r }).x, tensor(b));
    checkDerivatives((y) => solveToeplitz(y, b).x, tensor(c));
    checkDerivatives((y) => circulantSolve(y, b), tensor(c));
  });
  test("a singular leading block is reported", () => {
    expect(status(solveToeplitz([0, 1], [1, 1]).info)).toMatch(/pivot 1 is zero/);
    expect(status(solveToeplitz([1, 1], [1, 1]).info)).toMatch(/pivot 2 is zero/);
    expect(() => solveToeplitz([1, 2], [1, 2, 3])).toThrow(/as many rows/);
  });
});

describe("the generalised symmetric eigenproblem", () => {
  test.each(golden.generalized)("has SciPy's eigenvalues", (c) => {
    const { values, vectors, info } = eighGeneralized(c.a, c.b);
    expect(info.item()).toBeLessThanOrEqual(0);
    expect(distance(data(values), c.values)).toBeLessThan(1e-13);
    const n = c.values.length;
    expect(distance(data(matmul(matmul(T(vectors), c.b), vectors)), data(eye(n)))).toBeLessThan(1e-13);
    const residual = sub(matmul(c.a, vectors), matmul(c.b, mul(vectors, values)));
    expect(Math.max(...data(residual).map(Math.abs))).toBeLessThan(1e-12);
  });
  test("an indefinite right side is refused by info, and derivatives reach both matrices", () => {
    expect(
      status(
        eighGeneralized(eye(2), [
          [1, 2],
          [2, 1],
        ]).info,
      ),
    ).toMatch(/not positive definite/);
    const [a, b] = [symmetric(3, 4), spd(3, 5)];
    checkDerivatives((x) => eighGeneralized(x, b).values, a);
    checkDerivatives((x) => eighGeneralized(a, x).values, b);
    checkDerivatives((x) => mul(eighGeneralized(a, x).vectors, eighGeneralized(a, x).vectors), b);
    expect(() => eighGeneralized(eye(2), eye(3))).toThrow(/one size/);
  });
});

describe("φ-functions", () => {
  test.each(golden.phi)("of a $name matrix agree with their series in 50 digits", (c) => {
    phiFunctions(c.a, 3).forEach((p, k) => {
      expect(distance(data(p), flat(c.phi[k] as number[][]))).toBeLessThan(2e-14);
    });
  });
  test("obey their recurrence, and differentiate", () => {
    const a = random([3, 3], 7);
    const [p0, p1, p2] = phiFunctions(a, 2);
    expect(distance(data(add(matmul(a, p1), eye(3))), data(p0))).toBeLessThan(1e-14);
    expect(distance(data(add(matmul(a, p2), eye(3))), data(p1))).toBeLessThan(1e-14);
    checkDerivatives((x) => phiFunctions(x, 2)[2], a);
    expect(() => phiFunctions(a, -1)).toThrow(/whole/);
  });
});

describe("the determinant of a singular matrix", () => {
  const adjugate = (a: Tensor): number[] => {
    const m = a.toArray() as number[][];
    const n = m.length;
    const minor = (i: number, j: number): number[][] =>
      m.filter((_, r) => r !== i).map((row) => row.filter((_, c) => c !== j));
    const value = (x: number[][]): number =>
      x.length === 0
        ? 1
        : x[0].reduce(
            (s, v, j) => s + (j % 2 ? -1 : 1) * v * value(x.slice(1).map((r) => r.filter((_, c) => c !== j))),
            0,
          );
    return Array.from({ length: n * n }, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      return ((i + j) % 2 ? -1 : 1) * value(minor(i, j));
    });
  };
  test.each([
    [
      "rank n - 1",
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    ],
    [
      "rank n - 2",
      [
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ],
    ],
    [
      "zero",
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      "a zero row",
      [
        [1, 2],
        [0, 0],
      ],
    ],
    [
      "regular",
      [
        [2, 1],
        [0, 3],
      ],
    ],
    [
      "nearly singular",
      [
        [1, 1],
        [1, 1 + 1e-13],
      ],
    ],
    ["one number", [[0]]],
  ] as [string, number[][]][])("has the cofactors for its gradient: %s", (_, rows) => {
    const a = tensor(rows);
    const want = adjugate(a);
    for (const g of [grad(det)(a) as Tensor, jit(grad(det))(a) as Tensor]) {
      const got = data(g);
      const size = Math.max(1, ...want.map(Math.abs));
      got.forEach((x, i) => expect(Math.abs(x - want[i]) / size).toBeLessThan(2e-14));
    }
  });
  test("its Hessian is that of the polynomial", () => {
    // det of a 2×2: ∂²/∂a∂d = 1, ∂²/∂b∂c = -1
    const want = [0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0];
    for (const a of [
      [
        [1, 2],
        [2, 4],
      ],
      [
        [0, 0],
        [0, 0],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ])
      data(hessian(det)(tensor(a)) as Tensor).forEach((x, i) => expect(x).toBeCloseTo(want[i], 13));
    checkDerivatives(
      det,
      tensor([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]),
    );
    checkDerivatives(
      det,
      tensor([
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ]),
    );
  }, 30_000);
  test("regular and singular members of one vmap keep apart", () => {
    const stack = tensor([
      [
        [1, 2],
        [2, 4],
      ],
      [
        [2, 1],
        [0, 3],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    const g = data(vmap(grad(det))(stack) as Tensor);
    distanceTo(g, [4, -2, -2, 1, 3, 0, -1, 2, 0, 0, 0, 0]);
  });
  const distanceTo = (got: number[], want: number[]): void => expect(distance(got, want)).toBeLessThan(1e-14);
});

describe("clustered spectra, against 50 digits", () => {
  test.each(golden.clustered)("gap $gap: values, first and second derivatives", (c) => {
    const a = tensor(c.a);
    const e = tensor(golden.direction);
    expect(distance(data(eigvalsh(a)), c.values)).toBeLessThan(1e-15 * 4);
    expect(distance(data(svdvals(a)), c.singular)).toBeLessThan(1e-15 * 4);
    // ∇ Σ exp λ = exp(A), whatever the gap: within a cluster the vectors may be any
    const g = grad((x: Tensor) => sum(exp(eigvalsh(x))))(a) as Tensor;
    expect(distance(data(g), flat(c.expm))).toBeLessThan(4e-15);
    // the second derivative through expm is exact at every gap
    const second = (f: (x: Tensor) => Tensor): number => {
      const first = (x: Tensor): Tensor => (jvp(f, [x], [e]) as unknown as { tangent: Tensor }).tangent;
      return Number((jvp(first, [a], [e]) as unknown as { tangent: Tensor }).tangent.item());
    };
    expect(Math.abs(second((x) => trace(expm(x))) / c.second - 1)).toBeLessThan(1e-13);
    // through single eigenvalues it loses eps/gap; where they agree to rounding, info says that they cannot carry it
    if (c.gap >= 1e-8)
      expect(Math.abs(second((x) => sum(exp(eigvalsh(x)))) / c.second - 1)).toBeLessThan(1e-14 / c.gap);
    else if (c.gap === 0) expect(status(eigh(a).info)).toMatch(/agree to rounding/);
  });
});

test("bases of null space and range work inside jit and vmap, given the rank", () => {
  const a = matmul(random([2, 5, 2], 1), random([2, 2, 4], 2));
  const f = jit(vmap((x: Tensor) => [nullSpace(x, { rank: 2 }), orth(x, { rank: 2 })]));
  const [z, q] = f(a) as unknown as [Tensor, Tensor];
  expect(z.shape).toEqual([2, 4, 2]);
  expect(q.shape).toEqual([2, 5, 2]);
  expect(Math.max(...data(matmul(a, z)).map(Math.abs))).toBeLessThan(1e-14);
  expect(distance(data(matmul(q, matmul(T(q), a))), data(a))).toBeLessThan(1e-14);
  expect(() => jit((x: Tensor) => nullSpace(x))(a.reshape([10, 4]))).toThrow(/rank/);
});

test("blocked and unblocked factorizations agree at sizes around the blocks", () => {
  for (const n of [15, 16, 17, 23, 24, 25, 33, 48, 65]) {
    const a = random([n, n], n);
    const identity = data(eye(n));
    expect(distance(data(matmul(inv(a), a)), identity)).toBeLessThan(1e-10);
    const { q, r } = qr(a);
    expect(distance(data(matmul(q, r)), data(a))).toBeLessThan(1e-14 * 4);
    const p = spd(n, n + 1);
    const { l } = cholesky(p);
    expect(distance(data(matmul(l, T(l))), data(p))).toBeLessThan(1e-14);
    expect(fromTypedArray(l.dataSync() as Float64Array, [n, n]).shape).toEqual([n, n]);
  }
});
