import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { browserTest, chromiumPath, launchWithWebGL } from "../../../../../../tools/browser";
import { headers } from "../../../../headers.mjs";
import { type Atlas, openAtlas } from "../../../testing/site";

// One page for each backend of the digits: the same numbers, to float32, and the page says where they come from.
const names = { wasm: "wasm", gpujs: "gpujs", tfjs: "tfjs-webgl" } as const;

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas(headers, launchWithWebGL);
});
afterAll(() => atlas?.close());

const text = async (page: Page, label: string): Promise<string> =>
  (await page.locator(`data[data-reading="${label}"]`).textContent()) ?? "";
const reading = async (page: Page, label: string): Promise<number> =>
  Number.parseFloat((await page.locator(`data[data-reading="${label}"]`).getAttribute("value")) || "NaN");
const ready = (page: Page) => page.locator('.status[data-phase="ready"]').waitFor({ timeout: 100_000 });

describe("digits on every backend", () => {
  const seen = new Map<string, number[]>();
  for (const [choice, engine] of Object.entries(names))
    browserTest(
      `${choice}: trains, shows samples, says which it is and how fast`,
      async () => {
        const { page, errors } = await atlas.visit(
          `/synthesis/flow-matching?part=digits&width=64&batch=64&steps=4&backend=${choice}`,
        );
        await ready(page);
        expect(await text(page, "backend")).toBe(engine);
        const losses: number[] = [];
        for (let step = 1; step <= 3; step++) {
          await page.keyboard.press(".");
          await expect.poll(() => reading(page, "step"), { timeout: 60_000 }).toBe(step);
          losses.push(await reading(page, "loss"));
        }
        seen.set(choice, losses);
        await page.getByRole("button", { name: "Start training" }).click();
        await expect.poll(() => reading(page, "steps/s"), { timeout: 100_000 }).toBeGreaterThan(0);
        await expect.poll(() => reading(page, "step"), { timeout: 100_000 }).toBeGreaterThan(12);
        await page.keyboard.press(" ");
        await ready(page);
        // Ink on the plate, and not everywhere.
        const dark = await page
          .locator("canvas")
          .first()
          .evaluate((canvas: HTMLCanvasElement) => {
            const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
            let n = 0;
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0 && data[i] < 128) n++;
            return (4 * n) / data.length;
          });
        expect(dark).toBeGreaterThan(0.005);
        expect(dark).toBeLessThan(0.5);
        expect(errors.filter((e) => !/GPU stall|GL Driver/.test(e))).toEqual([]);
      },
      300_000,
    );

  browserTest("the losses agree on all three", () => {
    const wasm = seen.get("wasm") as number[];
    expect(wasm).toHaveLength(3);
    for (const other of ["gpujs", "tfjs"])
      for (const [i, loss] of (seen.get(other) as number[]).entries())
        expect(Math.abs(loss / wasm[i] - 1), `${other}, step ${i + 1}`).toBeLessThan(1e-4);
  });
});
