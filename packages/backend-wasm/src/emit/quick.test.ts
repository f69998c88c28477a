import { aval, buildProgram, core, type FloatDType, type Op, type TypedArray } from "@ansatz/backend";
import { expect, test } from "vitest";
import { explain } from "../explain";
import { wasmBackend } from "../index";
import { allLowerings } from "../lowerings";

// Formulas written into loops have no branches: turns with an argument that needs one are left to the scalar function.

const b = wasmBackend({ lowerings: allLowerings });
const n = 1003;
const special = [
  0,
  -0,
  Infinity,
  -Infinity,
  Number.NaN,
  -1,
  1e300,
  -1e300,
  5e-324,
  1e-310,
  710,
  -709,
  -740,
  -800,
  88,
  -88,
  -103,
];

const array = (dtype: FloatDType, values: readonly number[]) =>
  dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values);
const bits = (x: TypedArray): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
const isNaNs = (x: TypedArray) => Array.from(x as Float64Array, (v) => Number.isNaN(v));

const ops: [string, Op][] = (["exp", "expm1", "log", "log1p", "tanh", "sin", "cos", "tan", "erf", "pow"] as const).map(
  (k) => [k, core[k]],
);
const cases = ops.flatMap(([name, op]) => (["float64", "float32"] as const).map((d) => [name, d, op] as const));

/** Ordinary arguments, with special ones every now and then, or everywhere. */
const inputs = (rare: boolean): number[] =>
  Array.from({ length: n }, (_, i) =>
    rare && i % 37 !== 5 ? 0.25 + ((i * 0.6180339887) % 3) : special[(i * 7) % special.length],
  );

test.each(cases)("%s of %s in a loop gives the bits that it gives for single numbers", (_, dtype, op) => {
  const a = aval([n], dtype);
  const of = (shape: readonly number[]) =>
    buildProgram([aval(shape, dtype)], (emit, x) => {
      const [y] = emit(core.neg, {}, x);
      return emit(op, {}, ...(op.name === "pow" ? [y, y] : [y]));
    });
  const [p, one] = [of([n]), of([])];
  expect(explain(b, p)).toContain("lanes");
  const single = b.compile(one);
  for (const rare of [true, false]) {
    const x = array(
      dtype,
      inputs(rare).map((v) => -v),
    );
    const got = b.readSync(b.compile(p).run([b.upload(x, a)])[0]) as TypedArray;
    const want = array(
      dtype,
      Array.from(x as Float64Array, (v) => {
        const [y] = single.run([b.upload(array(dtype, [v]), aval([], dtype))]);
        return (b.readSync(y) as Float64Array)[0];
      }),
    );
    expect(isNaNs(got)).toEqual(isNaNs(want));
    const plain = (v: TypedArray) => bits((v as Float64Array).map((y) => (Number.isNaN(y) ? 0 : y)) as TypedArray);
    expect(plain(got)).toEqual(plain(want));
  }
});

test.each(["float64", "float32"] as const)(
  "a sum over a loop that leaves turns to scalars has every %s term once",
  (dtype) => {
    const a = aval([7, n], dtype);
    const p = buildProgram([a], (emit, x) => emit(core.reduceSum, { axes: [1] }, emit(core.exp, {}, x)[0]));
    // 2^-1 … and exponentials that underflow: those are where the loop is left
    const x = Array.from({ length: 7 * n }, (_, i) =>
      i % 41 === 3 ? (dtype === "float64" ? -730 : -95) : Math.log(1 + (i % 5)),
    );
    const got = b.readSync(b.compile(p).run([b.upload(array(dtype, x), a)])[0]) as Float64Array;
    for (let r = 0; r < 7; r++) {
      let want = 0;
      for (let i = 0; i < n; i++) want += Math.exp(x[r * n + i]);
      expect(Math.abs(got[r] - want) / want).toBeLessThan(dtype === "float64" ? 1e-14 : 1e-6);
    }
  },
);
