import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { isSound, picture, reading, readingIs } from "../../../testing/page";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/linear-algebra/attention";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

browserTest(
  "Exercise 1.1.4: the weights and probabilities worked out, through both passes and whatever is typed",
  async () => {
    const { page, errors } = await atlas.visit(path, { viewport: { width: 1400, height: 1500 } });
    await readingIs(page, "α₁ of token 3", 0.99999385578764688, 1e-14);
    await readingIs(page, "p(a)", 0.25949646034241908, 1e-14);
    await readingIs(page, "p(b)", 0.035119026959339723, 1e-14);

    // Pointing at a key spells the sum: K₃₁ = 5 · 1 + 6 · 1
    await page.getByRole("region", { name: "Keys" }).locator("table").last().locator("td").nth(4).hover();
    await page.locator(".stage-sum", { hasText: "5 · 1 + 6 · 1 = 11" }).waitFor();
    expect(await page.getByRole("region", { name: "Keys" }).locator("td.marked").count()).toBe(5);
    await page.screenshot({ path: picture("attention") });

    await page.getByRole("radio", { name: "2", exact: true }).check();
    await readingIs(page, "α₁ of token 1", 0.00032932043896389, 1e-14);
    await readingIs(page, "α₁ of token 2", 0.017980286735531543, 1e-14);

    // Equal keys look at all alike, and the output does not care
    await page.getByRole("button", { name: "Equal keys" }).click();
    await readingIs(page, "α₁ of token 1", 1 / 3, 1e-14);
    expect(await reading(page, "p(a)")).toBeCloseTo(0.25949646034241908, 12);
    await page.getByLabel("Tokens X, row 1, column 2").fill("9");
    await page.keyboard.press("Enter");
    await page.getByLabel("Tokens X, row 1, column 2").blur();
    // the mean of the joined values now falls the other way: the order of a and b turns around
    await expect.poll(() => new URL(page.url()).searchParams.get("x")).toBe("1,9,3,4,5,6");
    expect(errors).toEqual([]);
  },
);

browserTest("tokens come and go: equal keys weigh each of four by a quarter, one alone by one", async () => {
  const { page, errors } = await atlas.visit(path);
  await readingIs(page, "α₁ of token 3", 0.99999385578764688, 1e-14);
  await page.getByRole("button", { name: "Tokens X: one more row" }).click();
  await page.getByRole("button", { name: "Equal keys" }).click();
  await readingIs(page, "α₁ of token 4", 1 / 4, 1e-14);
  expect(await page.getByRole("region", { name: "Keys" }).locator("table").first().locator("tr").count()).toBe(4);
  for (let n = 4; n > 1; n--) await page.getByRole("button", { name: "Tokens X: one fewer row" }).click();
  await readingIs(page, "α₁ of token 1", 1, 0);
  expect(await page.locator('data[data-reading="α₁ of token 2"]').count()).toBe(0);
  expect(errors).toEqual([]);
});

browserTest("the page is sound", async () => {
  await isSound(atlas, path, (page) => readingIs(page, "p(a)", 0.25949646034241908, 1e-12));
});
