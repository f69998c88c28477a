import { aval, buildProgram, core, type DType, type TypedArray } from "@ansatz/backend";
import { expect, test } from "vitest";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";

const b = wasmBackend({ lowerings: allLowerings });

/** Terms of alternating sign that cancel almost wholly: Σ|terms| is 10⁸ times the sum, or more. */
const terms = (n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => (i % 2 ? -1 : 1) * (1 + Math.sin(i >> 1) * 0.9) + 1e-9 * Math.cos(i));

/** The sum without error, as a multiple of 2⁻¹⁰⁷⁴. */
const exact = (x: Float64Array): number => {
  let sum = 0n;
  const view = new DataView(new ArrayBuffer(8));
  for (const v of x) {
    view.setFloat64(0, v);
    const bits = view.getBigUint64(0);
    const e = (bits >> 52n) & 2047n;
    const m = (bits & ((1n << 52n) - 1n)) | (e > 0n ? 1n << 52n : 0n);
    const term = m << (e > 0n ? e - 1n : 0n);
    sum += bits >> 63n ? -term : term;
  }
  const size = sum < 0n ? -sum : sum;
  const shift = BigInt(Math.max(0, size.toString(2).length - 60));
  return (sum < 0n ? -1 : 1) * Number(size >> shift) * 2 ** (Number(shift) - 1074);
};

const sum = (x: Float64Array, shape: readonly number[], axes: readonly number[]): Float64Array => {
  const a = aval(shape, "float64");
  const p = buildProgram([a], (emit, v) => emit(core.reduceSum, { axes }, v));
  return b.readSync(b.compile(p).run([b.upload(x, a)])[0]) as Float64Array;
};

test.each([8192, 9973, 65536, 100_003, 1_000_000])("a sum of %d terms keeps the bound of its blocks", (n) => {
  const x = terms(n);
  const bound = (Math.max(1024, Math.sqrt(n)) / 4 + 16) * 2 ** -52 * x.reduce((s, v) => s + Math.abs(v), 0);
  const error = Math.abs(sum(x, [n], [0])[0] - exact(x));
  expect(error).toBeLessThanOrEqual(bound);
});

test("sums of blocks over rows, columns and all of a matrix are the sums of their terms", () => {
  const [n, m] = [9001, 6];
  const x = Float64Array.from({ length: n * m }, (_, i) => (i * 7919) % 1013);
  const columns = new Array(m).fill(0);
  x.forEach((v, i) => (columns[i % m] += v));
  expect([...sum(x, [n, m], [0])]).toEqual(columns);
  expect([...sum(x, [1, n * m], [1])]).toEqual([columns.reduce((s, v) => s + v, 0)]);
  expect([...sum(x, [n, m], [0, 1])]).toEqual([columns.reduce((s, v) => s + v, 0)]);
  const rows = new Array(m).fill(0);
  x.forEach((v, i) => (rows[Math.floor(i / n)] += v));
  expect([...sum(x, [m, n], [1])]).toEqual(rows);
});

const reduced = (op: typeof core.reduceSum, x: TypedArray, dtype: DType, shape: readonly number[], axes: number[]) => {
  const a = aval(shape, dtype);
  const p = buildProgram([a], (emit, v) => emit(op, { axes }, v));
  return Array.from(b.readSync(b.compile(p).run([b.upload(x, a)])[0]), Number);
};
const long = 2 ** 19;

test.each([long, long + 1, 600_011])("a long float32 sum of %d terms is rounded once", (n) => {
  // blocks whose sums are large and cancel: rounding those would cost all digits of the result
  const x = Float32Array.from({ length: n }, (_, i) => (i < n / 2 ? 1 : -1) * (1 + 0.9 * Math.sin(i)));
  const want = exact(Float64Array.from(x));
  // rounding once; in double the blocks of about a thousand terms, and their sums
  const bound = 2 ** -24 * Math.abs(want) + 2 * (1024 + n / 1024) * 2 ** -53 * 2 * n;
  expect(bound).toBeLessThan(1e-6);
  expect(Math.abs(reduced(core.reduceSum, x, "float32", [n], [0])[0] - want)).toBeLessThanOrEqual(bound);
});

test("long reductions of every kind are those of their elements", () => {
  for (const n of [long, long + 77]) {
    const ints = Int32Array.from({ length: n }, (_, i) => Math.imul(i + 1, 2654435761));
    const total = ints.reduce((s, v) => (s + v) | 0, 0);
    expect(reduced(core.reduceSum, ints, "int32", [n], [0])).toEqual([total]);
    expect(
      reduced(
        core.reduceProd,
        ints.map((v) => v | 1),
        "int32",
        [n],
        [0],
      ),
    ).toEqual([ints.reduce((s, v) => Math.imul(s, v | 1), 1)]);
    for (const [dtype, x] of [
      ["float64", Float64Array.from(ints)],
      ["float32", Float32Array.from(ints)],
    ] as const) {
      const most = Array.from(x).reduce((m, v) => Math.max(m, v), -Infinity);
      expect(reduced(core.reduceMax, x, dtype, [n], [0])).toEqual([most]);
      const even = x.slice(0, n & -2);
      const least = Array.from(even).reduce((m, v) => Math.min(m, v), Infinity);
      expect(reduced(core.reduceMin, even, dtype, [2, even.length / 2], [0, 1])).toEqual([least]);
      expect(reduced(core.reduceMin, even, dtype, [even.length / 2, 2], [1, 0])).toEqual([least]);
      // anywhere, the remainder included
      for (const at of [0, 5000, n - 1]) {
        const broken = x.slice();
        broken[at] = Number.NaN;
        expect(reduced(core.reduceMax, broken, dtype, [n], [0])).toEqual([Number.NaN]);
      }
    }
    const bools = new Uint8Array(n).fill(1);
    bools[n - 3] = 0;
    expect(reduced(core.reduceAnd, bools, "bool", [n], [0])).toEqual([0]);
    expect(
      reduced(
        core.reduceOr,
        bools.map((v) => 1 - v),
        "bool",
        [n],
        [0],
      ),
    ).toEqual([1]);
    expect(reduced(core.reduceOr, new Uint8Array(n), "bool", [n], [0])).toEqual([0]);
  }
});
