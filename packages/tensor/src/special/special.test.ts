import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as T from "../index";

/** Golden values: tools/oracle/special.py (mpmath, checked there against SciPy). */
type Entry = number | "NaN" | "Infinity" | "-Infinity" | "-0";
const golden = JSON.parse(readFileSync(new URL("../../golden/special.json", import.meta.url), "utf8")) as Record<
  string,
  Entry[][]
>;

/** Relative tolerance in float64 in units of ε = 2⁻⁵², with an absolute one where a function has zeros away from its exact ones. */
const tolerance: Record<string, { rtol: number | ((x: number) => number); atol?: number }> = {
  erfinv: { rtol: 3 },
  erfcinv: { rtol: 8 },
  ndtri: { rtol: 8 },
  // rounding x/√2 moves e^(-x²/2) by x² ε
  ndtr: { rtol: (x) => 8 + x * x },
  logNdtr: { rtol: (x) => 12 + (x > 0 ? x * x : 0) },
  logErfc: { rtol: (x) => 16 + (x < 0 ? 2 * x * x : 0) },
  lgamma: { rtol: 16, atol: 16 },
  digamma: { rtol: 16, atol: 4 },
  logit: { rtol: 6 },
  sigmoid: { rtol: 4 },
  logSigmoid: { rtol: 4 },
  softplus: { rtol: 4 },
  entr: { rtol: 4 },
  betaln: { rtol: 32, atol: 64 },
  xlogy: { rtol: 4 },
  xlog1py: { rtol: 4 },
  polygamma: { rtol: 64 },
};
const eps = 2 ** -52;

const call = (name: string, args: readonly number[][]): number[] => {
  const f = (T as unknown as Record<string, (...a: (number | T.Tensor)[]) => T.Tensor>)[name];
  if (name === "polygamma") return args.map(([n, x]) => f(n, T.tensor(x)).item() as number);
  const columns = args[0].map((_, i) => T.tensor(Float64Array.from(args.map((a) => a[i]))));
  return Array.from(f(...columns).dataSync());
};

describe.each(Object.keys(golden))("%s", (name) => {
  const rows = golden[name].map((r) => r.map(Number));
  const args = rows.map((r) => r.slice(0, -1));

  test("agrees with mpmath in float64", () => {
    const { rtol, atol = 0 } = tolerance[name];
    call(name, args).forEach((got, i) => {
      const want = rows[i][rows[i].length - 1];
      const seen = `${name}(${args[i]}) = ${got}, expected ${want}`;
      if (!Number.isFinite(want) || want === 0)
        expect(Object.is(got, want) || (got === 0 && want === 0), seen).toBe(true);
      else {
        const r = typeof rtol === "number" ? rtol : rtol(args[i][0]);
        expect(Math.abs(got - want), seen).toBeLessThanOrEqual(eps * (r * Math.abs(want) + atol));
      }
    });
  });
});

test("erfinv in float32 is within two units of the one in float64, on both sides of every end of its intervals", () => {
  const xs: number[] = [];
  for (let k = 1; k < 14; k++)
    for (let j = 0; j < 16; j++)
      for (let d = -1; d < 2; d++) xs.push((j % 2 ? -1 : 1) * (1 - (1 + j / 16) * 2 ** -k) + d * 2 ** -24);
  const x = Float32Array.from([...xs, 0, 1e-30, -1e-10, 1, -1, 1.5, Number.NaN]);
  const [got, want] = [T.erfinv(T.tensor(x)), T.erfinv(T.tensor(Float64Array.from(x)))].map((t) => t.dataSync());
  x.forEach((v, i) => {
    const [a, b] = [Number(got[i]), Number(want[i])];
    if (!Number.isFinite(b) || b === 0) expect(Object.is(a, b), `erfinv(${v}) = ${a}`).toBe(true);
    else expect(Math.abs(a - b), `erfinv(${v}) = ${a}, expected ${b}`).toBeLessThanOrEqual(2 * 2 ** -23 * Math.abs(b));
  });
});

test("erfinv has the same bits wherever a number stands", () => {
  const n = 1003;
  const all = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i) * 0.9999);
  for (const dtype of ["float32", "float64"] as const) {
    const together = T.erfinv(T.tensor(all, { dtype })).dataSync();
    for (const i of [0, 1, 5, 500, 777, n - 2, n - 1])
      expect(T.erfinv(T.tensor(all[i], { dtype })).item()).toBe(Number(together[i]));
  }
});

test("the enumeration is not empty", () => {
  expect(Object.keys(golden)).toEqual(expect.arrayContaining(Object.keys(tolerance)));
});
