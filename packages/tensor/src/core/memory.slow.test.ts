import { wasmBackend } from "@ansatz/backend-wasm";
import { expect, test } from "vitest";
import { add, jit, mul, sum, type Tensor, useBackend, zeros } from "../index";

// Each step makes at least 1 MB, and nothing is disposed. The bounds: device memory stays within the residency budget and one step; the
// process within the budget, the copies that wait for the garbage collector, and the engine.
const steps = 100_000;
const n = 131_072; // float64: 1 MiB
const budget = 8 * 2 ** 20;
const rssBound = 600 * 2 ** 20;

const soak = async (run: (check: () => void) => Promise<void> | void): Promise<void> => {
  const backend = wasmBackend({ residentBytes: budget });
  useBackend(backend);
  let most = 0;
  let rss = 0;
  const check = (): void => {
    most = Math.max(most, backend.live().bytes);
    rss = Math.max(rss, process.memoryUsage.rss());
  };
  await run(check);
  console.log(`live ≤ ${(most / 2 ** 20).toFixed(1)} MiB, rss ≤ ${(rss / 2 ** 20).toFixed(0)} MiB`);
  expect(most).toBeLessThanOrEqual(budget + 3 * 2 ** 20);
  expect(rss).toBeLessThan(rssBound);
};

const first = (x: Tensor): number => (x.dataSync() as Float64Array)[0];

test("100,000 compiled steps run in bounded memory", () =>
  soak((check) => {
    const step = jit((x: Tensor) => add(mul(x, 0.5), 1));
    let x = zeros([n]);
    for (let i = 0; i < steps; i++) {
      x = step(x);
      if (i % 100 === 0) check();
    }
    expect(first(x)).toBe(2);
  }));

test("100,000 eager steps in a synchronous loop without a scope run in bounded memory", () =>
  soak((check) => {
    let x = zeros([n]);
    for (let i = 0; i < steps; i++) {
      x = add(x, 1);
      if (i % 100 === 0) check();
    }
    expect(first(x)).toBe(steps);
  }));

test("100,000 steps of a loop that only awaits run in bounded memory", () =>
  soak(async (check) => {
    const step = jit((x: Tensor) => {
      const y = add(x, 1);
      return { y, total: sum(y) };
    });
    let x = zeros([n]);
    let total = 0;
    for (let i = 0; i < steps; i++) {
      const r = step(x);
      x = r.y;
      total = (await r.total.data())[0] as number;
      if (i % 100 === 0) check();
    }
    expect(total).toBe(steps * n);
  }));
