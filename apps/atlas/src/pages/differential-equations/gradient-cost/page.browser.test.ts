import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { isSound, picture, reading, readingIs } from "../../../testing/page";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/differential-equations/gradient-cost";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

browserTest(
  "step by step and in one go: f takes 5d − 1 operations, reverse mode fewer than five times as many",
  async () => {
    const { page, errors } = await atlas.visit(`${path}?top=6`, { viewport: { width: 1280, height: 1250 } });
    await page.locator('.status[data-phase="ready"]').waitFor({ timeout: 60_000 });
    await page.keyboard.press(".");
    await readingIs(page, "d", 2);
    await readingIs(page, "operations of f", 5 * 2 - 1);
    await page.keyboard.press(" ");
    await readingIs(page, "d", 64);
    await readingIs(page, "operations of f", 5 * 64 - 1);
    expect(await reading(page, "differences")).toBeGreaterThan(65);
    expect(await reading(page, "forward mode")).toBeGreaterThan(64);
    expect(await reading(page, "reverse mode")).toBeLessThan(5);
    await page.screenshot({ path: picture("gradient-cost") });
    // A control begins a new measurement
    await page.getByLabel("f", { exact: true }).selectOption("network");
    await page.locator('.status[data-phase="ready"]').waitFor();
    expect(await reading(page, "d")).toBeNaN();
    expect(errors).toEqual([]);
  },
);

browserTest("the page is sound", async () => {
  await isSound(atlas, path, (page) => page.locator('.status[data-phase="ready"]').waitFor({ timeout: 60_000 }));
});
