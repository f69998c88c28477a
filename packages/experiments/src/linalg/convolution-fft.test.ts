import { key, normal } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { correlate2d } from "./convolution";
import { convolveByFft, correlate2dByFft } from "./convolution-fft";
import { convolutionAsMatrix } from "./convolution-matrix";

const near = { rtol: 1e-13, atol: 1e-14 };

describe("the convolution theorem", () => {
  test("gives the numbers of the text: correlation [−2, −2], convolution [1, 2, 2, 2, −3, −4]", () => {
    assertClose(convolveByFft([1, 2, 3, 4], [1, 0, -1]), [-2, -2], near);
    assertClose(convolveByFft([1, 2, 3, 4], [1, 0, -1], { mode: "full", flip: true }), [1, 2, 2, 2, -3, -4], near);
  });
  test("agrees with the Toeplitz matrix in every mode, flipped or not, for odd and even kernels", () => {
    for (const m of [1, 2, 3, 4, 5])
      for (const mode of ["valid", "same", "full"] as const)
        for (const flip of [false, true]) {
          const x = normal(key(m), [9], { dtype: "float64" });
          const k = normal(key(m + 10), [m], { dtype: "float64" });
          const options = { mode, flip };
          expect(convolveByFft(x, k, options).shape).toEqual(convolutionAsMatrix(x, k, options).output.shape);
          assertClose(convolveByFft(x, k, options), convolutionAsMatrix(x, k, options).output, near);
        }
  });
  test("in two dimensions gives Example 1.1.2, and agrees with the sliding window", () => {
    const image = [
      [1, 2, 3, 0],
      [4, 5, 6, 1],
      [7, 8, 9, 0],
      [1, 0, 2, 3],
    ];
    const want = [
      [-4, -4, 2],
      [-4, -4, 6],
      [7, 6, 6],
    ];
    assertClose(correlate2dByFft(image, [[1, 0], [0, -1]]), want, { rtol: 1e-13, atol: 1e-13 }); // biome-ignore format: a kernel
    const x = normal(key(1), [8, 11], { dtype: "float64" });
    const k = normal(key(2), [3, 2], { dtype: "float64" });
    assertClose(correlate2dByFft(x, k), correlate2d(x, k), { rtol: 1e-12, atol: 1e-13 });
  });
});
