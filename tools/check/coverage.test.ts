import { expect, test } from "vitest";
import { coverageProblems, type Entry, type World } from "./coverage";

const world: World = {
  ids: new Set(["1.1-dot"]),
  exportsOf: async (specifier) => (specifier === "@ansatz/linalg" ? new Set(["dot"]) : undefined),
  statuses: new Map([
    ["a.test.ts > dot > of two vectors", "passed"],
    ["a.test.ts > dot > of none", "passed"],
    ["a.test.ts > broken", "failed"],
    ["a.test.ts > later", "pending"],
  ]),
  hasPage: (route) => route === "linalg/dot",
};
const sound: Entry = { exports: ["@ansatz/linalg#dot"], tests: ["a.test.ts > dot > of none"], page: "linalg/dot" };
const problems = (change: Partial<Entry>, id = "1.1-dot") => coverageProblems({ [id]: { ...sound, ...change } }, world);

test("a true claim passes, and a group stands for its tests", async () => {
  expect(await problems({})).toEqual([]);
  expect(await problems({ tests: ["a.test.ts > dot"] })).toEqual([]);
});

test.each<[string, Partial<Entry>, string]>([
  ["a missing test", { tests: ["a.test.ts > nothing"] }, `there is no test "a.test.ts > nothing"`],
  ["a failing test", { tests: ["a.test.ts > broken"] }, `the test "a.test.ts > broken" did not pass`],
  ["a skipped test", { tests: ["a.test.ts > later"] }, `the test "a.test.ts > later" did not pass`],
  ["no test at all", { tests: [] }, "names no test"],
  ["a missing export", { exports: ["@ansatz/linalg#cross"] }, "@ansatz/linalg has no export cross"],
  ["a package that is not there", { exports: ["@ansatz/none#x"] }, `"@ansatz/none#x" is not of the form`],
  ["a page that is not there", { page: "linalg/none" }, "the atlas has no page linalg/none"],
])("%s is reported", async (_, change, sentence) => {
  const found = await problems(change);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(`docs/coverage.json: 1.1-dot: ${sentence}`);
});

test("an ID that the theory does not have is reported", async () => {
  expect(await problems({}, "9.9-none")).toEqual(["docs/coverage.json: 9.9-none: is no ID of docs/spec-ids.txt"]);
});
