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
  erfinv: { rtol: 8 },
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

test("the enumeration is not empty", () => {
  expect(Object.keys(golden)).toEqual(expect.arrayContaining(Object.keys(tolerance)));
});
