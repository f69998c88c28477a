import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { isSound, picture, reading, readingIs } from "../../../testing/page";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/linear-algebra/convolution";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

browserTest("a kernel typed and a bar dragged give the sum of the closed form, and the FFT agrees", async () => {
  const { page, errors } = await atlas.visit(path);
  await readingIs(page, "y₁", 0 * 1 - 1 * 1);
  await readingIs(page, "products, sliding", 10 * 3);
  await readingIs(page, "products, whole matrix", 10 * 12);
  expect(await reading(page, "against the FFT")).toBeLessThan(1e-14);

  await page.getByLabel("Kernel k, row 1, column 1").fill("2.5");
  await page.keyboard.press("Enter");
  await page.getByLabel("Kernel k, row 1, column 1").blur();
  const handle = page.getByRole("button", { name: /^x1:/ });
  const box = (await handle.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 - 40, { steps: 4 });
  await page.mouse.up();
  const x1 = Number.parseFloat(((await handle.getAttribute("aria-label")) ?? "").slice("x1: ".length));
  expect(x1).toBeGreaterThan(0.5);
  await readingIs(page, "y₁", 2.5 * x1 - 1, 1e-12);
  // backwards: y₁ = −1 · x₁ + 0 · x₂ + 2.5 · x₃
  await page.getByLabel("Run it backwards").check();
  await readingIs(page, "y₁", 2.5 - x1, 1e-12);
  expect(errors).toEqual([]);
});

browserTest("a kernel of any length: the matrix and the counts follow", async () => {
  const { page, errors } = await atlas.visit(`${path}?k=1,0,-1,2,3`);
  await readingIs(page, "products, sliding", 8 * 5);
  // x = 0 0 1 2 2: y₁ = 1·0 + 0·0 − 1·1 + 2·2 + 3·2
  await readingIs(page, "y₁", 9);
  await page.getByRole("button", { name: "Kernel k: one fewer column" }).click();
  await readingIs(page, "y₁", 3);
  await readingIs(page, "products, sliding", 9 * 4);
  expect(await reading(page, "against the FFT")).toBeLessThan(1e-14);
  for (let n = 4; n > 1; n--) await page.getByRole("button", { name: "Kernel k: one fewer column" }).click();
  await readingIs(page, "products, sliding", 12);
  expect(await page.getByRole("button", { name: "Kernel k: one fewer column" }).isDisabled()).toBe(true);
  // texts that mean no kernel of a length in bounds show the initial one
  const { page: long } = await atlas.visit(`${path}?k=1,1,1,1,1,1`);
  await readingIs(long, "products, sliding", 10 * 3);
  expect(errors).toEqual([]);
});

browserTest("Example 1.1.2: the output pointed at is the number of the text", async () => {
  const { page, errors } = await atlas.visit(`${path}?part=image&image=example`, {
    viewport: { width: 1280, height: 1200 },
  });
  await readingIs(page, "products, sliding", 36);
  await readingIs(page, "products, whole matrix", 144);
  const want = [-4, -4, 2, -4, -4, 6, 7, 6, 6];
  const output = page.locator(".grid-view canvas").nth(1);
  for (const i of [2, 6, 8]) {
    const box = (await output.boundingBox()) as { x: number; y: number; width: number; height: number };
    await page.mouse.move(
      box.x + (((i % 3) + 0.5) / 3) * box.width,
      box.y + ((Math.floor(i / 3) + 0.5) / 3) * box.height,
    );
    await readingIs(page, "y marked", want[i] as number, 1e-12);
  }
  await page.locator(".sum", { hasText: "1 · 9 − 1 · 3 = 6" }).waitFor();
  await page.getByRole("radio", { name: "A digit" }).check();
  await readingIs(page, "products, sliding", 144 * 9);
  expect(await reading(page, "against the FFT")).toBeLessThan(1e-13);
  await page.screenshot({ path: picture("convolution") });
  expect(errors).toEqual([]);
});

browserTest("the page is sound", async () => {
  await isSound(atlas, path, (page) => readingIs(page, "products, sliding", 30));
});
