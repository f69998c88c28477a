import { key, normal } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { expect, test } from "vitest";
import { convolve, correlate } from "./convolution";
import { convolutionAsMatrix, convolutionAsMatrix2d } from "./convolution-matrix";

test("1, 2, 3, 4 with 1, 0, -1: the matrix, the valid correlation and the full convolution of the text", () => {
  const valid = convolutionAsMatrix([1, 2, 3, 4], [1, 0, -1]);
  assertClose(valid.matrix, [
    [1, 0, -1, 0],
    [0, 1, 0, -1],
  ]);
  assertClose(valid.output, [-2, -2]);
  expect(valid.operations).toEqual({ sliding: 6, dense: 8 });
  assertClose(convolutionAsMatrix([1, 2, 3, 4], [1, 0, -1], { mode: "full", flip: true }).output, [1, 2, 2, 2, -3, -4]);
});
test("random signals: the matrix does what the sliding window does", () => {
  const [x, k] = [normal(key(1), [9], { dtype: "float64" }), normal(key(2), [4], { dtype: "float64" })];
  assertClose(convolutionAsMatrix(x, k).output, correlate(x, k), { rtol: 1e-13, atol: 1e-14 });
  assertClose(convolutionAsMatrix(x, k, { mode: "full", flip: true }).output, convolve(x, k), {
    rtol: 1e-13,
    atol: 1e-14,
  });
});
test("a 4 × 4 image and a 2 × 2 kernel: 144 multiplications against 36", () => {
  const image = [
    [1, 2, 3, 0],
    [4, 5, 6, 1],
    [7, 8, 9, 0],
    [1, 0, 2, 3],
  ];
  const r = convolutionAsMatrix2d(image, [
    [1, 0],
    [0, -1],
  ]);
  const y = [
    [-4, -4, 2],
    [-4, -4, 6],
    [7, 6, 6],
  ];
  assertClose(r.output, y);
  assertClose(r.sliding, y);
  expect(r.matrix.shape).toEqual([9, 16]);
  expect(r.operations).toEqual({ sliding: 36, dense: 144 });
  expect(Array.from(r.matrix.dataSync(), Number).filter((v) => v !== 0)).toHaveLength(18);
});
