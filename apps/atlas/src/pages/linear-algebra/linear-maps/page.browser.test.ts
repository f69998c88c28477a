import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { isSound, picture, reading, readingIs } from "../../../testing/page";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/linear-algebra/linear-maps";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

const entries = async (page: Page): Promise<number[]> =>
  Promise.all(
    (await page.locator(".matrix-entries input").all()).map(async (input) => Number(await input.inputValue())),
  );

browserTest(
  "dragging a column, arrow keys and typing change the matrix; its numbers are those of the closed forms",
  async () => {
    const { page, errors } = await atlas.visit(path, { viewport: { width: 1500, height: 1150 } });
    await readingIs(page, "determinant", 1.2 * 1.4 - 0.6 * 0.3);

    const handle = page.getByRole("button", { name: /First column/ });
    const box = (await handle.boundingBox()) as { x: number; y: number; width: number; height: number };
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 120, y + 40, { steps: 6 });
    await page.mouse.up();
    const [a, b, c, d] = (await entries(page)) as [number, number, number, number];
    expect(Math.abs(a - 1.2)).toBeGreaterThan(0.4);
    expect([b, d]).toEqual([0.6, 1.4]);
    await readingIs(page, "determinant", a * d - b * c);
    expect(new URL(page.url()).searchParams.get("a")).toBe(`${a},0.6,${c},1.4`);
    await page.screenshot({ path: picture("linear-maps") });

    await page.getByRole("button", { name: /Second column/ }).focus();
    await page.keyboard.press("ArrowRight");
    const moved = (await entries(page)) as [number, number, number, number];
    expect(moved[1]).toBeGreaterThan(b);
    await readingIs(page, "determinant", moved[0] * moved[3] - moved[1] * moved[2]);

    // A shear: σ₁ is the golden ratio
    for (const [i, v] of ["1", "1", "0", "1"].entries()) {
      await page.locator(".matrix-entries input").nth(i).fill(v);
      await page.keyboard.press("Enter");
      await page.locator(".matrix-entries input").nth(i).blur();
    }
    await readingIs(page, "σ₁", (1 + Math.sqrt(5)) / 2, 1e-12);
    await readingIs(page, "σ₂", (Math.sqrt(5) - 1) / 2, 1e-12);
    await page.getByRole("button", { name: "Singular" }).click();
    await readingIs(page, "rank", 1);
    await page.locator(".verdict", { hasText: "flattened to a line" }).waitFor();
    await page.goBack();
    await readingIs(page, "rank", 2);
    expect(errors).toEqual([]);
  },
);

browserTest("orbits: the ellipse of Exercise 1.1.1, seven points, and an orbit that never returns", async () => {
  const { page, errors } = await atlas.visit(`${path}?part=orbit`);
  await readingIs(page, "x₁", 2 * Math.cos(1), 1e-12);
  await readingIs(page, "|λ₁|", 1, 1e-12);
  await readingIs(page, "turn", 1 / (2 * Math.PI), 1e-12);
  expect(await reading(page, "different points")).toBe(61);
  await page.getByRole("button", { name: "Seven points" }).click();
  await readingIs(page, "different points", 7);
  await page.getByLabel("Steps").fill("3");
  await readingIs(page, "different points", 4);
  expect(errors).toEqual([]);
});

browserTest("the page is sound", async () => {
  await isSound(atlas, `${path}?shape=digit`, (page) => readingIs(page, "rank", 2));
  await isSound(atlas, `${path}?part=orbit`, (page) => readingIs(page, "determinant", 1, 1e-9));
});
