import { key, type Tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import {
  constantInit,
  fans,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  normalInit,
  uniformInit,
  varianceScaling,
  xavierNormal,
  xavierUniform,
  zerosInit,
} from "./index";

const shape = [200, 300];
const n = 200 * 300;
const values = (t: Tensor): number[] => Array.from(t.dataSync() as Float32Array);
const moment = (xs: readonly number[], k: number): number => xs.reduce((s, x) => s + x ** k, 0) / xs.length;

type Row = [name: string, init: Initializer, shape: number[], variance: number, law: "normal" | "uniform"];
const scaled = (o: Parameters<typeof varianceScaling>[1]): Initializer => varianceScaling(1, o);
const table: Row[] = [
  ["normalInit(0.02)", normalInit(0.02), shape, 4e-4, "normal"],
  ["uniformInit(0.5)", uniformInit(0.5), shape, 1 / 12, "uniform"],
  ["xavierUniform", xavierUniform, shape, 2 / 500, "uniform"],
  ["xavierNormal", xavierNormal, shape, 2 / 500, "normal"],
  ["heNormal", heNormal, shape, 2 / 200, "normal"],
  ["heUniform", heUniform, shape, 2 / 200, "uniform"],
  ["lecunNormal", lecunNormal, shape, 1 / 200, "normal"],
  ["fan out", scaled({ mode: "fanOut", distribution: "normal" }), shape, 1 / 300, "normal"],
  [
    "a convolution's fan in",
    scaled({ mode: "fanIn", distribution: "normal", layout: "conv" }),
    [100, 24, 5, 5],
    1 / 600,
    "normal",
  ],
  [
    "a convolution's fan out",
    scaled({ mode: "fanOut", distribution: "uniform", layout: "conv" }),
    [100, 24, 5, 5],
    1 / 2500,
    "uniform",
  ],
];

describe.each(table)("%s", (_name, init, size, variance, law) => {
  const xs = values(init(key(11), size));

  // five standard errors of a sample of n: sd of the mean σ/√n, of the variance σ²√((kurtosis − 1)/n)
  test("has mean 0, the variance it promises and the fourth moment of its law", () => {
    expect(xs).toHaveLength(n);
    const kurtosis = law === "normal" ? 3 : 1.8;
    expect(Math.abs(moment(xs, 1))).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(moment(xs, 2) / variance - 1)).toBeLessThan(5 * Math.sqrt((kurtosis - 1) / n));
    // the eighth moments of N(0, 1) and U(−√3, √3) are 105 and 9
    const spread = Math.sqrt(((law === "normal" ? 105 : 9) - kurtosis ** 2) / n);
    expect(Math.abs(moment(xs, 4) / variance ** 2 - kurtosis)).toBeLessThan(5 * spread);
  });

  test("a uniform law stays inside its bounds and fills them; a normal one has tails", () => {
    const bound = Math.sqrt(3 * variance);
    const largest = xs.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    if (law === "uniform") {
      expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
      expect(largest).toBeGreaterThan(0.999 * bound);
    } else expect(largest).toBeGreaterThan(2 * bound);
  });

  test("is float32 unless told, and a function of the key", () => {
    expect(init(key(1), size).dtype).toBe("float32");
    expect(init(key(1), [4, 4, 3, 3], "float64").dtype).toBe("float64");
    expect(values(init(key(11), size)).slice(0, 5)).toEqual(xs.slice(0, 5));
    expect(values(init(key(12), size)).slice(0, 5)).not.toEqual(xs.slice(0, 5));
  });
});

test("fans count inputs and outputs", () => {
  expect(fans([3, 5])).toEqual([3, 5]);
  expect(fans([2, 3, 5])).toEqual([6, 5]);
  expect(fans([16, 3, 5, 5], "conv")).toEqual([75, 400]);
  expect(() => fans([3])).toThrow(/fans: a scaled initializer needs a weight of rank 2/);
});

test("constants are constant, and nonsense is refused", () => {
  assertClose(zerosInit(key(0), [2]), [0, 0], { dtype: "float32" });
  assertClose(constantInit(0.5)(key(0), [2], "float64"), [0.5, 0.5], { dtype: "float64" });
  expect(() => varianceScaling(0, { mode: "fanIn", distribution: "normal" })).toThrow(/varianceScaling: the scale/);
});
