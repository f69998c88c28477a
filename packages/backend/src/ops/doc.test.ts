import { expect, test } from "vitest";
import { opsMarkdown } from "./doc";
import { coreOps } from "./index";

test("docs/ops.md says what the ops say (vitest -u writes it)", async () => {
  await expect(opsMarkdown()).toMatchFileSnapshot("../../../../docs/ops.md");
});

test("it names every core op once", () => {
  const text = opsMarkdown();
  for (const op of coreOps) expect(text.split(`| \`${op.name}\` |`)).toHaveLength(2);
});
