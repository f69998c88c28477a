import { div, sum, where } from "@ansatz/tensor";
import { expect, test } from "vitest";
import { completeMatrix, completionFreedom, ratings } from "./matrix-completion";

test("rank 1 falls monotonically to the minimum of the text", () => {
  const { x, objective } = completeMatrix(ratings, 1);
  const f = Array.from(objective.dataSync() as Float64Array);
  [110, 23.256815104355, 11.37625791843, 9.124420219516, 8.466887781171].forEach((v, i) =>
    expect(Math.abs(f[i] / v - 1)).toBeLessThan(1e-11),
  );
  for (let i = 1; i < f.length; i++) expect(f[i]).toBeLessThanOrEqual(f[i - 1] * (1 + 1e-14));
  expect(f[f.length - 1]).toBeCloseTo(7.718502228184, 10);
  const want = [
    [4.661365, 3.171846, 2.868384, 1.985269],
    [3.664281, 2.493375, 2.254825, 1.560612],
    [6.966666, 4.740498, 4.286957, 2.967094],
    [2.248905, 1.530277, 1.38387, 0.957806],
  ];
  (x.toArray() as number[][]).forEach((row, i) =>
    row.forEach((v, j) => expect(Math.abs(v - want[i][j])).toBeLessThan(2e-6)),
  );
});
test("rank 2 fits the data from every start, and predicts differently", () => {
  const zero = completeMatrix(ratings, 2, { steps: 20_000 });
  const mean = completeMatrix(ratings, 2, { steps: 20_000, start: (m, known) => where(known, m, div(sum(m), 10)) });
  const [a, b] = [zero, mean].map((r) => r.x.toArray() as number[][]);
  for (const r of [zero, mean]) expect(Number((r.objective.dataSync() as Float64Array).at(-1))).toBeLessThan(1e-6);
  expect(a[0][1]).toBeCloseTo(1.277856, 2);
  expect(b[0][1]).toBeCloseTo(1.948317, 2);
  expect(a[2][0]).toBeCloseTo(1.779016, 2);
  expect(b[2][0]).toBeCloseTo(3.673423, 2);
}, 60_000);
test("counting says beforehand that rank 2 cannot be determined: 12 dimensions, 10 data", () => {
  expect(completionFreedom(ratings, 2)).toMatchObject({ observed: 10, dimension: 12, mayBeUnique: false });
  expect(completionFreedom(ratings, 1)).toMatchObject({ observed: 10, dimension: 7, mayBeUnique: true });
  const unseen = completionFreedom(
    [
      [1, null],
      [2, null],
      [3, null],
    ],
    1,
  );
  expect(unseen.empty).toEqual({ rows: [], columns: [1] });
  expect(unseen.mayBeUnique).toBe(false);
});
