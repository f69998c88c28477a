import { conv, type Tensor, tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import golden from "../golden/convolution.json" with { type: "json" };
import { vjp } from "./index";

/** The rule of tools/oracle/convolution.py: multiples of 1/8, so sums are exact and equal, not near, in both dtypes. */
const eighths = (shape: readonly number[], k: number, dtype: "float32" | "float64"): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: n }, (_, i) => ((i * 37 + 11 * k) % 19) / 8 - 1),
    { shape, dtype },
  );
};

describe.each(["float64", "float32"] as const)("convolutions and their gradients in %s are PyTorch's", (dtype) => {
  test.each(golden)(
    "$input by $kernel, strides $strides, padding $padding, dilation $dilation, groups $groups",
    (g) => {
      const options = { strides: g.strides, padding: g.padding, dilation: g.dilation, groups: g.groups };
      const { value, pullback } = vjp(
        (x: Tensor, k: Tensor) => conv(x, k, options),
        eighths(g.input, 0, dtype),
        eighths(g.kernel, 1, dtype),
      );
      const [dx, dk] = pullback(eighths(g.shape, 2, dtype));
      expect(value.shape).toEqual(g.shape);
      expect([...value.dataSync()]).toEqual(g.y);
      expect([...dx.dataSync()]).toEqual(g.dx);
      expect([...dk.dataSync()]).toEqual(g.dk);
    },
  );
});
