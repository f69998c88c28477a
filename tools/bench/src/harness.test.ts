import { describe, expect, test } from "vitest";
import { measure, median, relativeError } from "./harness";

describe("the harness", () => {
  test("takes the middle of the laps", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
  test("reports an error relative to the largest entry, and NaN results as NaN", () => {
    expect(relativeError([1, 2.2], new Float64Array([1, 2]))).toBeCloseTo(0.1, 12);
    expect(relativeError([1, Number.NaN], new Float64Array([1, 2]))).toBeNaN();
    expect(relativeError([1], new Float64Array([1, 2]))).toBeNaN();
  });
  test("names the contestants that fail and goes on with the others", async () => {
    const result = await measure(
      {
        name: "one",
        about: "adds",
        reference: () => new Float64Array([2]),
        contestants: {
          ansatz: () => ({ run: () => 1 + 1, result: () => [2] }),
          broken: () => {
            throw new Error("no such engine");
          },
          unable: () => undefined,
          slow: () => ({ run: () => new Promise((r) => setTimeout(r, 3)), result: async () => [2.5] }),
        },
      },
      { rounds: 2, turn: 5 },
    );
    expect(result.absent).toEqual({ broken: "no such engine", unable: "cannot do this row" });
    expect(result.ours?.error).toBe(0);
    expect(result.peers.slow.error).toBe(0.25);
    expect(result.peers.slow.ms).toBeGreaterThan(2);
  });
  test("disposes what a run returns, trees of it too, and leaves plain numbers alone", async () => {
    let live = 0;
    const thing = () => {
      live++;
      let gone = false;
      return {
        dispose: () => {
          if (gone) throw new Error("disposed twice");
          gone = true;
          live--;
        },
      };
    };
    const contestant = (run: () => unknown) => () => ({ run, result: () => [0] });
    const { absent } = await measure(
      {
        name: "memory",
        about: "makes things",
        reference: () => new Float64Array([0]),
        contestants: {
          ansatz: contestant(thing),
          tree: contestant(() => ({ a: thing(), b: [thing(), { c: thing() }], n: 3, none: null })),
          numbers: contestant(() => [1, 2, 3]),
        },
      },
      { rounds: 2, turn: 0.1 },
    );
    expect(absent).toEqual({});
    expect(live).toBe(0);
  });
  test("times the first call alone, one unit of work, and measures errors as the row says", async () => {
    const asked: number[] = [];
    const result = await measure(
      {
        name: "many",
        about: "many at once",
        units: 50,
        reference: () => new Float64Array([2]),
        deviation: { unit: "ulp", of: (got, want) => (got[0] - want[0]) / 2 ** -51 },
        contestants: {
          ansatz: () => {
            let slow = true;
            return {
              run: async (units) => {
                asked.push(units);
                if (slow) await new Promise((r) => setTimeout(r, 20));
                slow = false;
              },
              result: () => [2 + 2 ** -51],
            };
          },
        },
      },
      { rounds: 2, turn: 1 },
    );
    expect(asked[0]).toBe(1);
    expect(new Set(asked.slice(1))).toEqual(new Set([50]));
    expect(result.ours?.first).toBeGreaterThan(15);
    expect(result.ours?.ms).toBeLessThan(1);
    expect(result.ours?.error).toBe(1);
    expect(result.errorUnit).toBe("ulp");
  });
});
