import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measure, type RowResult } from "./harness";
import { stopPython } from "./peers/python";
import { json, machine, markdown, table, versions } from "./report";
import { rows } from "./rows";
import { measureWebgl } from "./webgl/run";

const usage = "bench [--only REGEX] [--json FILE] [--markdown FILE] [--rounds N] [--turn MS]";

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      json: { type: "string" },
      markdown: { type: "string" },
      rounds: { type: "string" },
      turn: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const only = new RegExp(values.only ?? ".");
  const chosen = rows.filter((r) => only.test(r.name));
  const webgl = /webgl/.test(values.only ?? "webgl");
  if (chosen.length === 0 && !webgl)
    throw new Error(`no row matches ${only}; there are ${rows.map((r) => r.name).join(", ")}, and webgl-… in Chromium`);
  const timing = { rounds: Number(values.rounds ?? 15), turn: Number(values.turn ?? 60) };
  const m = machine();
  console.log(`${m.cpu}, ${m.cores} cores, ${m.os}, Node ${m.node}, ${m.date}\n`);
  const results: RowResult[] = [];
  try {
    for (const row of chosen) {
      const result = await measure(row, timing);
      results.push(result);
      console.log(`${table(result)}\n`);
    }
  } finally {
    stopPython();
  }
  if (webgl) results.push(...(await measureWebgl(only, timing, (r) => console.log(`${table(r)}\n`))));
  const save = (file: string, text: string): void => writeFileSync(resolve(process.env.INIT_CWD ?? ".", file), text);
  if (values.json) save(values.json, json(results));
  if (values.markdown) {
    const told = (["only", "rounds", "turn"] as const).flatMap((k) => (values[k] ? [`--${k} '${values[k]}'`] : []));
    const command = ["npm run bench --", ...told, "--markdown docs/performance.md"].join(" ");
    save(values.markdown, markdown(results, command, versions()));
  }
};

main().then(
  () => process.exit(0),
  (e: unknown) => {
    console.error(e instanceof Error ? e.message : e);
    process.exit(1);
  },
);
