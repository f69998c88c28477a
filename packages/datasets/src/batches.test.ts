import { key } from "@ansatz/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { batches } from "./batches";

const numbers = async (t: { data(): Promise<ArrayLike<number | bigint>> }): Promise<number[]> =>
  Array.from(await t.data(), Number);

test("an epoch gives every batch of distinct indices once, and the next epoch another order", async () => {
  const b = batches({ count: 103, size: 10, key: key(0) });
  expect(b.perEpoch).toBe(10);
  let position = b.at(0);
  const epochs: number[][] = [];
  for (let e = 0; e < 3; e++) {
    const seen: number[] = [];
    for (let i = 0; i < 10; i++) {
      const next = b.next(position);
      seen.push(...(await numbers(next.indices)));
      position = next.position;
    }
    expect(new Set(seen).size).toBe(100);
    expect(Math.min(...seen) >= 0 && Math.max(...seen) < 103).toBe(true);
    expect(seen).toEqual(await numbers(b.order(e)));
    epochs.push(seen);
  }
  expect(position).toEqual({ epoch: 3, batch: 0 });
  expect(epochs[0]).not.toEqual(epochs[1]);
  const left = epochs.map((seen) => [...Array(103).keys()].filter((i) => !seen.includes(i)).join());
  expect(new Set(left).size).toBeGreaterThan(1);
});

test("from a saved position the batches go on as they would have", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(1000), fc.nat(60), async (size, seed, steps) => {
      const options = { count: 40, size, key: key(seed) };
      const whole = batches(options);
      let position = whole.at(0);
      for (let i = 0; i < steps; i++) position = whole.next(position).position;
      const saved = JSON.parse(JSON.stringify(position));
      expect(saved).toEqual(whole.at(steps));
      const resumed = batches({ ...options, key: key(seed) });
      expect(await numbers(resumed.next(saved).indices)).toEqual(await numbers(whole.next(position).indices));
    }),
    { numRuns: 25 },
  );
});

test("sizes and positions that make no sense are refused", () => {
  expect(() => batches({ count: 3, size: 4, key: key(0) })).toThrow(/1 ≤ size ≤ count, got count: 3, size: 4/);
  expect(() => batches({ count: 3, size: 0, key: key(0) })).toThrow(/batches/);
  expect(() => batches({ count: 4, size: 2, key: key(0) }).next({ epoch: 0, batch: 2 })).toThrow(/outside the epoch/);
});
