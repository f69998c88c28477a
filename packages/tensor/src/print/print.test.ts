import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import * as T from "../index";

type Row = [(number | string | boolean)[], number[], string, string, string];
const rows = JSON.parse(readFileSync(new URL("../../golden/printing.json", import.meta.url), "utf8")) as Row[];
const make = ([values, shape, dtype]: Row): T.Tensor => {
  const numbers = values.map(Number);
  const data =
    dtype === "int32"
      ? Int32Array.from(numbers)
      : dtype === "float32"
        ? Float32Array.from(numbers)
        : Float64Array.from(numbers);
  return T.tensor(data, { shape });
};

describe("a tensor prints as NumPy's arrays do", () => {
  test.each(rows.map((r) => [r[3].slice(0, 40).replace(/\n/g, " "), r] as const))("%s", (_, row) => {
    const t = make(row);
    expect(t.toString()).toBe(row[3]);
    // NumPy's repr with our name (one letter more), our way of naming a dtype, and the lines one place further right
    const numpy = row[4].replace(/\n {6}/g, "\n       ").replace(/^array/, "Tensor");
    const body = numpy.replace(/,\s*(shape=\([^)]*\))?,?\s*(dtype=\w+)?\)$/, ")");
    const ours = inspect(t).replace(/(, shape: \[[^\]]*\])?(, (float32|int32))?\)$/, ")");
    const oneLine = (s: string): string => s.replace(/\s+/g, " ").replace(/ (?=[\])])/g, "");
    expect(oneLine(ours)).toBe(oneLine(body));
  });
});

test("inspect names the dtype where it is not the usual one, and the shape where it cannot be seen", () => {
  expect(inspect(T.tensor(new Float32Array([1, 2])))).toBe("Tensor([1., 2.], float32)");
  expect(inspect(T.tensor([true, false]))).toBe("Tensor([ true, false])");
  expect(inspect(T.zeros([0, 3]))).toBe("Tensor([], shape: [0, 3])");
  expect(inspect(T.arange(2000))).toContain("shape: [2000]");
});

test("a key prints its two words", () => {
  expect(T.key(7).toString()).toBe("00000000:00000007");
});

test("a tracer prints its dtype and shape", () => {
  let seen = "";
  T.jit((x: T.Tensor) => {
    seen = `${x}`;
    return x;
  })(T.ones([2, 3], { dtype: "float32" }));
  expect(seen).toMatch(/^float32\[2, 3\] in jit/);
});

test("a disposed tensor says so instead of throwing", () => {
  const x = T.add([1, 2], 3);
  x.dispose();
  expect(x.toString()).toContain("gone");
});
