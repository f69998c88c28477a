import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Tally } from "./main";
import { root, run } from "./process";

/** Where the last run of all tests left its report. */
export const reportPath = join(root, "node_modules/.cache/ansatz/tests.json");

export interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  success: boolean;
  testResults: {
    name: string;
    status: string;
    assertionResults: { ancestorTitles: string[]; title: string; status: string }[];
  }[];
}

/** Every vitest project, once; the tally counts tests, and a file that could not be loaded as one failure. */
export async function tests(): Promise<Tally> {
  rmSync(reportPath, { force: true });
  mkdirSync(dirname(reportPath), { recursive: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
  const { code } = await run("vitest", ["run", "--maxWorkers=100%", ...reporters], true);
  if (!existsSync(reportPath)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(reportPath, "utf8")) as TestReport;
  for (const [name, status] of testStatuses(report)) {
    if (status !== "passed" && status !== "failed") console.log(`  skipped: ${name}`);
  }
  return tallyOf(report, code);
}

export function tallyOf(report: TestReport, code: number): Tally {
  const unloaded = report.testResults.filter((f) => f.status === "failed" && f.assertionResults.length === 0).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Each test of a report as `path > group > name`, with its status. */
export function testStatuses(report: TestReport): Map<string, string> {
  const statuses = new Map<string, string>();
  for (const file of report.testResults) {
    for (const { ancestorTitles, title, status } of file.assertionResults) {
      statuses.set([relative(root, file.name), ...ancestorTitles, title].join(" > "), status);
    }
  }
  return statuses;
}
