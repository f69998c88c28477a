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

browserTest("the page is sound", async () => {
  await isSound(atlas, `${path}?part=set&n=100`, (page) => page.locator(".images canvas").first().waitFor());
});
