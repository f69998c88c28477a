import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { core, coreOps, epsOf } from "../index";
import { evaluateOp, hostValue } from "./evaluate";

type Encoded = number | boolean | string;
const decode = (v: Encoded): number => Number(v);
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../../golden/${name}`, import.meta.url), "utf8"));
const opNamed = (name: string) => {
  const op = coreOps.find((o) => o.name === name);
  if (!op) throw new Error(`no core op ${name}`);
  return op;
};

// Math.* of the engine is within an ulp or two (fdlibm); our own erf and erfc likewise. sin and cos of huge arguments stay in it.
const ulps: Record<string, number> = { sqrt: 0.51, rsqrt: 1.1, erfc: 3, sinh: 2, cosh: 2, tanh: 2 };

describe("functions agree with values correctly rounded from 400 bits", () => {
  const table = read<Record<string, [Encoded, Encoded][]>>("transcendental.json");
  test("the table is not empty", () => expect(Object.keys(table)).toHaveLength(21));
  test.each(Object.entries(table))("%s in both float dtypes", (name, rows) => {
    const xs = rows.map(([x]) => decode(x));
    const ys = rows.map(([, y]) => decode(y));
    const out = evaluateOp(opNamed(name), {}, [hostValue("float64", [xs.length], xs)])[0].data as Float64Array;
    for (const [i, y] of ys.entries()) {
      const bound = (ulps[name] ?? 1.5) * Math.max(epsOf("float64") * Math.abs(y), 2 ** -1074);
      expect(Math.abs(out[i] - y), `${name}(${xs[i]}) = ${y}, got ${out[i]}`).toBeLessThanOrEqual(bound);
    }
    // float32 is the float64 value rounded once, where the argument is a float32
    const narrow = [...new Float32Array(xs)];
    const wide = evaluateOp(opNamed(name), {}, [hostValue("float64", [xs.length], narrow)])[0].data;
    const single = evaluateOp(opNamed(name), {}, [hostValue("float32", [xs.length], narrow)])[0].data;
    expect(single).toEqual(new Float32Array(wide as Float64Array));
  });
});

interface Grid {
  grid: Encoded[];
  results: Record<string, Encoded[]>;
}
const numpy = read<Record<"float64" | "int32" | "uint32", Grid> & { line: Record<string, never> }>("numpy.json");

// Where NumPy's integers differ from design: nothing but division by zero, which both make 0. NumPy's maximum(+0, -0) keeps the
// first and its sign(-0) is +0; ours order and keep them (as XLA), so zeros are compared by value there. Its pow is the C library's.
const signless = new Set(["max", "min", "sign"]);
const loose: Record<string, number> = { pow: 2 ** -51, atan2: 2 ** -51 };

describe.each(["float64", "int32", "uint32"] as const)("special values of %s as NumPy decided them", (dtype) => {
  const { grid, results } = numpy[dtype];
  const n = grid.length;
  const at = (f: (i: number) => number, count: number) =>
    hostValue(
      dtype,
      [count],
      Array.from({ length: count }, (_, i) => decode(grid[f(i)])),
    );
  test.each(Object.entries(results))("%s", (name, want) => {
    const ins =
      want.length === n * n ? [at((i) => Math.floor(i / n), n * n), at((i) => i % n, n * n)] : [at((i) => i, n)];
    const got = evaluateOp(opNamed(name), {}, ins)[0].data;
    for (const [i, encoded] of want.entries()) {
      const y = decode(encoded);
      const x = Number(got[i]);
      const where = `${name}(${ins.map((v) => v.data[i])}) = ${encoded}, got ${x}`;
      if (signless.has(name) && y === 0) expect(Math.abs(x), where).toBe(0);
      else if (loose[name] && Number.isFinite(y))
        expect(Math.abs(x - y), where).toBeLessThanOrEqual(loose[name] * Math.abs(y));
      else expect(x, where).toBe(y);
    }
  });
});

describe("a line with NaN, infinities and both zeros, as NumPy decided it", () => {
  const line = numpy.line as unknown as Record<string, Encoded[]> &
    Record<"argmax" | "argmin" | "argmaxWithoutNaN", number>;
  const values = line.values.map(decode);
  const x = hostValue("float64", [values.length], values);
  const index = hostValue("int32", [values.length], [...values.keys()]);
  test("sort is stable with NaN last", () => {
    const [, order] = evaluateOp(core.sort, { axis: 0, keys: 1 }, [x, index]);
    expect([...order.data]).toEqual(line.argsort);
  });
  test("argmax and argmin give the first NaN, or the first extremum", () => {
    expect(evaluateOp(core.argmax, { axis: 0 }, [x])[0].data[0]).toBe(line.argmax);
    expect(evaluateOp(core.argmin, { axis: 0 }, [x])[0].data[0]).toBe(line.argmin);
    const plain = values.filter((v) => !Number.isNaN(v));
    const without = evaluateOp(core.argmax, { axis: 0 }, [hostValue("float64", [plain.length], plain)]);
    expect(without[0].data[0]).toBe(line.argmaxWithoutNaN);
  });
  test.each([
    ["cumSum", core.cumSum],
    ["cumMax", core.cumMax],
    ["cumMin", core.cumMin],
  ] as const)("%s carries NaN onward", (name, op) => {
    expect([...evaluateOp(op, { axis: 0, reverse: false }, [x])[0].data]).toEqual(line[name].map(decode));
  });
});
