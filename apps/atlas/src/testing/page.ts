// What the tests of pages share: their numbers, their pictures, and what must hold of every page.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type Atlas, seriousViolations } from "./site";

/** The unrounded number behind a reading. */
export const reading = async (page: Page, label: string): Promise<number> =>
  Number.parseFloat((await page.locator(`data[data-reading="${label}"]`).getAttribute("value")) || "NaN");

/** Waits until a reading is a number this close to another. */
export const readingIs = (page: Page, label: string, wanted: number, within = 1e-9): Promise<void> =>
  expect
    .poll(async () => Math.abs((await reading(page, label)) - wanted), { timeout: 60_000, message: label })
    .toBeLessThanOrEqual(within);

const repository = resolve(import.meta.dirname, "../../../..");

/** ATLAS_SCREENSHOTS=1 renews the pictures of the documentation; otherwise they are only taken. */
export const picture = (name: string): string => {
  const folder = resolve(
    repository,
    process.env.ATLAS_SCREENSHOTS ? "docs/screenshots" : "apps/atlas/node_modules/.cache/screenshots",
  );
  mkdirSync(folder, { recursive: true });
  return resolve(folder, `${name}.png`);
};

/** At a desk in light and on a phone in the dark: axe finds nothing serious, nothing is wider than the screen, nothing fails. `shown` waits for the content. */
export const isSound = async (atlas: Atlas, path: string, shown: (page: Page) => Promise<unknown>): Promise<void> => {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 390],
  ] as const) {
    const { page, errors } = await atlas.visit(path, {
      colorScheme,
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
    });
    await shown(page);
    expect(await seriousViolations(page), `${path} ${colorScheme}`).toEqual([]);
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider, `${path} at ${width} pixels`).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
  }
};
