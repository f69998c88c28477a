import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { headers } from "../../../../headers.mjs";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/synthesis/flow-matching";
// ATLAS_SCREENSHOTS=1 renews the pictures of the documentation; otherwise they are only taken.
const repository = resolve(import.meta.dirname, "../../../../../..");
const pictures = resolve(
  repository,
  process.env.ATLAS_SCREENSHOTS ? "docs/screenshots" : "apps/atlas/node_modules/.cache/screenshots",
);
mkdirSync(pictures, { recursive: true });

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

const reading = async (page: Page, label: string): Promise<number> =>
  Number.parseFloat((await page.locator(`data[data-reading="${label}"]`).getAttribute("value")) || "NaN");
const start = (page: Page) => page.getByRole("button", { name: "Start training" });
// In this order: a run that begins anew is at step 0 at once, and ready later.
const ready = async (page: Page) => {
  await expect.poll(() => reading(page, "step"), { timeout: 60_000 }).toBe(0);
  await page.locator('.status[data-phase="ready"]').waitFor({ timeout: 60_000 });
};
const trainTo = async (page: Page, step: number) => {
  await start(page).click();
  await expect.poll(() => reading(page, "step"), { timeout: 90_000 }).toBeGreaterThanOrEqual(step);
  await page.keyboard.press(" ");
  await page.locator('.status[data-phase="ready"]').waitFor();
};
const losses = async (page: Page): Promise<string[]> => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Numbers as CSV" }).click(),
  ]);
  const rows = (await readFile(await download.path(), "utf8")).trimEnd().split("\n").slice(1);
  return rows.map((row) => row.split(",")[1] as string);
};

browserTest("training on the page brings the energy distance to the target down at least five times", async () => {
  const { page, errors } = await atlas.visit(`${path}?law=moons&play=0&t=0.93`, {
    viewport: { width: 1500, height: 1150 },
  });
  await ready(page);
  const before = await reading(page, "energy distance");
  await start(page).click();
  await expect.poll(() => reading(page, "energy distance"), { timeout: 90_000 }).toBeLessThan(before / 5);
  await expect.poll(() => reading(page, "step"), { timeout: 90_000 }).toBeGreaterThan(600);
  await page.screenshot({ path: resolve(pictures, "flow-matching-plane.png") });
  expect(errors).toEqual([]);
});

browserTest("pause stops the steps, a single step makes one, reset goes back to the first", async () => {
  const { page } = await atlas.visit(`${path}?play=0`);
  await ready(page);
  await trainTo(page, 20);
  await page.waitForTimeout(300);
  const stopped = await reading(page, "step");
  await page.waitForTimeout(700);
  expect(await reading(page, "step")).toBe(stopped);
  await page.keyboard.press(".");
  await expect.poll(() => reading(page, "step"), { timeout: 20_000 }).toBe(stopped + 1);
  await page.keyboard.press("r");
  await ready(page);
});

browserTest(
  "the numbers depend on the seed only: not on chunks, pauses, single steps or what is looked at",
  async () => {
    const { page } = await atlas.visit(`${path}?play=0&seed=11`);
    await ready(page);
    await trainTo(page, 60);
    const first = await losses(page);

    await page.keyboard.press("r");
    await ready(page);
    for (let step = 1; step <= 3; step++) {
      await page.keyboard.press(".");
      await expect.poll(() => reading(page, "step"), { timeout: 20_000 }).toBe(step);
    }
    await page.getByLabel("Velocity field").check();
    await page.getByRole("radio", { name: "Euler" }).check();
    await trainTo(page, 60);
    const second = await losses(page);
    const common = Math.min(first.length, second.length);
    expect(common).toBeGreaterThanOrEqual(60);
    expect(second.slice(0, common)).toEqual(first.slice(0, common));

    await page.getByLabel("Seed", { exact: true }).fill("12");
    await page.getByLabel("Seed", { exact: true }).press("Enter");
    await page.getByLabel("Seed", { exact: true }).blur();
    await ready(page);
    await page.keyboard.press(".");
    await expect.poll(() => reading(page, "step"), { timeout: 20_000 }).toBe(1);
    expect((await losses(page))[0]).not.toBe(first[0]);
  },
);

browserTest("a control changed while it trains begins a new run, and goes on training", async () => {
  const { page } = await atlas.visit(`${path}?play=0`);
  await ready(page);
  await start(page).click();
  await expect.poll(() => reading(page, "step"), { timeout: 20_000 }).toBeGreaterThan(30);
  const before = await reading(page, "energy distance");
  await page.getByLabel("Law", { exact: true }).selectOption("eightGaussians");
  await page.locator('.status[data-phase="loading"]').waitFor();
  await page.locator('.status[data-phase="running"]').waitFor({ timeout: 30_000 });
  await expect.poll(() => reading(page, "energy distance"), { timeout: 20_000 }).toBeGreaterThan(before);
});

browserTest("the page answers while the Worker trains", async () => {
  const { page } = await atlas.visit(path);
  await ready(page);
  await start(page).click();
  await expect.poll(() => reading(page, "step"), { timeout: 20_000 }).toBeGreaterThan(20);
  const tasks = await page.evaluate(async () => {
    const long: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) long.push(entry.duration);
    });
    observer.observe({ type: "longtask" });
    const began = performance.now();
    const gaps: number[] = [];
    let last = began;
    while (performance.now() - began < 4000) {
      await new Promise(requestAnimationFrame);
      gaps.push(performance.now() - last);
      last = performance.now();
    }
    gaps.sort((a, b) => a - b);
    return { long, median: gaps[gaps.length >> 1] as number, p95: gaps[Math.floor(gaps.length * 0.95)] as number };
  });
  // Frames come steadily even where the Worker, the browser and other tests share two cores and no GPU draws.
  expect(tasks.median).toBeLessThan(50);
  expect(tasks.p95).toBeLessThan(250);
  expect(Math.max(0, ...tasks.long)).toBeLessThan(500);
});

browserTest("digits: the loss falls and each class gets its samples", async () => {
  const { page, errors } = await atlas.visit(`${path}?part=digits`, { viewport: { width: 1500, height: 1000 } });
  await ready(page);
  await page.keyboard.press(".");
  await expect.poll(() => reading(page, "step"), { timeout: 20_000 }).toBe(1);
  const first = await reading(page, "loss");
  await start(page).click();
  await expect
    .poll(() => reading(page, "step"), { timeout: 110_000, interval: 200 })
    .toBeGreaterThan(process.env.ATLAS_SCREENSHOTS ? 1500 : 100);
  await expect.poll(() => reading(page, "loss"), { timeout: 30_000 }).toBeLessThan(0.87 * first);
  expect(await reading(page, "digits/s")).toBeGreaterThan(0);
  expect(await page.locator("canvas").getAttribute("aria-describedby")).toBeTruthy();
  await page.screenshot({ path: resolve(pictures, "flow-matching-digits.png") });
  expect(errors).toEqual([]);
});

browserTest("where the policy forbids WebAssembly the page says so, and what to do", async () => {
  const policy = headers["content-security-policy"]?.replace(" 'wasm-unsafe-eval'", "") ?? "";
  const strict = await openAtlas({ ...headers, "content-security-policy": policy });
  try {
    const { page } = await strict.visit(path);
    const alert = page.getByRole("alert");
    await alert.waitFor({ timeout: 30_000 });
    expect(await alert.textContent()).toMatch(/wasm-unsafe-eval/);
    await alert.getByRole("button", { name: "Try again" }).waitFor();
  } finally {
    await strict.close();
  }
});

browserTest("a Worker that does not load, or dies, is reported, and trying again starts a fresh one", async () => {
  const { page } = await atlas.visit("/");
  await page.route("**/plane-worker*", (route) => route.abort());
  await page.locator(".card", { hasText: "Flow matching" }).click();
  const alert = page.getByRole("alert");
  await alert.waitFor({ timeout: 30_000 });
  await page.unroute("**/plane-worker*");
  await alert.getByRole("button", { name: "Try again" }).click();
  await ready(page);
  await alert.waitFor({ state: "hidden" });

  await start(page).click();
  await expect.poll(() => reading(page, "step"), { timeout: 20_000 }).toBeGreaterThan(0);
  await page.workers()[0]?.evaluate(() => {
    setTimeout(() => {
      throw new Error("planted");
    });
  });
  await alert.locator(".failure-message", { hasText: "planted" }).waitFor({ timeout: 30_000 });
  await alert.getByRole("button", { name: "Try again" }).click();
  await ready(page);
});
