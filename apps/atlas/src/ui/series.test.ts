import { expect, test } from "vitest";
import { Series } from "./series";

test("bins cover every value once and keep its extremes", () => {
  const series = new Series();
  const values = Array.from({ length: 2500 }, (_, i) => Math.sin(i) + i / 1000);
  series.append(values.slice(0, 7));
  series.append(values.slice(7));
  const bins = series.bins(100);
  expect(bins).toHaveLength(100);
  expect(bins.reduce((sum, bin) => sum + bin.mean * 25, 0)).toBeCloseTo(
    values.reduce((a, b) => a + b),
    8,
  );
  expect(Math.max(...bins.map(({ high }) => high))).toBe(Math.max(...values));
  expect(Math.min(...bins.map(({ low }) => low))).toBe(Math.min(...values));
  expect(bins[0]?.step).toBe(13);
});

test("the recent mean is over what there is", () => {
  const series = new Series();
  expect(series.recent(10)).toBeUndefined();
  series.append([1, 2, 6]);
  expect(series.recent(2)).toBe(4);
  expect(series.recent(10)).toBe(3);
  series.clear();
  expect(series.length).toBe(0);
});
