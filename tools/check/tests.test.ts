import { expect, test } from "vitest";
import { type TestReport, tallyOf } from "./tests";

const report = (change: Partial<TestReport>): TestReport => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  success: true,
  testResults: [],
  ...change,
});

test("tests are counted one each, skipped and planned ones together", () => {
  expect(tallyOf(report({}), 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
});

test("a file that cannot be loaded is a failure", () => {
  const testResults = [{ name: "a.test.ts", status: "failed", assertionResults: [] }];
  expect(tallyOf(report({ testResults }), 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
});

test("a run that ends badly without a failed test is a failure", () => {
  expect(tallyOf(report({}), 1).failed).toBe(1);
});
