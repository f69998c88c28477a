import { cpus, release, totalmem, type } from "node:os";
import type { RowResult, Score } from "./harness";

export const machine = () => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  os: `${type()} ${release()}`,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
});

const time = (ms: number): string =>
  ms < 1e-3 ? `${(ms * 1e6).toFixed(0)} ns` : ms < 1 ? `${(ms * 1e3).toPrecision(3)} µs` : `${ms.toPrecision(3)} ms`;

const cells = (name: string, s: Score, row: RowResult): string[] => [
  name,
  time(s.ms),
  time(s.best),
  time(s.first),
  row.flops ? `${(row.flops / s.best / 1e6).toFixed(1)}` : "",
  s.error.toExponential(1),
  row.ours && s !== row.ours ? `${(s.ms / row.ours.ms).toPrecision(3)}×` : "",
];

/** A table for people, one block a row. */
export const table = (row: RowResult): string => {
  const head = ["", "median", "best", "first call", row.flops ? "GFLOP/s" : "", "error", "to ours"];
  const body = [
    ...(row.ours ? [cells("ansatz", row.ours, row)] : []),
    ...Object.entries(row.peers)
      .sort(([, a], [, b]) => a.ms - b.ms)
      .map(([name, s]) => cells(name, s, row)),
  ];
  const all = [head, ...body];
  const width = head.map((_, k) => Math.max(...all.map((r) => r[k].length)));
  const lines = all.map((r) =>
    r
      .map((c, k) => (k === 0 ? c.padEnd(width[k]) : c.padStart(width[k])))
      .join("  ")
      .trimEnd(),
  );
  const absent = Object.entries(row.absent).map(([name, why]) => `  (${name}: ${why})`);
  return [`${row.name}: ${row.about}`, ...lines.map((l) => `  ${l}`), ...absent].join("\n");
};

/** What `--json` writes: best times and rates can be derived, so a score is the median and the error, with the rest beside. */
export const json = (results: readonly RowResult[]): string =>
  `${JSON.stringify({ machine: machine(), rows: results.map(({ name, ours, peers, absent }) => ({ name, ours, peers, absent })) }, null, 2)}\n`;
