import {
  add,
  cos,
  explain,
  jit,
  key,
  matmul,
  mul,
  normal,
  scan,
  sin,
  split,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { checkpointScan, grad, hessian, hvp, jacobian, jvp, linearize, vjp } from "./index";

type Scan = typeof scan;
const W = mul(0.7, normal(key(1), [3, 3], { dtype: "float64" }));
/** A recurrence with a constant, a vector carry, a counter, xs and ys. */
const chain =
  (run: Scan, n: number, reverse = false) =>
  (w: Tensor, c0: Tensor, xs: Tensor): Tensor => {
    const [c, ys] = run(
      (s: { h: Tensor; k: Tensor }, x: Tensor) => {
        const h = tanh(add(matmul(w, s.h), mul(x, cos(s.h))));
        return [{ h, k: add(s.k, 1) }, mul(sum(h), x)] as const;
      },
      { h: c0, k: tensor(0, { dtype: "int32" }) },
      xs,
      { length: n, reverse },
    );
    return add(sum(mul(c.h, tensor([1, 2, 3]))), sum(mul(ys, ys)));
  };
const kept =
  (snapshots?: number): Scan =>
  (f, init, xs, o) =>
    checkpointScan(f, init, xs, { ...o, ...(snapshots !== undefined && { snapshots }) });
const c0 = tensor([0.1, -0.2, 0.3]);
const inputs = (n: number): Tensor => normal(key(n), [n], { dtype: "float64" });

describe("checkpointScan", () => {
  test("has the values of scan and its gradients bit for bit, for every length and number of snapshots", () => {
    for (const n of [1, 2, 5, 12, 30])
      for (const s of n < 30 ? [1, 3] : [2, 4, undefined]) {
        const xs = inputs(n);
        const want = vjp(chain(scan, n), W, c0, xs);
        const got = vjp(chain(kept(s), n), W, c0, xs);
        expect(got.value.item()).toBe(want.value.item());
        const gs = want.pullback(tensor(1));
        got.pullback(tensor(1)).forEach((g, i) => expect(g.toArray()).toEqual(gs[i].toArray()));
      }
  }, 60_000);
  test("from the end, in forward mode, compiled and batched", () => {
    const n = 11;
    const xs = inputs(n);
    const f = chain(scan, n, true);
    const g = chain(kept(3), n, true);
    const at = (h: typeof f) => (w: Tensor) => h(w, c0, xs);
    assertClose(grad(at(g))(W), grad(at(f))(W));
    assertClose(jvp(at(g), [W], [W]).tangent, jvp(at(f), [W], [W]).tangent);
    assertClose(jit(grad(at(g)))(W), grad(at(f))(W), { rtol: 1e-13, atol: 1e-14 });
    const ws = tensor([W.toArray(), mul(0.5, W).toArray()] as number[][][]);
    assertClose(vmap(grad(at(g)))(ws), vmap(grad(at(f)))(ws), { rtol: 1e-12, atol: 1e-13 });
    const hx = (h: typeof f) => (x: Tensor) => h(W, c0, x);
    assertClose(
      vmap(grad(hx(g)))(tensor([xs.toArray(), mul(2, xs).toArray()] as number[][])),
      vmap(grad(hx(f)))(tensor([xs.toArray(), mul(2, xs).toArray()] as number[][])),
      { rtol: 1e-12, atol: 1e-13 },
    );
  }, 30_000);
  test("to second order in every combination of modes", () => {
    const n = 7;
    const xs = inputs(n);
    const at = (run: Scan) => (c: Tensor) => chain(run, n)(W, c, xs);
    const want = hessian(at(scan))(c0);
    const tol = { rtol: 1e-11, atol: 1e-12 };
    assertClose(hessian(at(kept(2)))(c0), want, tol);
    assertClose(jacobian(grad(at(kept(2))), { mode: "reverse" })(c0), want, tol);
    assertClose(jit(hvp(at(kept(2))))(c0, c0), hvp(at(scan))(c0, c0), tol);
  });
  test("carries keys: noise is drawn again as it was", () => {
    const walk = (run: Scan) => (s: Tensor) =>
      run(
        (c: { x: Tensor; k: Tensor }) => {
          const [now, next] = split(c.k);
          return [{ x: add(sin(c.x), mul(s, normal(now, [], { dtype: "float64" }))), k: next }, null] as const;
        },
        { x: mul(s, 1), k: key(3) },
        null,
        { length: 20 },
      )[0].x;
    assertClose(grad(walk(kept(3)))(0.5), grad(walk(scan))(0.5));
  });
  test("refuses a nonsensical number of snapshots", () => {
    expect(() => checkpointScan((c: Tensor) => [c, null] as const, 1, null, { length: 3, snapshots: 0 })).toThrow(
      /snapshots is a whole number ≥ 1/,
    );
  });
});

describe("the gradient of 100,000 steps", () => {
  const n = 100_000;
  const end = (run: Scan) => (w: Tensor) =>
    run((x: Tensor) => [sin(mul(w, x)), null] as const, tensor(0.5, { dtype: "float64" }), null, { length: n })[0];
  const temporaries = (f: (w: Tensor) => Tensor): number => {
    const [, amount, unit] = /temporaries ([\d.]+) (B|KiB|MiB)/.exec(explain(f)(1.1)) as RegExpExecArray;
    return Number(amount) * ({ B: 1, KiB: 1024, MiB: 2 ** 20 }[unit] as number);
  };
  test("is that of scan to the last bit, in memory for √(2n) or log₂ n carries instead of n", () => {
    const want = jit(grad(end(scan)))(1.1).item();
    const all = temporaries(grad(end(scan)));
    expect(all).toBeGreaterThan(8 * n);
    for (const s of [undefined, 17]) {
      const g = grad(end(kept(s)));
      expect(jit(g)(1.1).item()).toBe(want);
      expect(temporaries(g)).toBeLessThan(8 * 3 * (s ?? Math.sqrt(2 * n)) + 4096);
    }
  }, 60_000);
  test("and the forward pass leaves nothing behind but its operands", () => {
    const f = end(kept());
    expect(linearize(f, 1.1).residualBytes).toBeLessThan(200);
    expect(linearize(end(scan), 1.1).residualBytes).toBeGreaterThanOrEqual(8 * n);
  });
});
