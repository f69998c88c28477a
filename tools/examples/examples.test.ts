/// <reference types="./virtual" />

import { examples } from "virtual:examples";
import { expect, test } from "vitest";

test("the documentation has examples", () => expect(examples.length).toBeGreaterThan(0));

test.each(examples)("the example at $name runs", async ({ run }) => {
  await run();
});
