import { afterAll, beforeAll, describe, expect } from "vitest";
import { browserTest, chromiumPath, launchWithWebGL, type Opened, openEntry } from "../../../tools/browser/index";
import type { BehaviourPage } from "./behaviour.page";

type Api = { [K in keyof BehaviourPage]: Awaited<ReturnType<BehaviourPage[K]>> };

describe("gpu.js in Chromium", () => {
  let opened: Opened;
  beforeAll(async () => {
    if (chromiumPath !== undefined)
      opened = await openEntry(new URL("./behaviour.page.ts", import.meta.url), launchWithWebGL);
  });
  afterAll(() => opened?.close());
  const ask = <K extends keyof Api>(name: K, argument?: string): Promise<Api[K]> =>
    opened.page.evaluate(
      ([n, a]) => {
        const { behaviour } = globalThis as unknown as { behaviour: { [k: string]: (x?: string) => Promise<unknown> } };
        return behaviour[n as string](a);
      },
      [name, argument] as const,
    ) as Promise<Api[K]>;

  browserTest("loops are as long as they should be, beyond gpu.js's silent 1,000", async () => {
    expect(await ask("longLoops")).toEqual([[3000], [3000], [2000, 2000]]);
  });
  browserTest("expm1 and log1p are accurate near 0, tanh(100) is 1, and NaN is not itself", async () => {
    const [[expm1], [log1p], tanh, nan] = await ask("accuracy");
    for (const y of [expm1, log1p]) expect(Math.abs(y / 1e-8 - 1)).toBeLessThan(1e-6);
    expect([tanh, nan]).toEqual([[1], [1]]);
  });
  browserTest("tensors of seven axes are what they are on the reference", async () => {
    const [seen, expected] = await ask("ranks");
    expect(expected.map((x) => x.length)).toEqual([144, 32, 4, 144]);
    expect(seen).toEqual(expected);
  });
  browserTest("integers stay exact around and beyond 2^24", async () => {
    expect(await ask("integers")).toEqual([
      [2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1],
      [2 ** 25 - 2, 2 ** 25, 2 ** 25 + 2, -2],
      [-1, -1, -1, -1],
    ]);
  });
  browserTest(
    "float64 is refused by an error that names wasm, a tensor too large for a texture by its size",
    async () => {
      const [upload, compile, large] = await ask("refusals");
      for (const message of [upload, compile]) expect(message).toMatch(/has no float64.*wasm/);
      expect(large).toMatch(/1073741824 elements does not fit one texture/);
    },
  );
  browserTest("a group of forty operands is split among draws", async () => {
    expect(await ask("manyOperands")).toEqual([[(39 * 40) / 2, 40, 80, 120, 160]]);
  });
  browserTest("results of one kernel do not overwrite each other", async () => {
    expect(await ask("outputsStay")).toEqual([
      [1, 0, 1],
      [4, 0, 4],
      [9, 0, 9],
    ]);
  });
  browserTest("products are exact on whole numbers in every layout", async () => {
    expect(await ask("products")).toEqual([]);
  });
  browserTest("a chain of ten elementwise ops is one draw", async () => {
    expect(await ask("fusion")).toBe(1);
  });
  browserTest("a training loop compiles once and allocates once, though its program is made anew", async () => {
    const { first, last, live, used } = await ask("trainingLoop");
    expect(last).toEqual(first);
    expect(live).toEqual({ buffers: 0, bytes: 0 });
    expect(used).toBe(0);
  });
  browserTest("kernels thrown out of the cache leave the others whole", async () => {
    const round = [
      [-4, -0],
      [4, 0],
      [Math.fround(Math.exp(4)), 1],
      [4, 0],
      [2, 0],
    ];
    const seen = await ask("eviction");
    expect(seen).toHaveLength(15);
    for (const [i, [a, b]] of seen.entries()) {
      expect(Math.abs(a / round[i % 5][0] - 1)).toBeLessThan(1e-6);
      expect(b).toBe(round[i % 5][1]);
    }
  });
  browserTest("a scan of 1,000 steps runs on the device without a read, a while reads its predicate", async () => {
    const r = await ask("loops");
    const decay = 0.999 ** 1000;
    for (const [i, x] of r.last.entries()) expect(Math.abs(x / ((i + 1) * decay) - 1)).toBeLessThan(1e-4);
    expect(r.sums[0]).toBe(1000);
    expect(Math.abs(r.sums[2] / (10 * decay) - 1)).toBeLessThan(1e-4);
    expect(r.scan).toEqual({ dispatches: 2000, reads: 0 });
    expect(r.grown).toEqual([32, 64, 96, 128]);
    // Six predicates of two kernels each, five doublings.
    expect(r.loop).toEqual({ dispatches: 17, reads: 6 });
    expect(r.fallbacks).toEqual({});
    expect(r.live).toEqual({ buffers: 0, bytes: 0 });
  });
  browserTest("with syncRead: false everything is read by fences, and the contract holds all the same", async () => {
    expect(await ask("asynchronous")).toEqual({
      grown: [32, 64, 96, 128],
      sync: [false, false],
      broken: [],
      live: { buffers: 0, bytes: 0 },
    });
  });
  browserTest("two contexts work side by side, and refuse each other's buffers", async () => {
    const { values, mixed } = await ask("twoContexts");
    for (const [i, x] of [Math.E, Math.exp(Math.E)].entries())
      expect(Math.abs(values[0][i] / [Math.E, Math.exp(Math.E)][i] - 1), `${x}`).toBeLessThan(1e-6);
    expect(Math.abs(values[1][1] / Math.exp(3) - 1)).toBeLessThan(1e-6);
    expect(mixed).toMatch(/belongs to another backend/);
  });
  browserTest(
    "a lost context is told, what lived there is named, and programs go on after it is restored",
    async () => {
      const r = await ask("contextLoss");
      expect(r.events).toEqual(["lost", "restored"]);
      expect(
        r.errors.slice(0, 2).every((e) => /^lost: .*context is lost/.test(e)),
        r.errors.join("\n"),
      ).toBe(true);
      expect(r.errors[2]).toMatch(/^lost: .*lost with its WebGL context.*5000/);
      expect([r.first, r.second]).toEqual([2, 2]);
      expect(r.live).toEqual({ buffers: 0, bytes: 0 });
    },
  );
  browserTest("it works in a Worker, on an OffscreenCanvas", async () => {
    const answer = (await ask("worker", "/main.js")) as number[][];
    expect(answer, JSON.stringify(answer)).toHaveLength(4);
    expect(answer[2]).toEqual([1]);
  });
  browserTest("the page keeps its own GPU interface, and nothing was said on the console", async () => {
    expect(await ask("global")).toBe(true);
    expect(opened.errors.filter((e) => !/CONTEXT_LOST/.test(e))).toEqual([]);
  });
});
