import { expect, test } from "vitest";
import { tensor } from "../functions/create";
import { assertClose } from "./close";

test("equal trees of numbers pass, NaN and infinities included", () => {
  assertClose([1, Number.NaN, Number.POSITIVE_INFINITY], [1, Number.NaN, Number.POSITIVE_INFINITY]);
  assertClose([1, 2.0001], [1, 2], { rtol: 1e-4 });
});

test("a wrong entry, shape or dtype is refused by name", () => {
  expect(() =>
    assertClose(
      [
        [1, 2],
        [3, 4.5],
      ],
      [
        [1, 2],
        [3, 4],
      ],
      { atol: 0.1 },
    ),
  ).toThrow(/at \[1,1\] got 4.5, expected 4/);
  expect(() => assertClose([1, Number.NaN], [1, 2], { rtol: 1 })).toThrow(/got NaN/);
  expect(() => assertClose([1, 2], [1, Number.NaN], { rtol: 1 })).toThrow(/expected NaN/);
  expect(() => assertClose(Number.POSITIVE_INFINITY, 1, { rtol: 1 })).toThrow(/got Infinity/);
  expect(() => assertClose(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, { rtol: 1, atol: 1 })).toThrow(
    /Infinity/,
  );
  expect(() => assertClose([1], 1)).toThrow(/shapes differ/);
  expect(() => assertClose(tensor([1], { dtype: "float32" }), [1], { dtype: "float64" })).toThrow(/expected float64/);
});
