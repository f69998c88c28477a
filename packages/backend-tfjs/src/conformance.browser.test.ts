import { afterAll, beforeAll, describe, expect } from "vitest";
import { browserTest, chromiumPath, launchWithWebGL, type Opened, openEntry } from "../../../tools/browser/index";
import type { ConformancePage } from "./conformance.page";

// Every op in every dtype with all special values; of ordinary shapes some on the device, one where the host answers.
const casesPerGroup = 5;

type Global = { conformance: ConformancePage };

describe("the webgl engine in Chromium", () => {
  let opened: Opened;
  beforeAll(async () => {
    if (chromiumPath !== undefined)
      opened = await openEntry(new URL("./conformance.page.ts", import.meta.url), launchWithWebGL);
  });
  afterAll(() => opened?.close());

  browserTest("every op in every dtype agrees with the reference", async () => {
    const { out, groups, engine } = await opened.page.evaluate(async (most) => {
      const { conformance: c } = globalThis as unknown as Global;
      const out: string[] = [];
      for (const g of c.groups)
        out.push(...(await c.group(g.name, g.dtype === "float32" || g.dtype === "bool" ? most : 1)));
      return { out, groups: c.groups.length, engine: (await c.statistics()).engine };
    }, casesPerGroup);
    expect(engine).toBe("webgl");
    expect(groups).toBeGreaterThan(150);
    expect(out).toEqual([]);
  });

  browserTest("the contract of a backend holds, and no tensor is left", async () => {
    const [broken, tensors] = await opened.page.evaluate(async () => {
      const { conformance: c } = globalThis as unknown as Global;
      const out: [string, string][] = [];
      for (const law of c.laws) out.push([law, await c.law(law)]);
      return [out.filter(([, why]) => why !== ""), (await c.statistics()).tensors] as const;
    });
    expect(broken).toEqual([]);
    expect(tensors).toBe(0);
  });
});
