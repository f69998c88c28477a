/// <reference types="./virtual" />

import { examples } from "virtual:examples";
import { expect, test } from "vitest";

test("the documentation has examples", () => expect(examples.length).toBeGreaterThan(0));

test.each(examples.map(({ name, run }) => [name, run] as const))("the example at %s runs", async (_, run) => {
  await run();
});
