import { afterAll, beforeAll, describe, expect } from "vitest";
import { browserTest, chromiumPath, launchWithWebGL, type Opened, openEntry } from "../../../tools/browser/index";
import type { Held, SoakPage } from "./soak.page";

type Global = { soak: SoakPage };

/** Memory settles in the first tenth of a loop, and then nothing grows: tensors, textures, kernels; the heap by less than 2 MB. */
const expectFlat = (seen: readonly Held[]): void => {
  expect(seen).toHaveLength(10);
  const counts = ({ buffers, bytes, usedBytes, pooledBytes, kernels }: Held) => ({
    buffers,
    bytes,
    usedBytes,
    pooledBytes,
    kernels,
  });
  for (const s of seen) expect(counts(s)).toEqual(counts(seen[0]));
  expect(seen[9].heap - seen[0].heap).toBeLessThan(2e6);
};

describe("ten thousand steps on WebGL2", () => {
  let opened: Opened;
  beforeAll(async () => {
    if (chromiumPath !== undefined)
      opened = await openEntry(new URL("./soak.page.ts", import.meta.url), () =>
        launchWithWebGL(["--js-flags=--expose-gc"]),
      );
  });
  afterAll(() => opened?.close());

  browserTest(
    "10,000 training steps hold seven tensors and at most 64 kB of textures, in use and kept, from first to last",
    async () => {
      const r = await opened.page.evaluate(() => (globalThis as unknown as Global).soak.training(10_000));
      console.log(`10,000 training steps in ${r.seconds.toFixed(1)} s, ${r.seen[9].draws} draws`);
      expectFlat(r.seen);
      // Four of the state, two of the data, and the loss that is being read.
      expect(r.seen[9].buffers).toBe(7);
      expect(r.seen[9].usedBytes + r.seen[9].pooledBytes).toBeLessThan(64 * 1024);
      expect(r.losses[9]).toBeLessThan(0.5 * r.losses[0]);
      expect(r.after).toMatchObject({ buffers: 0, bytes: 0, usedBytes: 0 });
      expect(opened.errors).toEqual([]);
    },
    600_000,
  );

  browserTest(
    "an eager loop of 10,000 ops holds one tensor and at most 16 kB of textures",
    async () => {
      const r = await opened.page.evaluate(() => (globalThis as unknown as Global).soak.eager(10_000));
      console.log(`10,000 ops in ${r.seconds.toFixed(1)} s`);
      expectFlat(r.seen);
      expect(r.seen[9].buffers).toBe(1);
      expect(r.seen[9].usedBytes + r.seen[9].pooledBytes).toBeLessThan(16 * 1024);
      expect(r.last.every(Number.isFinite)).toBe(true);
      expect(r.after).toMatchObject({ buffers: 0, bytes: 0, usedBytes: 0 });
    },
    600_000,
  );
});
