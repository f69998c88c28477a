import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Callable, i32, ModuleBuilder, v128 } from "../asm";
import { emitMath, type Formula, type Lane, programRows, type RuntimeFunction, tableConstants } from "./index";
import * as math from "./math";
import { runtimeFunction, runtimeFunctions, testRuntime } from "./testing";

const formulas: Readonly<Record<string, Formula>> = math as never;

const golden = JSON.parse(readFileSync(new URL("../../golden/math.json", import.meta.url), "utf8")) as Record<
  string,
  number[][]
>;
const { call, exports, memory, heap } = testRuntime(32);

/** The largest error allowed in float64, in units in the last place; half a unit is a correctly rounded result. */
const bounds: Record<string, number> = {
  exp: 0.9,
  expm1: 1.05,
  log: 0.85,
  log1p: 0.9,
  sin: 0.8,
  cos: 0.8,
  tan: 2,
  asin: 0.85,
  acos: 0.9,
  atan: 1.7,
  sinh: 1.9,
  cosh: 1.4,
  tanh: 1.4,
  asinh: 1.6,
  acosh: 2,
  atanh: 1.6,
  erf: 1,
  erfc: 2.8,
  cbrt: 0.7,
  pow: 1,
  atan2: 2,
};

const bits = new DataView(new ArrayBuffer(8));
function ulp(x: number): number {
  bits.setFloat64(0, Math.abs(x));
  const exponent = Math.max(1, bits.getUint16(0) >> 4);
  return exponent > 53 ? 2 ** (exponent - 1075) : Number.MIN_VALUE * 2 ** (exponent - 1);
}

test("every function of the oracle has a bound", () => {
  expect(Object.keys(golden).sort()).toEqual(Object.keys(bounds).sort());
});

test.each(Object.entries(bounds))("%s is within %d units of the true value", (name, bound) => {
  const rows = golden[name] as number[][];
  expect(rows.length).toBeGreaterThan(50);
  let worst = 0;
  let at: number[] = [];
  for (const row of rows) {
    const rest = row[row.length - 1] as number;
    const y = row[row.length - 2] as number;
    const args = row.slice(0, -2);
    const error = Math.abs((call(`${name}_f64`, ...args) - y) / ulp(y) - rest);
    if (!(error <= worst)) [worst, at] = [error, args];
  }
  expect(worst, `${name}(${at})`).toBeLessThanOrEqual(bound);
});

/** Float32 numbers of every exponent, both signs, and the special ones. */
function singles(count: number): Float32Array {
  const out = new Float32Array(count);
  const words = new Uint32Array(out.buffer);
  for (let i = 0; i < count; i++) words[i] = Math.floor((i * 2 ** 32) / count) + ((i * 7919) % 4096);
  out.set([0, -0, Infinity, -Infinity, Number.NaN, 1, -1, 2 ** -149, 0.5, 88.5, -103.9, 9.5]);
  // half of them where functions vary
  for (let i = 12; i < count; i += 2) out[i] = Math.sin(i * 1.7) * 2 ** ((i % 61) / 5 - 8);
  return out;
}

/** Of those that are computed in float32 arithmetic; the others round what float64 gives. */
const single: Record<string, number> = {
  exp: 1,
  expm1: 1.15,
  log: 0.8,
  log1p: 0.8,
  tanh: 1.6,
  // over four million arguments each, many of them next to multiples of π/2: 1.29, 1.29, 1.84; erf 1.64, where its two forms meet
  sin: 1.4,
  cos: 1.4,
  tan: 1.9,
  erf: 1.7,
};

const unit = (y: number): number => Math.max(2 ** -149, 2 ** (Math.floor(Math.log2(Math.abs(Math.fround(y)))) - 23));

test.each(["sin", "cos", "tan"])(
  "%s in float32 is as good where its argument cancels against multiples of π/2",
  (name) => {
    const bound = single[name] as number;
    const x = new Float32Array(1);
    const word = new Int32Array(x.buffer);
    // 2037 quarter turns are reduced in float32 arithmetic, the rest in float64
    for (let n = 1; n < 2100; n++)
      for (let near = -3; near <= 3; near++) {
        x[0] = (n * Math.PI) / 2;
        word[0] += near;
        const exact = call(`${name}_f64`, x[0]);
        const error = Math.abs(call(`${name}_f32`, x[0]) - exact) / unit(exact);
        if (!(error <= bound)) throw new Error(`${name}(${x[0]}) is ${error} units off`);
      }
    expect(call(`${name}_f32`, 1e30)).toBe(Math.fround(call(`${name}_f64`, Math.fround(1e30))));
  },
);

test.each(Object.keys(bounds))("%s in float32 is near its float64 value", (name) => {
  const xs = singles(20_000);
  const bound = single[name] ?? 0.51;
  let worst = 0;
  let at = [0, 0];
  for (let i = 0; i < xs.length; i++) {
    const args = [xs[i], xs[(i * 31 + 7) % xs.length]].slice(0, runtimeFunction(`${name}_f32`).params.length);
    const exact = call(`${name}_f64`, ...(args as number[]));
    const got = call(`${name}_f32`, ...(args as number[]));
    const rounded = Math.fround(exact);
    if (!Number.isFinite(rounded) || rounded === 0) {
      // near the edge of overflow and of underflow one unit may go either way
      if (Math.abs(exact) > 3.4028234e38 && Math.abs(exact) < 3.4028238e38) continue;
      if (rounded === 0 && exact !== 0) {
        expect(Math.abs(got)).toBeLessThanOrEqual(2 ** -149);
        continue;
      }
      expect(got, `${name}(${args})`).toBe(rounded);
      continue;
    }
    const error = Math.abs(got - exact) / unit(exact);
    if (!(error <= worst)) [worst, at] = [error, args as [number, number]];
  }
  expect(worst, `${name}(${at})`).toBeLessThanOrEqual(bound);
});

/** A program that applies a function to arrays: x, y → z, n vectors. */
function mapper(name: string, lane: Lane, inlined: boolean): (n: number) => void {
  const m = new ModuleBuilder();
  m.importMemory("env", "memory", { min: 1 });
  const imports: Record<string, WebAssembly.ExportValue> = {};
  const imported = (key: string): Callable | undefined => {
    const signature: RuntimeFunction | undefined = runtimeFunctions.find((f) => f.name === key);
    if (!signature) return undefined;
    imports[key] = exports[key] as never;
    return m.importFunc("runtime", key, signature.params, signature.results);
  };
  const { params } = runtimeFunction(`${name}_${lane}`);
  const scope = {
    call: ({ name }: { readonly name: string }) => imported(name === "fmod" ? name : `${name}_f64`),
    constant: tableConstants(m, 1024, true),
    rows: programRows(m, 1024),
  };
  const formula = formulas[name];
  const run = m.func([i32], [], (f, n) => {
    const i = f.local(i32);
    const args = params.map(() => f.local(v128));
    f.forRange(i, 0, n, 1, () => {
      for (const [k, arg] of args.entries())
        f.address(heap + 65536 * k, i, 4)
          .v128.load()
          .set(arg);
      f.address(heap + 65536 * 2, i, 4);
      if (inlined) emitMath(f, lane, formula, args, scope);
      else {
        for (const a of args) f.get(a);
        f.call(imported(`${name}_${lane}`) as Callable);
      }
      f.v128.store();
    });
  });
  m.export("run", run);
  const program = new WebAssembly.Instance(new WebAssembly.Module(m.finish() as BufferSource), {
    env: { memory },
    runtime: imports,
  });
  return program.exports.run as (n: number) => void;
}

describe.each(["f64x2", "f32x4"] as const)("in %s", (lane) => {
  const View = lane === "f64x2" ? Float64Array : Float32Array;
  const scalar = lane === "f64x2" ? "f64" : "f32";
  test.each([...Object.keys(bounds), "mod", "floorDiv"])(
    "%s has in every lane the bits of the scalar function",
    (name) => {
      const n = 4096;
      const [x, y, z] = [0, 1, 2].map((k) => new View(memory.buffer, heap + 65536 * k, n)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const values = singles(2 * n);
      x.set(values.subarray(0, n));
      y.set(values.subarray(n).reverse());
      // numbers with all 53 bits, and large angles beside small ones
      if (lane === "f64x2") for (let i = 13; i < n; i += 3) x[i] = (x[i] as number) * (1 + i * 1e-13);
      const want = Array.from(x, (v, i) => call(`${name}_${scalar}`, v, y[i] as number));
      for (const inlined of [false, true]) {
        z.fill(123);
        mapper(name, lane, inlined)((n * View.BYTES_PER_ELEMENT) / 16);
        for (let i = 0; i < n; i++)
          if (!Object.is(z[i], want[i]))
            throw new Error(`${name}(${x[i]}, ${y[i]}) is ${z[i]} in a vector, ${want[i]} alone`);
      }
      expect(want.some((v) => Number.isFinite(v) && v !== 0)).toBe(true);
    },
  );
});
