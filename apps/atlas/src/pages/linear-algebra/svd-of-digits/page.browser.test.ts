import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { isSound, picture, reading, readingIs } from "../../../testing/page";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/linear-algebra/svd-of-digits";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

browserTest("Exercise 1.2.1: σ = 4, 3, √5, and the errors of rank 1 and 2 are √14 and √5", async () => {
  const { page, errors } = await atlas.visit(`${path}?picture=exercise&rank=1`);
  await readingIs(page, "‖X − Xₖ‖ measured", Math.sqrt(14), 1e-12);
  await readingIs(page, "√(Σ σᵢ², i > k)", Math.sqrt(14), 1e-12);
  expect(await reading(page, "σ₁")).toBeCloseTo(4, 12);
  expect(await reading(page, "explained")).toBeCloseTo(16 / 30, 12);
  await page.getByLabel("Rank k", { exact: true }).focus();
  await page.keyboard.press("ArrowRight");
  await readingIs(page, "‖X − Xₖ‖ measured", Math.sqrt(5), 1e-12);
  await readingIs(page, "‖X − Xₖ‖₂ = σₖ₊₁", Math.sqrt(5), 1e-12);
  await page.keyboard.press("ArrowRight");
  await readingIs(page, "‖X − Xₖ‖ measured", 0, 1e-12);
  expect(errors).toEqual([]);
});

browserTest(
  "a digit: the measured error is the tail of its spectrum, and at full rank nothing is missing",
  async () => {
    const { page } = await atlas.visit(`${path}?rank=5`);
    await expect.poll(() => reading(page, "√(Σ σᵢ², i > k)"), { timeout: 60_000 }).toBeGreaterThan(0.5);
    expect(await reading(page, "‖X − Xₖ‖ measured")).toBeCloseTo(await reading(page, "√(Σ σᵢ², i > k)"), 11);
    expect(await reading(page, "numbers kept")).toBe(5 * 57);
    await page.getByLabel("Rank k", { exact: true }).fill("28");
    await readingIs(page, "‖X − Xₖ‖ measured", 0, 1e-10);
  },
);

browserTest("a set: 100 centred digits have rank 99; a point of the scatter chooses its digit", async () => {
  const { page, errors } = await atlas.visit(`${path}?part=set&n=100&k=99`, {
    viewport: { width: 1400, height: 1300 },
  });
  await readingIs(page, "error of the set, √(1 − Eₖ)", 0, 1e-6);
  await readingIs(page, "error of this digit", 0, 1e-6);
  await page.getByLabel("k", { exact: true }).fill("20");
  await expect.poll(() => reading(page, "error of the set, √(1 − Eₖ)")).toBeGreaterThan(0.3);
  const box = (await page.locator(".plate canvas").first().boundingBox()) as {
    x: number;
    y: number;
    width: number;
    height: number;
  };
  const chosen = () => new URL(page.url()).searchParams.get("i");
  // somewhere in the cloud there is a digit under the pointer
  for (let t = 0.3; t < 0.8 && chosen() === null; t += 0.04) {
    await page.mouse.click(box.x + box.width * t, box.y + box.height * 0.5);
    await page.waitForTimeout(200);
  }
  expect(Number(chosen())).toBeGreaterThan(0);
  await page.screenshot({ path: picture("svd-of-digits") });
  expect(errors).toEqual([]);
});

browserTest("Figure 1.3: the variance of 200 digits is that of the figure, batches drawn by chance agree", async () => {
  const { page, errors } = await atlas.visit(`${path}?part=spectra`, { viewport: { width: 1400, height: 1300 } });
  await expect.poll(() => reading(page, "E₁₀"), { timeout: 60_000 }).toBeGreaterThan(0);
  // read off the published figure to two digits, of another 200 images
  expect(Math.abs((await reading(page, "E₁₀")) - 0.55)).toBeLessThan(0.03);
  expect(Math.abs((await reading(page, "E₄₀")) - 0.855)).toBeLessThan(0.03);
  expect(Math.abs((await reading(page, "Eₖ")) - 0.89)).toBeLessThan(0.03);
  expect(await reading(page, "last σ / σ₁")).toBeLessThan(1e-5);
  const spread = await reading(page, "spread of batches, j ≤ 50");
  expect(spread).toBeGreaterThan(0);
  expect(spread).toBeLessThan(0.25);
  await page.getByLabel("k", { exact: true }).fill("200");
  await readingIs(page, "Eₖ", 1, 1e-12);
  // another seed draws other batches; the first one stays
  const first = await reading(page, "E₁₀");
  await page.getByLabel("Seed of the random ones", { exact: true }).fill("7");
  await page.keyboard.press("Enter");
  await expect.poll(() => reading(page, "spread of batches, j ≤ 50"), { timeout: 60_000 }).not.toBe(spread);
  expect(await reading(page, "E₁₀")).toBe(first);
  await page.screenshot({ path: picture("spectra-of-digits") });
  expect(errors).toEqual([]);
});

browserTest("the page is sound", async () => {
  await isSound(atlas, `${path}?part=set&n=100`, (page) => page.locator(".images canvas").first().waitFor());
  await isSound(atlas, `${path}?part=spectra&batch=50`, (page) => page.locator(".plot-box svg").nth(3).waitFor());
});
