import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import type { RowResult, Score } from "./harness";
import { pythonVersions } from "./peers/python";

export const machine = () => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  os: `${type()} ${release()}`,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
});

/** The commit measured, marked where files differ from it. */
const commit = (): string => {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
};

/** Names and versions of all peers. */
export const versions = (): string[] => {
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const peers = Object.entries(dependencies).filter(([, v]) => /^\d/.test(v) && v !== dependencies.tinybench);
  return [...peers.map(([name, v]) => `${name} ${v}`), ...pythonVersions()];
};

const time = (ms: number): string => {
  const [scale, unit] = ms < 1e-3 ? [1e6, "ns"] : ms < 0.9995 ? [1e3, "µs"] : ms < 999.5 ? [1, "ms"] : [1e-3, "s"];
  return `${unit === "ns" ? (ms * scale).toFixed(0) : (ms * scale).toPrecision(3)} ${unit}`;
};

const error = (s: Score, row: RowResult): string =>
  row.errorUnit
    ? `${s.error < 1000 ? s.error.toFixed(3) : s.error.toExponential(1)} ${row.errorUnit}`
    : s.error.toExponential(1);

const bySpeed = (row: RowResult): [string, Score][] => Object.entries(row.peers).sort(([, a], [, b]) => a.ms - b.ms);

const cells = (name: string, s: Score, row: RowResult): string[] => [
  name,
  time(s.ms),
  time(s.best),
  time(s.first),
  row.flops ? `${(row.flops / s.best / 1e6).toFixed(1)}` : "",
  error(s, row),
  row.ours && s !== row.ours ? `${(s.ms / row.ours.ms).toPrecision(3)}×` : "",
];

/** A table for people, one block a row. */
export const table = (row: RowResult): string => {
  const head = ["", "median", "best", "first call", row.flops ? "GFLOP/s" : "", "error", "to ours"];
  const body = [
    ...(row.ours ? [cells("ansatz", row.ours, row)] : []),
    ...bySpeed(row).map(([name, s]) => cells(name, s, row)),
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
export const json = (results: readonly RowResult[]): string => {
  const rows = results.map(({ name, errorUnit, ours, peers, absent }) => ({ name, errorUnit, ours, peers, absent }));
  return `${JSON.stringify({ machine: machine(), rows }, null, 2)}\n`;
};

const line = (columns: readonly string[]): string => `| ${columns.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`;

/** Three digits, never in powers of ten. */
const ratio = (r: number): string => (r >= 100 ? r.toFixed(0) : r.toPrecision(3));

/** The lines of a row: ours, then the peers by speed. */
const lines = (row: RowResult): string[] => {
  const scores: [string, Score][] = [...(row.ours ? [["ansatz", row.ours] as [string, Score]] : []), ...bySpeed(row)];
  return scores.map(([name, s], i) =>
    line([
      i === 0 ? `\`${row.name}\`` : "",
      s === row.ours ? "**ansatz**" : name,
      time(s.first),
      time(s.ms),
      time(s.best),
      row.flops ? (row.flops / s.best / 1e6).toFixed(1) : "",
      error(s, row),
      ...(row.ours && s !== row.ours ? [ratio(row.ours.ms / s.ms), ratio(row.ours.best / s.best)] : ["", ""]),
    ]),
  );
};

/** What `--markdown` writes: the machine, how to repeat, one table for all rows, and what each row does. */
export const markdown = (results: readonly RowResult[], command: string, peers: readonly string[]): string => {
  const m = machine();
  const head = [
    "row",
    "",
    "first call",
    "median",
    "best",
    "GFLOP/s",
    "error",
    "ours / peer, median",
    "ours / peer, best",
  ];
  const absent = results
    .map((r) => ({ name: r.name, why: Object.entries(r.absent).map(([peer, why]) => `${peer} (${why})`) }))
    .filter(({ why }) => why.length > 0);
  return `${[
    "# Performance",
    "",
    "Written by `tools/bench` from one run; ratios say more than seconds.",
    "",
    `- Machine: ${m.cpu}, ${m.cores} cores, ${m.memoryGiB} GiB, ${m.os}, Node ${m.node}`,
    `- Date: ${m.date}, commit ${commit()}`,
    `- Peers: ${peers.join(", ")}`,
    `- Repeat: \`${command}\``,
    "",
    "Contestants of a row take turns for several rounds. The *first call* is one unit of work with compilation; *median* and *best* are over",
    "rounds of the steady state, per unit of work. *GFLOP/s* are of the best round. The *error* is the largest deviation from a float64 reference,",
    "relative to the reference's largest entry; in ulp (units in the last place of the row's dtype) where it says so, from exact values: 0.5 is",
    "correct rounding. A ratio below 1 means that ours takes less time. Every contestant uses one thread unless its row says otherwise.",
    "",
    line(head),
    line(head.map((_, i) => (i < 2 ? "---" : "---:"))),
    ...results.flatMap(lines),
    "",
    "## What the rows do",
    "",
    ...results.map((r) => `- \`${r.name}\`: ${r.about}.`),
    ...(absent.length > 0
      ? ["", "## Absent", "", ...absent.map(({ name, why }) => `- \`${name}\`: ${why.join("; ")}`)]
      : []),
  ].join("\n")}\n`;
};
