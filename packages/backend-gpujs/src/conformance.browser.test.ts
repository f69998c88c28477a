import { afterAll, beforeAll, describe, expect } from "vitest";
import { browserTest, chromiumPath, launchWithWebGL, type Opened, openEntry } from "../../../tools/browser/index";
import type { ConformancePage } from "./conformance.page";

// Every op in every dtype with all special values; of ordinary shapes some on the device, one where the host answers.
const casesPerGroup = 7;

type Global = { conformance: ConformancePage };

describe("WebGL2 through gpu.js in Chromium", () => {
  let opened: Opened;
  beforeAll(async () => {
    if (chromiumPath !== undefined)
      opened = await openEntry(new URL("./conformance.page.ts", import.meta.url), launchWithWebGL);
  });
  afterAll(() => opened?.close());

  browserTest("every op in every dtype agrees with the reference", async () => {
    const failures = await opened.page.evaluate(async (most) => {
      const { conformance: c } = globalThis as unknown as Global;
      const out: string[] = [];
      for (const g of c.groups)
        out.push(...(await c.group(g.name, g.dtype === "float32" || g.dtype === "bool" ? most : 1)));
      return { out, groups: c.groups.length };
    }, casesPerGroup);
    expect(failures.groups).toBeGreaterThan(150);
    expect(failures.out).toEqual([]);
  });

  browserTest("the contract of a backend holds", async () => {
    const broken = await opened.page.evaluate(async () => {
      const { conformance: c } = globalThis as unknown as Global;
      const out: [string, string][] = [];
      for (const law of c.laws) out.push([law, await c.law(law)]);
      return out.filter(([, why]) => why !== "");
    });
    expect(broken).toEqual([]);
  });

  browserTest("nothing is left: no buffer is live and no texture in use", async () => {
    const now = await opened.page.evaluate(() => {
      const { conformance: c } = globalThis as unknown as Global;
      return { live: c.live(), used: c.statistics().usedBytes };
    });
    expect(now).toEqual({ live: { buffers: 0, bytes: 0 }, used: 0 });
    expect(opened.errors).toEqual([]);
  });
});
