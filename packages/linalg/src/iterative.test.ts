import { add, eye, jit, matmul, matrixTranspose, mul, type Tensor, tensor, vmap } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  bicgstab,
  cg,
  eigvalsh,
  gmres,
  inverseIteration,
  lanczos,
  minres,
  powerIteration,
  qr,
  rayleighIteration,
  solve,
  status,
} from "./index";
import { distance, random } from "./testing/matrices";

const n = 30;
const a = random([n, n], 1);
const b = random([n], 2);
const spd = add(matmul(a, matrixTranspose(a)), mul(5, eye(n)));
const indefinite = add(a, matrixTranspose(a));
const general = add(a, mul(4, eye(n)));
const data = (t: Tensor): Float64Array => t.dataSync() as Float64Array;
const jacobi = (m: Tensor) => {
  const d = tensor(Float64Array.from({ length: n }, (_, i) => 1 / data(m)[i * n + i]));
  return (x: Tensor): Tensor => mul(d, x);
};

describe("solvers find the solution that elimination finds", () => {
  const o = { rtol: 1e-12, maxSteps: 400 };
  test.each([
    ["cg", spd, () => cg(spd, b, o)],
    ["cg, preconditioned", spd, () => cg(spd, b, { ...o, preconditioner: jacobi(spd) })],
    ["cg with a function", spd, () => cg((x) => matmul(spd, x), b, o)],
    ["minres, definite", spd, () => minres(spd, b, o)],
    ["minres, indefinite", indefinite, () => minres(indefinite, b, o)],
    ["bicgstab", general, () => bicgstab(general, b, o)],
    ["bicgstab, preconditioned", general, () => bicgstab(general, b, { ...o, preconditioner: jacobi(general) })],
    ["gmres", general, () => gmres(general, b, { ...o, restart: n })],
    ["gmres with restarts", general, () => gmres(general, b, { ...o, restart: 12 })],
    [
      "gmres, preconditioned, from a start",
      general,
      () => gmres(general, b, { ...o, x0: b, preconditioner: jacobi(general) }),
    ],
  ] as const)("%s", (_, m, run) => {
    const r = run();
    expect(status(r.info)).toBe("success");
    expect(distance(data(r.value), data(solve(m, b)))).toBeLessThan(1e-9);
    expect(Number(r.stats.steps.item())).toBeGreaterThan(0);
  });
  test("cg ends in n steps on n distinct eigenvalues, 2 on two", () => {
    const two = mul(eye(6), [1, 1, 1, 5, 5, 5]);
    expect(cg(two, [1, 2, 3, 4, 5, 6], { rtol: 1e-13 }).stats.steps.item()).toBe(2);
    expect(minres(two, [1, 2, 3, 4, 5, 6], { rtol: 1e-13 }).stats.steps.item()).toBe(2);
  });
});

test("what does not converge says so", () => {
  expect(status(cg(spd, b, { maxSteps: 2, rtol: 1e-12 }).info)).toMatch(/did not converge \(2\)/);
  expect(status(cg(mul(-1, spd), b).info)).toMatch(/broke down at step 1/);
  expect(cg(spd, mul(0, b)).info.item()).toBe(0);
  expect(cg(spd, mul(0, b)).stats.steps.item()).toBe(0);
});

test("solvers run under jit and vmap, each member to its own end", () => {
  const rhs = random([3, n], 7);
  const f = jit(vmap((y: Tensor) => cg(spd, y, { rtol: 1e-12 }).value));
  const together = data(f(rhs) as Tensor);
  for (let i = 0; i < 3; i++) {
    const y = data(rhs).slice(i * n, (i + 1) * n);
    expect(distance(together.subarray(i * n, (i + 1) * n), data(solve(spd, y)))).toBeLessThan(1e-9);
  }
});

describe("eigenvalue iterations", () => {
  const { q } = qr(random([6, 6], 9));
  const m = matmul(mul(q, [10, 5, 3, 2, 1, -1]), matrixTranspose(q));
  const v0 = random([6], 10);
  test("power, inverse and Rayleigh iteration find their eigenvalues", () => {
    const p = powerIteration(m, v0, { tol: 1e-9 });
    expect(p.value.item()).toBeCloseTo(10, 12);
    expect(p.info.item()).toBe(0);
    expect(inverseIteration(m, 2.9, v0).value.item()).toBeCloseTo(3, 10);
    const r = rayleighIteration(m, matmul(matmul(q.transpose(), q), v0));
    expect(r.info.item()).toBe(0);
    expect(Math.min(...[10, 5, 3, 2, 1, -1].map((x) => Math.abs(x - Number(r.value.item()))))).toBeLessThan(1e-9);
    expect(Number(r.stats.steps.item())).toBeLessThan(10);
    expect(status(powerIteration(m, v0, { maxSteps: 2 }).info)).toMatch(/did not converge/);
  });
  test("n steps of Lanczos give the whole spectrum", () => {
    const { alpha, beta, q: basis } = lanczos(m, v0, 6);
    const t = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: 6 }, (_, j) =>
        i === j ? data(alpha)[i] : Math.abs(i - j) === 1 ? data(beta)[Math.min(i, j)] : 0,
      ),
    );
    expect(distance(data(eigvalsh(t)), [-1, 1, 2, 3, 5, 10])).toBeLessThan(1e-12);
    expect(distance(data(matmul(basis, matrixTranspose(basis))), data(eye(6)))).toBeLessThan(1e-13);
  });
});
