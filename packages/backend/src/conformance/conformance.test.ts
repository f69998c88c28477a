import { describe, expect, test } from "vitest";
import { coreOps, dtypes } from "../index";
import { referenceBackend } from "../reference/index";
import { conformanceCases, conformanceGroups, contractLaws, runCases } from "./index";

const groups = conformanceGroups({ dtypes });

test("the suite asks about every core op, under names of its own", () => {
  const cases = conformanceCases({ dtypes });
  expect(cases.length).toBeGreaterThan(4000);
  const names = new Set<string>();
  for (const c of cases) {
    expect(names.has(c.name), c.name).toBe(false);
    names.add(c.name);
  }
  const asked = new Set(cases.flatMap((c) => [c.op, ...c.program.equations.map((eq) => eq.op.name)]));
  // tap is heard by a law of the contract
  expect(coreOps.map((op) => op.name).filter((name) => !asked.has(name))).toEqual(["tap"]);
});

describe("the reference answers itself", () => {
  test.each(groups)("$name", async ({ cases }) => {
    expect(await runCases(referenceBackend(), cases)).toEqual([]);
  });
});

describe("the reference keeps the contract", () => {
  test.each(contractLaws)("$name", (law) => law.check(referenceBackend()));
});
