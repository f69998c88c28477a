import { aval, buildProgram, core } from "@ansatz/backend";
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
