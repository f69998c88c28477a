import { expect, test } from "vitest";
import type { RowResult, Score } from "./harness";
import { json, markdown } from "./report";

const score = (ms: number, error: number): Score => ({ ms, best: ms / 2, first: 10 * ms, error });
const row: RowResult = {
  name: "exp",
  about: "exp of many numbers",
  errorUnit: "ulp",
  ours: score(2, 0.75),
  peers: { slow: score(2000, 0.5), quick: score(1, 1.25) },
  absent: { gone: "not here" },
};

test("the Markdown page has a line for ours and each peer by speed, with times, errors and ratios", () => {
  const text = markdown([row], "npm run bench -- --only 'exp'", ["numpy-ts 1.4.0", "numpy 2.4.6"]);
  const lines = text.split("\n");
  expect(lines.filter((l) => l.startsWith("| `exp`") || l.startsWith("|  |"))).toEqual([
    "| `exp` | **ansatz** | 20.0 ms | 2.00 ms | 1.00 ms |  | 0.750 ulp |  |  |",
    "|  | quick | 10.0 ms | 1.00 ms | 500 µs |  | 1.250 ulp | 2.00 | 2.00 |",
    "|  | slow | 20.0 s | 2.00 s | 1.00 s |  | 0.500 ulp | 0.00100 | 0.00100 |",
  ]);
  expect(lines).toContain("- Repeat: `npm run bench -- --only 'exp'`");
  expect(lines).toContain("- `exp`: exp of many numbers.");
  expect(lines).toContain("- `exp`: gone (not here)");
  expect(text).toMatch(/Machine: .+ cores, .+Node v/);
  expect(lines).toContain("- Peers: numpy-ts 1.4.0, numpy 2.4.6");
});
test("the JSON file keeps errors, units and what was absent", () => {
  const { rows } = JSON.parse(json([row])) as { rows: RowResult[] };
  expect(rows[0]).toMatchObject({ name: "exp", errorUnit: "ulp", ours: { ms: 2, error: 0.75 }, absent: row.absent });
});
