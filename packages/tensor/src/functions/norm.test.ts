import { expect, test } from "vitest";
import { assertClose } from "../testing";
import { tensor } from "./create";
import { norm } from "./reduce";

test("norm neither overflows nor vanishes where its square would", () => {
  assertClose(norm([3, 4]), 5);
  assertClose(norm([1e200, 1e200]), Math.SQRT2 * 1e200, { rtol: 1e-15 });
  assertClose(norm([3e-200, 4e-200]), 5e-200, { rtol: 1e-15 });
  assertClose(norm([5e-324, 0]), 5e-324);
  assertClose(norm([1.7e308, 1]), 1.7e308, { rtol: 1e-15 });
  assertClose(norm(tensor([3e-30, 4e-30], { dtype: "float32" })), 5e-30, { rtol: 1e-6, dtype: "float32" });
  assertClose(norm(tensor([3e30, 4e30], { dtype: "float32" })), 5e30, { rtol: 1e-6, dtype: "float32" });
});

test("norm works row by row, each on its own scale, and keeps axes if asked", () => {
  const x = [
    [3e200, 4e200],
    [3e-200, -4e-200],
    [0, 0],
  ];
  assertClose(norm(x, 1), [5e200, 5e-200, 0], { rtol: 1e-15 });
  expect(norm(x, 1, { keepDims: true }).shape).toEqual([3, 1]);
  assertClose(norm(tensor([], { dtype: "float64" })), 0);
  assertClose(norm([]), 0);
});

test("norm of an infinity is infinite, of a NaN is NaN", () => {
  expect(norm([Number.NEGATIVE_INFINITY, 1]).item()).toBe(Number.POSITIVE_INFINITY);
  expect(norm([Number.NaN, 1]).item()).toBeNaN();
});
