import { dtypes } from "@ansatz/backend";
import { arbitraryProgram, conformanceGroups, contractLaws, runCase, runCases } from "@ansatz/backend/conformance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";

describe("wasm agrees with the reference", () => {
  test.each(conformanceGroups({ dtypes }))("$name", async ({ cases }) => {
    expect(cases.length).toBeGreaterThan(0);
    expect(await runCases(wasmBackend({ lowerings: allLowerings }), cases)).toEqual([]);
  });
});

describe("wasm keeps the contract", () => {
  test.each(contractLaws)("$name", (law) => law.check(wasmBackend({ lowerings: allLowerings })));
});

test("random programs mean what the reference says", async () => {
  const backend = wasmBackend({ lowerings: allLowerings });
  await fc.assert(
    fc.asyncProperty(arbitraryProgram(fc, { dtypes }), async (c) => {
      const mismatch = await runCase(backend, c);
      if (mismatch) throw new Error(mismatch.message);
    }),
    { numRuns: 400 },
  );
}, 60_000);
