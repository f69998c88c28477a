import { readFileSync } from "node:fs";
import { grad } from "@ansatz/autodiff";
import { jit, sub, sum, type Tensor, tensor, vmap } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { type Activation, elu, gelu, geluTanh, leakyRelu, relu, silu } from "./index";

const golden = JSON.parse(readFileSync(new URL("../golden/nn.json", import.meta.url), "utf8")) as {
  grid: number[];
  activations: Record<string, [number[], number[]]>;
};
const f64 = (x: readonly number[]): Tensor => tensor(Float64Array.from(x));
const slope = (f: Activation) => grad((x: Tensor) => sum(f(x)));

const ours: Record<string, Activation> = { relu, leakyRelu: leakyRelu(0.1), elu: elu(0.7), silu, geluTanh };
const all: Record<string, Activation> = { ...ours, gelu };

/** 1 + tanh cancels on the left, in both; PyTorch's elu subtracts 1 from an exponential near 1. */
const loose: Record<string, number> = { geluTanh: 1e-14, elu: 1e-16 };

test("every activation of the golden file is compared", () => {
  expect(Object.keys(golden.activations).sort()).toEqual(Object.keys(ours).sort());
});

describe.each(Object.entries(ours))("%s", (name, f) => {
  test("has PyTorch's values and slopes, at the kink and in the tails too", () => {
    const [y, dy] = golden.activations[name];
    // a few ulps of exp or tanh
    const tol = { rtol: 4e-15, atol: loose[name] ?? 1e-300 };
    assertClose(f(f64(golden.grid)), y, tol);
    assertClose(slope(f)(f64(golden.grid)), dy, tol);
  });
});

describe("gelu", () => {
  // mpmath: x/2 erfc(−x/√2). Rounding x/√2 alone moves the value at −20 by 200 ulps of 10⁻¹⁶
  test("is exact, in the tails relatively so", () => {
    const values: [number, number][] = [
      [-20, -5.50724823721247e-88],
      [-8, -4.97676845941743e-15],
      [-3, -0.00404969409489031],
      [-2, -0.04550026389635842],
      [-1, -0.15865525393145707],
      [-0.5, -0.15426876936299344],
      [0, 0],
      [0.5, 0.34573123063700656],
      [1, 0.8413447460685429],
      [2, 1.9544997361036416],
      [3, 2.99595030590511],
    ];
    assertClose(
      gelu(f64(values.map(([x]) => x))),
      values.map(([, y]) => y),
      { rtol: 2e-14 },
    );
  });

  test("has its minimum −0.16997 at −0.75179", () => {
    const x = f64([-0.7517915246935645]);
    assertClose(gelu(x), [-0.16997120747990366], { rtol: 1e-15 });
    assertClose(slope(gelu)(x), [0], { atol: 1e-15 });
  });

  test("gelu(x) − gelu(−x) = x", () => {
    const x = f64([0.1, 0.7, 1, 5, 40]);
    assertClose(sub(gelu(x), gelu(f64([-0.1, -0.7, -1, -5, -40]))), x, { rtol: 1e-15 });
  });

  test("goes to 0 at −∞ and to ∞ at ∞", () => {
    assertClose(gelu(f64([Number.NEGATIVE_INFINITY, -1000, 1000, Number.POSITIVE_INFINITY])), [
      0,
      0,
      1000,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test("its tanh approximation is another function, up to 4·10⁻⁴ away", () => {
    assertClose(geluTanh(f64([-3])), [-0.0036373920817729943], { rtol: 1e-12 });
    const x = f64(Array.from({ length: 401 }, (_, i) => -5 + i / 40));
    const gap = Math.max(...(sub(geluTanh(x), gelu(x)).toArray() as number[]).map(Math.abs));
    expect(gap).toBeGreaterThan(3e-4);
    expect(gap).toBeLessThan(5e-4);
  });
});

describe.each(Object.entries(all))("%s in general", (_name, f) => {
  test("has finite values and slopes at ±1000, in float32 as well", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const x = tensor([-1000, 1000], { dtype });
      for (const y of [f(x), slope(f)(x)]) {
        expect(y.dtype).toBe(dtype);
        expect((y.toArray() as number[]).every(Number.isFinite)).toBe(true);
      }
    }
  });

  test("passes NaN on", () => expect(f(f64([Number.NaN])).toArray()).toEqual([Number.NaN]));

  test("is the same compiled and batched", () => {
    const x = f64(golden.grid);
    assertClose(jit((v: Tensor) => f(v))(x), f(x), { rtol: 1e-14, atol: 1e-300 });
    assertClose(vmap((v: Tensor) => f(v))(x), f(x), { rtol: 1e-14, atol: 1e-300 });
  });
});

test("at 0 relu has slope 0, leakyRelu and elu α", () => {
  expect(relu([-1, 0, 2]).toArray()).toEqual([0, 0, 2]);
  for (const [f, want] of [
    [relu, 0],
    [leakyRelu(0.3), 0.3],
    [elu(0.7), 0.7],
  ] as const)
    assertClose(slope(f)(f64([0])), [want]);
});
