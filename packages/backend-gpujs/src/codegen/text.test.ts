import fc from "fast-check";
import { expect, test } from "vitest";
import { coordinates, number, offset, stridesOf } from "./text";

/** GLSL's integer division truncates, as here, and its integers have one zero. */
const evaluate = (expression: string, i: number): number =>
  Function("i", `return ${expression.replaceAll(/\(([^()]+) \/ (\d+)\)/g, "Math.trunc(($1) / $2)")}`)(i) + 0;

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 6 });

test("offsets of permuted, repeated and reversed axes are those of the definition", () => {
  fc.assert(
    fc.property(shapes, fc.infiniteStream(fc.integer({ min: -3, max: 20 })), fc.nat(9), (shape, stream, start) => {
      const strides = shape.map(() => stream.next().value as number);
      const own = stridesOf(shape);
      const text = offset("i", shape, strides, start);
      const size = shape.reduce((a, b) => a * b, 1);
      for (let i = 0; i < size; i++) {
        const want = shape.reduce((at, d, k) => at + (Math.floor(i / own[k]) % d) * strides[k], start);
        expect(evaluate(text, i), `${text} at ${i}`).toBe(want);
      }
    }),
    { examples: [[[5], fc.stream([-1][Symbol.iterator]()), 0]] },
  );
});

test("a contiguous tensor's offset is the index itself", () => {
  expect(offset("i", [2, 3, 1, 4], stridesOf([2, 3, 1, 4]))).toBe("i");
  expect(coordinates("i", [2, 3])).toBe("int c0 = (i / 3); int c1 = (i % 3);");
});

test("numbers keep their bits as text", () => {
  for (const x of [0, 1, -1.5, 0.1, 1e-7, 3e38, 2 ** 24 + 2, 1e21])
    expect(Math.fround(Number(number(x)))).toBe(Math.fround(x));
  for (const x of [-0, Number.NaN, Infinity]) expect(number(x)).toMatch(/^intBitsToFloat/);
  expect(number(1)).toMatch(/\./);
  expect(number(1e21)).toMatch(/\./);
});
