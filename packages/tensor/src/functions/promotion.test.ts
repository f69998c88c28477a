import type { DType } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import { describe, expect, test } from "vitest";
import * as T from "../index";

/** The lattice, written out: bool, int32, uint32, weak float (w), float32, float64. */
const kinds = ["bool", "int32", "uint32", "weak", "float32", "float64"] as const;
type Kind = (typeof kinds)[number];
const table: Record<Kind, readonly Kind[]> = {
  //        bool       int32      uint32     weak       float32    float64
  bool: ["int32", "int32", "uint32", "weak", "float32", "float64"],
  int32: ["int32", "int32", "int32", "weak", "float32", "float64"],
  uint32: ["uint32", "int32", "uint32", "weak", "float32", "float64"],
  weak: ["weak", "weak", "weak", "weak", "float32", "float64"],
  float32: ["float32", "float32", "float32", "float32", "float32", "float64"],
  float64: ["float64", "float64", "float64", "float64", "float64", "float64"],
};
const make = (k: Kind): T.Tensor => (k === "weak" ? T.ones([2]) : T.ones([2], { dtype: k }));
const kindOf = (t: T.Tensor): Kind => (t.weak ? "weak" : (t.dtype as Kind));

describe("two operands meet in JAX's lattice", () => {
  test.each(kinds.flatMap((a) => kinds.map((b, j) => [a, b, table[a][j]] as const)))("%s + %s is %s", (a, b, want) => {
    expect(kindOf(T.add(make(a), make(b)))).toBe(want);
  });
});

test.each<[string, () => T.Tensor, Kind]>([
  ["an integer number beside an int32", () => T.add(make("int32"), 3), "int32"],
  ["an integer number beside a uint32", () => T.mul(make("uint32"), 2), "uint32"],
  ["a fraction beside an int32", () => T.add(make("int32"), 0.5), "weak"],
  ["a number beside a float32", () => T.mul(make("float32"), 0.1), "float32"],
  ["a nested array beside a float32", () => T.add(make("float32"), [1, 2]), "float32"],
  ["a number beside a bool", () => T.add(make("bool"), 1), "weak"],
  ["a boolean beside a float32", () => T.add(make("float32"), true), "float32"],
  ["division of integers", () => T.div(make("int32"), make("int32")), "weak"],
  ["√ of integers", () => T.sqrt(make("int32")), "weak"],
  ["the mean of a uint32", () => T.mean(make("uint32")), "weak"],
  ["the sum of bools", () => T.sum(make("bool")), "int32"],
  ["the sum of weak floats", () => T.sum(make("weak")), "weak"],
  ["a choice among weak floats", () => T.where(make("bool"), make("weak"), 0), "weak"],
  ["a choice of a float32 and a number", () => T.where(make("bool"), make("float32"), 0), "float32"],
  ["weak floats taken at indices", () => T.take(make("weak"), [0]), "weak"],
  ["weak floats sorted", () => T.sort(make("weak")), "weak"],
  ["a matrix product of weak and float32", () => T.matmul(make("weak"), make("float32")), "float32"],
  ["astype of a weak float", () => T.astype(make("weak"), "float64"), "float64"],
  ["astype to the same dtype", () => T.astype(make("weak"), make("weak").dtype as DType), "float64"],
  ["argmax of a weak float", () => T.argmax(make("weak")), "int32"],
  ["comparison", () => T.less(make("int32"), make("float64")), "bool"],
  ["cumsum of bools", () => T.cumsum(make("bool")), "int32"],
  ["concatenate of weak and int32", () => T.concatenate([make("weak"), make("int32")]), "weak"],
  ["sigmoid of a weak float", () => T.sigmoid(make("weak")), "weak"],
  ["normal without dtype", () => T.normal(T.key(0), [2]), "weak"],
  ["normal in float32", () => T.normal(T.key(0), [2], { dtype: "float32" }), "float32"],
  ["an integer power of an int32", () => T.pow(make("int32"), 3), "int32"],
  ["a weak scalar times a float32", () => T.mul(T.mean(make("weak")), make("float32")), "float32"],
])("%s", (_, f, want) => {
  expect(kindOf(f())).toBe(want);
});

test("the same holds inside jit", () => {
  expect(kindOf(T.jit((x: T.Tensor) => T.where(T.greater(x, 0), T.mul(x, 0.5), 0))(make("float32")))).toBe("float32");
  expect(kindOf(T.jit((x: T.Tensor) => T.where(T.greater(x, 0), T.mul(x, 0.5), 0))(make("weak")))).toBe("weak");
});

test("weak floats are stored in the backend's own float", () => {
  T.withBackend(referenceBackend({ float: "float32" }), () => {
    expect(T.add([1, 2], 0.1).dtype).toBe("float32");
    expect(T.zeros(3).dtype).toBe("float32");
    expect(T.uniform(T.key(0), [1]).item()).toBeCloseTo(0.947667, 6);
  });
});

test("typed arrays keep their dtype", () => {
  const of = (a: ArrayBufferView): string => T.tensor(a as Float32Array).dtype;
  expect(
    [
      new Float64Array(1),
      new Float32Array(1),
      new Int32Array(1),
      new Uint32Array(1),
      new Uint8Array(1),
      new Int16Array(1),
    ].map(of),
  ).toEqual(["float64", "float32", "int32", "uint32", "int32", "int32"]);
});

test("a number that does not fit an integer dtype is refused by name", () => {
  expect(() => T.add(make("uint32"), -1)).toThrow(/add: -1 is no uint32/);
  expect(() => T.add(make("int32"), 2 ** 31)).toThrow(/no int32/);
});

test("shapes that do not broadcast are refused with the shapes", () => {
  expect(() => T.add(T.zeros([2, 3]), T.zeros([2]))).toThrow(/add: shapes must broadcast.*\[2, 3\], \[2\]/);
});
