import { coreOps } from "@ansatz/backend";
import { expect, test, vi } from "vitest";
import { backendsMarkdown, integersOnDevice } from "./doc";

// Thousands of cases are made for it.
vi.setConfig({ testTimeout: 60_000 });

test("docs/backends.md says what the backends answer (vitest -u writes it)", async () => {
  await expect(backendsMarkdown()).toMatchFileSnapshot("../../../docs/backends.md");
});

test("every op that takes float32 has a row, and none is without an answer", () => {
  const text = backendsMarkdown();
  for (const name of ["add", "erf", "reduceSum", "dotGeneral", "convGeneral", "gather", "sort"])
    expect(text).toContain(`| \`${name}\` | `);
  expect(text).not.toMatch(/\| +\|/);
  expect(coreOps.length).toBeGreaterThan(80);
});

test("integers and keys are the host's on every device, as the page says", () => {
  expect(integersOnDevice()).toEqual([]);
});
