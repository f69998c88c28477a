import { grad, hessian } from "@ansatz/autodiff";
import {
  add,
  eye,
  jit,
  key,
  kron,
  matmul,
  matrixTranspose,
  mul,
  normal,
  reshape,
  sin,
  sub,
  sum,
  type Tensor,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import golden from "../golden/large.json";
import {
  bicgstab,
  cg,
  circulant,
  circulantOperator,
  circulantSolve,
  eigh,
  eigvalsh,
  expm,
  fft,
  fftConvolve,
  fftn,
  gmres,
  graphLaplacian,
  incompleteCholesky,
  incompleteLu,
  jacobiPreconditioner,
  khatriRao,
  kroneckerMatmul,
  kroneckerOperator,
  kroneckerSum,
  kroneckerSumOperator,
  linearOperator,
  lobpcg,
  lsmr,
  lsqr,
  minres,
  pinv,
  type Sparse,
  solve,
  sparseFromDense,
  sparseMatmul,
  status,
  toeplitz,
  toeplitzOperator,
} from "./index";
import { checkDerivatives } from "./testing/derivatives";
import { defect, distance, largestOf, random } from "./testing/matrices";

const T = matrixTranspose;
const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const num = (t: Tensor): number => Number(t.item());
const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);

describe("derivatives of the iterative solvers come from the equation", () => {
  const n = 8;
  const a = random([n, n], 1);
  const spd = add(matmul(a, T(a)), mul(3, eye(n)));
  const general = add(a, mul(5, eye(n)));
  const b = random([n], 2);
  const o = { rtol: 1e-13, maxSteps: 200 };
  const symmetric = (x: Tensor): Tensor => mul(0.5, add(x, T(x)));
  test.each([
    ["cg", (m: Tensor, y: Tensor) => cg(symmetric(m), y, o).value, spd],
    ["minres", (m: Tensor, y: Tensor) => minres(symmetric(m), y, o).value, spd],
    ["bicgstab", (m: Tensor, y: Tensor) => bicgstab(m, y, o).value, general],
    ["gmres", (m: Tensor, y: Tensor) => gmres(m, y, o).value, general],
    [
      "gmres, preconditioned",
      (m: Tensor, y: Tensor) => gmres(m, y, { ...o, preconditioner: jacobiPreconditioner(m) }).value,
      general,
    ],
    ["lsqr", (m: Tensor, y: Tensor) => lsqr(m, y, { rtol: 1e-14 }).value, general],
    ["lsmr", (m: Tensor, y: Tensor) => lsmr(m, y, { rtol: 1e-14 }).value, general],
  ] as const)(
    "%s, to second order in A and in b",
    (_, f, m) => {
      checkDerivatives((x) => f(x, b), m, { tolerance: 2e-6 });
      checkDerivatives((y) => f(m, sin(y)), b, { tolerance: 2e-6 });
    },
    60_000,
  );
  test("the gradient is that of the direct solver, in reverse mode, under jit, with a function for A", () => {
    const w = random([n], 3);
    const direct = grad((m: Tensor) => sum(mul(w, solve(m, b))))(general) as Tensor;
    for (const method of [bicgstab, gmres]) {
      const f = (m: Tensor): Tensor => sum(mul(w, method((x: Tensor) => matmul(m, x), b, o).value));
      expect(distance(data(jit(grad(f))(general) as Tensor), data(direct))).toBeLessThan(1e-10);
    }
    const op = (m: Tensor): Tensor => {
      const A = linearOperator({ shape: n, apply: (x) => matmul(m, x) });
      return sum(mul(w, lsqr(A, b, { rtol: 1e-14 }).value));
    };
    expect(distance(data(grad(op)(general) as Tensor), data(direct))).toBeLessThan(1e-9);
  });
  test("a gradient with respect to the entries of a sparse matrix", () => {
    const m = sparseFromDense(add(mul(4, eye(n)), add(mul(-1, eye(n, n, { k: 1 })), mul(-1, eye(n, n, { k: -1 })))));
    const w = random([n], 4);
    const g = grad((s: Sparse) => sum(mul(w, cg(s, b, { ...o, preconditioner: incompleteCholesky(s) }).value)))(m);
    const x = solve(sparseFromDenseBack(m), b);
    const y = solve(sparseFromDenseBack(m), w);
    // x̄ = w:  Ā = -A⁻ᵀ w xᵀ
    const want = Array.from(m.pattern.rows, (r, i) => -data(y)[r] * data(x)[m.pattern.columns[i]]);
    expect(distance(data((g as unknown as Sparse).values), want)).toBeLessThan(1e-10);
  });
  const sparseFromDenseBack = (s: Sparse): Tensor => sparseMatmul(s, eye(n));
  test("the Hessian of a quadratic form: bᵀA⁻¹b has Hessian 2A⁻¹", () => {
    const h = hessian((y: Tensor) => sum(mul(y, cg(spd, y, o).value)))(b) as Tensor;
    expect(distance(data(h), data(mul(2, solve(spd, eye(n)))))).toBeLessThan(1e-10);
  });
  test("several right-hand sides, under vmap as well", () => {
    const many = random([n, 3], 5);
    checkDerivatives((x) => bicgstab(x, many, o).value, general, { order: 1 });
    const stack = vmap((y: Tensor) => grad((z: Tensor) => sum(sin(gmres(general, z, o).value)))(y) as Tensor)(T(many));
    for (let i = 0; i < 3; i++) {
      const y = tensor(data(T(many)).slice(i * n, (i + 1) * n));
      const one = grad((z: Tensor) => sum(sin(solve(general, z))))(y) as Tensor;
      expect(distance(data(stack as Tensor).slice(i * n, (i + 1) * n), data(one))).toBeLessThan(1e-10);
    }
  });
  test("an unsymmetric preconditioner is transposed with its matrix", () => {
    const m = sparseFromDense(general);
    const g = grad((y: Tensor) => sum(sin(gmres(m, y, { ...o, preconditioner: incompleteLu(m) }).value)))(b) as Tensor;
    const want = grad((y: Tensor) => sum(sin(solve(general, y))))(b) as Tensor;
    expect(distance(data(g), data(want))).toBeLessThan(1e-11);
  });
});

describe("lsqr", () => {
  const { a, b, x, damped } = golden.leastSquares;
  test("finds SciPy's least-squares solution, damped too", () => {
    const r = lsqr(a, b, { rtol: 1e-14 });
    expect(status(r.info)).toBe("success");
    expect(distance(data(r.value), x)).toBeLessThan(1e-12);
    expect(num(r.stats.gradientNorm)).toBeLessThan(1e-11);
    expect(distance(data(lsqr(a, b, { rtol: 1e-14, damp: 0.5 }).value), damped)).toBeLessThan(1e-12);
  });
  test("of a wide matrix it finds the solution of least norm; of nothing, nothing", () => {
    const wide = random([4, 9], 6);
    const y = random([4], 7);
    expect(distance(data(lsqr(wide, y, { rtol: 1e-14 }).value), data(matmul(pinv(wide), y)))).toBeLessThan(1e-12);
    const zero = lsqr(wide, [0, 0, 0, 0]);
    expect([...data(zero.value), zero.info.item(), zero.stats.steps.item()]).toEqual([...new Array(9).fill(0), 0, 0]);
  });
  test("what does not converge says so; sparse and operators are welcome", () => {
    expect(status(lsqr(a, b, { maxSteps: 2, rtol: 1e-14 }).info)).toMatch(/did not converge \(2\)/);
    expect(distance(data(lsqr(sparseFromDense(a), b, { rtol: 1e-14 }).value), x)).toBeLessThan(1e-12);
    expect(() => lsqr((v: Tensor) => v, b)).toThrow(/linearOperator/);
    expect(() => lsqr(a, [1, 2])).toThrow(/vector \[30\]/);
  });
});

describe("lsmr", () => {
  const { a, b, x, damped } = golden.leastSquares;
  test("finds SciPy's least-squares solution, damped too, and that of least norm", () => {
    const r = lsmr(a, b, { rtol: 1e-14 });
    expect(status(r.info)).toBe("success");
    expect(distance(data(r.value), x)).toBeLessThan(1e-12);
    expect(distance(data(lsmr(a, b, { rtol: 1e-14, damp: 0.5 }).value), damped)).toBeLessThan(1e-12);
    const [wide, y] = [random([4, 9], 6), random([4], 7)];
    expect(distance(data(lsmr(wide, y, { rtol: 1e-14 }).value), data(matmul(pinv(wide), y)))).toBeLessThan(1e-12);
    expect([...data(lsmr(wide, [0, 0, 0, 0]).value)]).toEqual(new Array(9).fill(0));
    expect(() => lsmr((v: Tensor) => v, b)).toThrow(/linearOperator/);
  });
  test("the gradient never grows from step to step, and lsqr's does not stay below it", () => {
    const scales = Array.from({ length: 12 }, (_, i) => 2 ** -i);
    const [m, y] = [mul(random([20, 12], 3), scales), random([20], 4)];
    const gradients = (method: typeof lsmr): number[] =>
      Array.from({ length: 12 }, (_, k) => num(method(m, y, { rtol: 1e-15, maxSteps: k + 1 }).stats.gradientNorm));
    const [ours, other] = [gradients(lsmr), gradients(lsqr)];
    for (let k = 1; k < ours.length; k++) expect(ours[k]).toBeLessThan(ours[k - 1] * (1 + 1e-12));
    ours.forEach((g, k) => expect(g).toBeLessThan(other[k] * (1 + 1e-9)));
  });
});

describe("lobpcg", () => {
  const { side, smallest, largest } = golden.grid;
  const line = add(mul(2, eye(side)), add(mul(-1, eye(side, side, { k: 1 })), mul(-1, eye(side, side, { k: -1 }))));
  const grid = sparseFromDense(kroneckerSum(line, line));
  const x0 = normal(key(3), [side * side, 5], { dtype: "float64" });
  test("finds both ends of the spectrum of a grid, a double eigenvalue among them", () => {
    const low = lobpcg(grid, x0, { tol: 1e-11 });
    expect(status(low.info)).toBe("success");
    expect(distance(data(low.values), smallest)).toBeLessThan(1e-12);
    expect(defect(data(low.vectors), side * side, 5)).toBeLessThan(1e-13);
    const av = sparseMatmul(grid, low.vectors);
    expect(largestOf(data(sub(av, mul(low.vectors, low.values))))).toBeLessThan(1e-9);
    const high = lobpcg(grid, x0, { tol: 1e-11, largest: true });
    expect(distance(data(high.values).slice(0, 4).reverse(), largest)).toBeLessThan(1e-12);
  });
  test("a preconditioner saves steps; too few steps are said", () => {
    const plain = lobpcg(grid, x0, { tol: 1e-9 });
    const better = lobpcg(grid, x0, { tol: 1e-9, preconditioner: incompleteCholesky(grid) });
    expect(num(better.stats.steps)).toBeLessThan(num(plain.stats.steps));
    expect(status(lobpcg(grid, x0, { maxSteps: 1, tol: 1e-12 }).info)).toMatch(/did not converge \(1\)/);
    expect(() => lobpcg(eye(5), random([5, 2], 1))).toThrow(/eigh/);
  });
  test("values differentiate, in reverse mode too: the gradient of λ is v vᵀ", () => {
    const m = matmul(random([12, 12], 1), eye(12));
    const s = add(m, T(m));
    const start = random([12, 2], 8);
    const f = (x: Tensor): Tensor => sum(lobpcg(mul(0.5, add(x, T(x))), start, { tol: 1e-12 }).values);
    const g = grad(f)(s) as Tensor;
    const want = grad((x: Tensor) => sum(mul(eigvalsh(x), [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])))(s) as Tensor;
    expect(distance(data(g), data(want))).toBeLessThan(1e-8);
    expect(distance(data(jit(grad(f))(s) as Tensor), data(g))).toBeLessThan(1e-8);
  });
});

describe("lobpcg for pencils, and its vectors", () => {
  // linear finite elements on a line: stiffness tridiag(-1, 2, -1), mass tridiag(1, 4, 1) / 6
  const n = 40;
  const band = (a: number, c: number): Tensor =>
    add(mul(a, eye(n)), add(mul(c, eye(n, n, { k: 1 })), mul(c, eye(n, n, { k: -1 }))));
  const [stiffness, mass] = [band(2, -1), band(4 / 6, 1 / 6)];
  const values = Float64Array.from({ length: n }, (_, j) => {
    const c = Math.cos(((j + 1) * Math.PI) / (n + 1));
    return (2 - 2 * c) / ((4 + 2 * c) / 6);
  });
  const x0 = normal(key(5), [n, 4], { dtype: "float64" });
  test("finds the known eigenvalues of finite elements at both ends, with VᵀB V = I", () => {
    for (const largest of [false, true]) {
      const r = lobpcg(sparseFromDense(stiffness), x0, { b: sparseFromDense(mass), largest, tol: 1e-10 });
      expect(status(r.info)).toBe("success");
      const want = largest ? values.slice(-4).reverse() : values.slice(0, 4);
      expect(distance(data(r.values), want)).toBeLessThan(1e-12);
      expect(distance(data(matmul(T(r.vectors), matmul(mass, r.vectors))), data(eye(4)))).toBeLessThan(1e-12);
      const residual = sub(matmul(stiffness, r.vectors), mul(matmul(mass, r.vectors), r.values));
      expect(largestOf(data(residual))).toBeLessThan(1e-9);
    }
  });
  test("a projector on the space of a double eigenvalue has the derivative that eigh gives it", () => {
    const v = eigh(add(random([8, 8], 1), T(random([8, 8], 1)))).vectors;
    const a = matmul(mul(v, [1, 1, 4, 5, 6, 7, 8, 9]), T(v));
    const start = random([8, 2], 2);
    const w = random([8, 8], 3);
    const symmetric = (x: Tensor): Tensor => mul(0.5, add(x, T(x)));
    const sparse = (x: Tensor): Tensor => {
      const { vectors } = lobpcg(symmetric(x), start, { tol: 1e-13 });
      return sum(mul(w, matmul(vectors, T(vectors))));
    };
    const dense = (x: Tensor): Tensor => {
      const { vectors } = eigh(x);
      return sum(mul(w, matmul(mul(vectors, [1, 1, 0, 0, 0, 0, 0, 0]), T(vectors))));
    };
    expect(distance(data(grad(sparse)(a) as Tensor), data(grad(dense)(a) as Tensor))).toBeLessThan(1e-9);
  });
});

describe("Fourier transforms at primes and in several dimensions", () => {
  test.each(golden.transforms)("agree with SciPy's", ({ x, y }) => {
    const { re, im } = fftn(x as { re: number[]; im: number[] });
    const want = [...flat(y.re), ...flat(y.im)];
    expect(distance([...data(re), ...data(im)], want)).toBeLessThan(4e-16 * (2 + Math.log2(want.length)));
  });
  test("at prime lengths single waves become single lines, to a few eps log n", () => {
    for (const n of [997, 4099, 10007, 3 ** 7, 2 ** 4 * 5 ** 4]) {
      const k = 123 % n;
      const turn = (j: number): number => (2 * Math.PI * ((j * k) % n)) / n;
      const re = Float64Array.from({ length: n }, (_, j) => Math.cos(turn(j)));
      const im = Float64Array.from({ length: n }, (_, j) => Math.sin(turn(j)));
      const f = fft({ re: tensor(re), im: tensor(im) });
      const [p, q] = [data(f.re), data(f.im)];
      p[k] -= n;
      const worst = Math.max(largestOf(p), largestOf(q)) / n;
      expect(worst).toBeLessThan(1e-16 * (4 + Math.log2(n)));
    }
  }, 60_000);
});

describe("convolution and structured operators", () => {
  test.each(golden.convolutions)("fftConvolve agrees with SciPy in every mode", (c) => {
    for (const mode of ["full", "same", "valid"] as const)
      expect(distance(data(fftConvolve(c.x as number[], c.kernel as number[], { mode })), flat(c[mode]))).toBeLessThan(
        1e-14,
      );
  });
  test("batches over the other axes, differentiates, and refuses what does not fit", () => {
    const [x, k] = [random([3, 8], 1), random([1, 3], 2)];
    const got = fftConvolve(x, k, { axes: [1] });
    for (let i = 0; i < 3; i++) {
      const row = data(x).slice(8 * i, 8 * i + 8);
      expect(distance(data(got).slice(10 * i, 10 * i + 10), data(fftConvolve(row, data(k))))).toBeLessThan(1e-14);
    }
    checkDerivatives((y) => fftConvolve(sin(y), k, { axes: [1] }), x);
    expect(() => fftConvolve([1, 2], [1, 2, 3], { mode: "valid" })).toThrow(/fit/);
    expect(() => fftConvolve([1, 2], [[1]])).toThrow(/axes/);
  });
  test("circulant and Toeplitz operators do what their matrices do, both ways, and SciPy agrees", () => {
    const { column, row, x, y, ax, aty, circulantSolve: solved } = golden.toeplitz;
    const t = toeplitzOperator(column, row);
    expect(distance(data(t.apply(tensor(x))), ax)).toBeLessThan(1e-14);
    expect(distance(data(t.adjoint(tensor(y))), aty)).toBeLessThan(1e-14);
    expect(distance(data(circulantSolve(column, y)), solved)).toBeLessThan(1e-13);
    const many = random([6, 3], 4);
    const c = circulantOperator(column);
    expect(distance(data(c.apply(many)), data(matmul(circulant(column), many)))).toBeLessThan(1e-14);
    expect(distance(data(c.adjoint(many)), data(matmul(T(circulant(column)), many)))).toBeLessThan(1e-14);
    const wide = toeplitzOperator([1, 2], [1, 3, 4, 5]);
    expect(distance(data(wide.apply(eye(4))), data(toeplitz([1, 2], [1, 3, 4, 5])))).toBeLessThan(1e-15);
    checkDerivatives((z) => circulantSolve(z, y), tensor(column), { tolerance: 1e-5 });
  });
  test("cg on a Toeplitz operator finds the solution of the matrix", () => {
    const column = [4, -1, 0.5, 0, 0, 0.1];
    const b = random([6], 5);
    const r = cg(toeplitzOperator(column), b, { rtol: 1e-13 });
    expect(distance(data(r.value), data(solve(toeplitz(column), b)))).toBeLessThan(1e-12);
  });
});

describe("Kronecker products without forming them", () => {
  test.each(golden.kronecker)("agree with NumPy's kron", ({ factors, x, y }) => {
    expect(distance(data(kroneckerMatmul(factors, x)), flat(y))).toBeLessThan(1e-14);
    const op = kroneckerOperator(factors);
    const whole = factors.map((f) => tensor(f)).reduce((p, q) => kron(p, q));
    const z = random([op.shape[0], 2], 3);
    expect(distance(data(op.adjoint(z)), data(matmul(T(whole), z)))).toBeLessThan(1e-14);
    expect(
      distance(
        data(
          kroneckerMatmul(
            factors,
            x.map((r) => r[0]),
          ),
        ),
        y.map((r) => r[0]),
      ),
    ).toBeLessThan(1e-14);
  });
  test("(A ⊗ B) vec X = vec(A X Bᵀ), the eigenvalues multiply, and those of the sum add", () => {
    const [a, b] = [random([3, 3], 1), random([4, 4], 2)].map((m) => add(m, T(m)));
    const x = random([3, 4], 3);
    const image = kroneckerMatmul([a, b], reshape(x, [12]));
    expect(distance(data(image), data(matmul(matmul(a, x), T(b))))).toBeLessThan(1e-14);
    const [la, lb] = [a, b].map((m) => [...data(eigvalsh(m))]);
    const all = (f: (p: number, q: number) => number): number[] =>
      la.flatMap((p) => lb.map((q) => f(p, q))).sort((p, q) => p - q);
    expect(
      distance(
        data(eigvalsh(kron(a, b))),
        all((p, q) => p * q),
      ),
    ).toBeLessThan(1e-13);
    expect(
      distance(
        data(eigvalsh(kroneckerSum(a, b))),
        all((p, q) => p + q),
      ),
    ).toBeLessThan(1e-13);
    expect(distance(data(expm(kroneckerSum(a, b))), data(kron(expm(a), expm(b))))).toBeLessThan(1e-12);
    const op = kroneckerSumOperator([a, b]);
    expect(distance(data(op.apply(eye(12))), data(kroneckerSum(a, b)))).toBeLessThan(1e-15);
    expect(distance(data(op.adjoint(image)), data(op.apply(image)))).toBeLessThan(1e-14);
  });
  test("the Khatri–Rao product goes column by column, as SciPy's", () => {
    const { a, b, product } = golden.khatriRao;
    expect(distance(data(khatriRao(a, b)), flat(product))).toBeLessThan(1e-15);
    // (A ⊙ B)ᵀ(A ⊙ B) = AᵀA ∘ BᵀB
    const k = khatriRao(a, b);
    const [p, q] = [tensor(a), tensor(b)];
    expect(distance(data(matmul(T(k), k)), data(mul(matmul(T(p), p), matmul(T(q), q))))).toBeLessThan(1e-14);
    expect(() => khatriRao([[1]], [[1, 2]])).toThrow(/columns/);
    expect(khatriRao([[1, 2]], [[3, 4]], [[5, 6]]).toArray()).toEqual([[15, 48]]);
  });
  test("differentiate to second order in the factors and the vector", () => {
    const [a, b] = [random([2, 3], 4), random([3, 2], 5)];
    const x = random([6], 6);
    checkDerivatives((z) => kroneckerMatmul([sin(z), b], x), a);
    checkDerivatives((z) => kroneckerMatmul([a, b], sin(z)), x);
    expect(() => kroneckerMatmul([a, b], [1, 2])).toThrow(/vector \[6\]/);
  });
});

test("graph Laplacians agree with SciPy's", () => {
  const { adjacency, laplacian, normalised } = golden.graph;
  const g = graphLaplacian(adjacency);
  expect(distance(data(g.laplacian), flat(laplacian))).toBeLessThan(1e-15);
  expect(distance(data(g.normalised), flat(normalised))).toBeLessThan(1e-14);
});
