import { readFileSync } from "node:fs";
import type { DType } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import { wasmBackend } from "@ansatz/backend-wasm";
import { describe, expect, test } from "vitest";
import * as T from "../index";

/** NumPy's answers: tools/oracle/tensor.py. Relative tolerance 1e-14 of the largest term: sums may associate differently. */
type Json = number | string | boolean | null | readonly Json[] | { readonly [k: string]: Json };
const rows = JSON.parse(readFileSync(new URL("../../golden/numpy.json", import.meta.url), "utf8")) as [
  string,
  Json[],
  Json,
][];

const words = new Set(["NaN", "Infinity", "-Infinity", "-0"]);
const value = (j: Json): unknown => {
  if (typeof j === "string") return words.has(j) ? Number(j) : j;
  if (Array.isArray(j)) return j.map(value);
  if (typeof j === "object" && j !== null) {
    if ("int" in j) return T.astype(T.tensor(j.int as T.NestedArray), "int32");
    if ("bool" in j) return j.bool;
    return Object.fromEntries(Object.entries(j).map(([k, v]) => [k, value(v as Json)]));
  }
  return j;
};

const shapeOf = (v: unknown): number[] => (Array.isArray(v) ? [v.length, ...(v.length > 0 ? shapeOf(v[0]) : [])] : []);
const flat = (v: unknown): unknown[] => (Array.isArray(v) ? v.flatMap(flat) : [v]);

interface Expected {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly dtype: DType | null;
}
const expected = (j: Json): Expected => {
  if (typeof j === "object" && j !== null && "data" in j)
    return { shape: j.shape as number[], data: (value(j.data as Json) as number[]).map(Number), dtype: null };
  const [raw, dtype] =
    typeof j === "object" && j !== null && "int" in j
      ? [j.int, "int32" as const]
      : typeof j === "object" && j !== null && "bool" in j
        ? [j.bool, "bool" as const]
        : [j, null];
  const v = value(raw as Json);
  return { shape: shapeOf(v), data: flat(v).map(Number), dtype };
};

const check = (got: T.Tensor, want: Expected, what: string): void => {
  expect(got.shape, what).toEqual(want.shape);
  if (want.dtype) expect(got.dtype, what).toBe(want.dtype);
  const scale = Math.max(1, ...want.data.filter(Number.isFinite).map(Math.abs));
  Array.from(got.dataSync(), Number).forEach((g, i) => {
    const w = want.data[i];
    const same =
      Object.is(g, w) ||
      (g === w && !what.startsWith("neg")) ||
      Math.abs(g - w) <= 1e-14 * Math.max(scale * 1e-2, Math.abs(w)) * 10;
    expect(same, `${what}: element ${i} is ${g}, NumPy says ${w}`).toBe(true);
  });
};

describe.each([
  ["reference", () => referenceBackend()],
  ["wasm", () => wasmBackend()],
] as const)("on %s", (_, make) => {
  const names = [...new Set(rows.map(([n]) => n))];
  const backend = make();
  test.each(names)("%s gives what NumPy gives", (name) => {
    T.withBackend(backend, () => {
      const f = (T as unknown as Record<string, (...a: unknown[]) => T.Tensor | T.Tensor[]>)[name];
      for (const [n, args, result] of rows) {
        if (n !== name) continue;
        const what = `${name}(${JSON.stringify(args).slice(0, 200)})`;
        const got = f(...args.map(value));
        if (Array.isArray(got)) {
          const want = (result as { tuple: Json[] }).tuple.map(expected);
          expect(got.length).toBe(want.length);
          got.forEach((g, i) => check(g, want[i], what));
        } else check(got, expected(result), what);
      }
    });
  });
  test("the table is not empty", () => expect(names.length).toBeGreaterThan(100));
});
