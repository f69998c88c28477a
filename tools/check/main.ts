// npm test [-- NAME...]: every check a contribution is judged by, or only those named. A failing check does not stop the
// rest; the last line is `N passed, N failed, N skipped`, where the tests of vitest count one each, and so does every other check.
import { arrows } from "./arrows";
import { budgets } from "./budgets";
import { coverage } from "./coverage";
import { hygiene } from "./hygiene";
import { packages } from "./packages";
import { command } from "./process";
import { tests } from "./tests";

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}
/** A check returns what is wrong, one line each, and nothing when all is well; the one that runs many tests returns its tally. */
export type Check = () => Promise<readonly string[] | Tally>;

const checks: Record<string, Check> = {
  types: () => command("tsc", "-p", "tsconfig.json"),
  lint: () => command("biome", "check", "--error-on-warnings", "--max-diagnostics=100", "."),
  arrows,
  hygiene,
  build: () => command("turbo", "run", "build", "--continue", "--no-update-notifier", "--output-logs=errors-only"),
  packages,
  budgets,
  tests,
  coverage,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0) {
  console.error(`no check named ${unknown.join(", ")}; there are ${Object.keys(checks).join(", ")}`);
  process.exit(2);
}

const total: Tally = { passed: 0, failed: 0, skipped: 0 };
for (const [name, check] of Object.entries(checks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const start = performance.now();
  let tally: Tally;
  try {
    const result = await check();
    if ("passed" in result) tally = result;
    else {
      tally = { passed: result.length === 0 ? 1 : 0, failed: result.length === 0 ? 0 : 1, skipped: 0 };
      for (const line of result) console.log(`  ${line}`);
    }
  } catch (error) {
    tally = { passed: 0, failed: 1, skipped: 0 };
    console.log(error instanceof Error ? error.stack : error);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${tally.failed > 0 ? "FAILED" : "ok"}  ${name} (${seconds} s)`);
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += tally[key];
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
