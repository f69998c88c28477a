import fc from "fast-check";
import { expect, test } from "vitest";
import { checkProgram, coreOps, dtypes, lower, type Program, printProgram, subprograms } from "../index";
import { referenceBackend } from "../reference/index";
import { arbitraryProgram, runCase } from "./index";

const programs = arbitraryProgram(fc, { dtypes });

test("random programs are well typed, and print", () => {
  fc.assert(
    fc.property(programs, (c) => {
      checkProgram(c.program);
      checkProgram(lower(c.program, () => false));
      expect(printProgram(c.program)).toMatch(/^\{ in/);
    }),
  );
});

test("the reference runs random programs, and leaves nothing behind", async () => {
  const backend = referenceBackend();
  await fc.assert(
    fc.asyncProperty(programs, async (c) => {
      expect(await runCase(backend, c)).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test("random programs reach nearly every core op", () => {
  const seen = new Set<string>();
  const visit = (p: Program): void => {
    for (const eq of p.equations) {
      seen.add(eq.op.name);
      subprograms(eq.params).forEach(visit);
    }
  };
  for (const c of fc.sample(programs, { numRuns: 600, seed: 1 })) visit(c.program);
  // Functions whose values are compared one by one elsewhere, and effects.
  const apart =
    /^(div|pow|atan2|sqrt|rsqrt|cbrt|exp|expm1|log|log1p|tan|asin|acos|sinh|cosh|asinh|acosh|atanh|erfc|bitcast|cumProd|convGeneral|reduceWindow|randomFoldIn|tap)$/;
  expect(coreOps.map((op) => op.name).filter((name) => !seen.has(name) && !apart.test(name))).toEqual([]);
});
