import { costlyFunctions } from "@ansatz/experiments";
import { expect, test } from "vitest";
import { costRow, startCosts } from "./run";

test("Σ sin xᵢ + xᵢ²/10 takes 5d − 1 operations; reverse mode fewer than five times as many, the others more with d", () => {
  for (const d of [4, 32]) {
    const row = costRow(costlyFunctions.separable, d);
    expect(row.function.flops).toBe(5 * d - 1);
    expect(row.reverse.flops).toBeLessThan(5 * row.function.flops);
    expect(row.differences.flops / row.function.flops).toBeGreaterThan(d);
    expect(row.forward.flops / row.function.flops).toBeGreaterThan(d);
    expect(row.disagreement).toBeLessThan(1e-14);
    for (const { seconds } of [row.function, row.differences, row.forward, row.reverse])
      expect(seconds).toBeGreaterThan(0);
  }
});

test("a run doubles the dimension with every step and ends", async () => {
  const run = startCosts({ f: "coupled", doublings: 2 });
  while (!run.done) await run.advance();
  const { frame } = await run.frame(null);
  expect(frame.rows.map(({ dimension }) => dimension)).toEqual([2, 4]);
});
