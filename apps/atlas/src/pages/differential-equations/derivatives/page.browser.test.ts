import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { isSound, picture, reading, readingIs } from "../../../testing/page";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/differential-equations/derivatives";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

browserTest(
  "the function of Figure 2.2 has the derivatives of the text; the point is dragged, the formula typed",
  async () => {
    const { page, errors } = await atlas.visit(path, { viewport: { width: 1400, height: 1000 } });
    await readingIs(page, "f(a)", 0.6889381730850401, 1e-14);
    await readingIs(page, "f′(a)", 0.166786844539176, 1e-14);
    await readingIs(page, "f″(a)", -1.2081730256440035, 1e-13);
    expect(await reading(page, "against symbolic")).toBeLessThan(1e-12);

    const handle = page.getByRole("button", { name: /^Point a/ });
    const box = (await handle.boundingBox()) as { x: number; y: number; width: number; height: number };
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x - 90, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => reading(page, "a")).toBeLessThan(0.5);
    const a = await reading(page, "a");
    await readingIs(page, "f(a)", Math.sin(a) * Math.exp((-a * a) / 5), 1e-14);
    await page.screenshot({ path: picture("derivatives") });

    await page.getByLabel("f(x) =").fill("exp(2x)");
    await page.getByRole("radio", { name: "4", exact: true }).check();
    await readingIs(page, "f⁗(a)", 16 * Math.exp(2 * a), 1e-10);
    await page.getByLabel("f(x) =").fill("exp(2y)");
    await page.locator(".formula-problem", { hasText: "Does not know a name" }).waitFor();
    expect(errors).toEqual([]);
  },
);

browserTest("the page is sound", async () => {
  await isSound(atlas, `${path}?order=4`, (page) => readingIs(page, "f(a)", 0.6889381730850401, 1e-12));
});
