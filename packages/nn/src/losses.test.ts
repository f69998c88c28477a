import { readFileSync } from "node:fs";
import { grad, hessian } from "@ansatz/autodiff";
import { jit, mean, softmax, sub, sum, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { accuracy, meanSquaredError, sigmoidCrossEntropy, softmaxCrossEntropy } from "./index";

const golden = JSON.parse(readFileSync(new URL("../golden/nn.json", import.meta.url), "utf8")) as {
  crossEntropy: { logits: number[][]; labels: number[]; values: [number[], number[][]] };
  binaryCrossEntropy: { logits: number[]; targets: number[]; values: [number[], number[]][] };
};
const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });

describe("softmaxCrossEntropy", () => {
  const { logits, labels, values } = golden.crossEntropy;
  const y = tensor(Int32Array.from(labels));

  test("has PyTorch's values and gradients, at logits of ±1000 too", () => {
    assertClose(softmaxCrossEntropy(f64(logits), y), values[0], { rtol: 1e-14 });
    assertClose(grad((z: Tensor) => sum(softmaxCrossEntropy(z, y)))(f64(logits)), values[1], {
      rtol: 1e-13,
      atol: 1e-16,
    });
  });

  test("of (1, 2, 3) at the third class is log(1 + e⁻¹ + e⁻²)", () => {
    assertClose(softmaxCrossEntropy([1, 2, 3], 2), 0.40760596444438013, { rtol: 1e-15 });
  });

  test("has gradient p − onehot, and does not see a shift of all logits", () => {
    const z = f64([0.3, -1, 2]);
    assertClose(grad((v: Tensor) => softmaxCrossEntropy(v, 1))(z), sub(softmax(z), [0, 1, 0]), {
      rtol: 1e-14,
      atol: 1e-16,
    });
    assertClose(softmaxCrossEntropy(f64([100.3, 99, 102]), 1), softmaxCrossEntropy(z, 1), { rtol: 1e-13 });
  });

  test("takes more axes, and float32 stays float32", () => {
    const z = tensor(
      [
        [
          [1, 2, 3],
          [3, 2, 1],
        ],
      ],
      { dtype: "float32" },
    );
    const loss = softmaxCrossEntropy(z, tensor(Int32Array.of(2, 0), { shape: [1, 2] }));
    assertClose(loss, [[0.40760597, 0.40760597]], { rtol: 1e-6, dtype: "float32" });
  });

  test("a label that is no class gives NaN, eager and compiled", () => {
    const bad = tensor(Int32Array.of(0, 3, -1));
    const z = f64([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    for (const loss of [softmaxCrossEntropy(z, bad), jit(softmaxCrossEntropy)(z, bad)])
      assertClose(loss, [2.40760596444438, Number.NaN, Number.NaN], { rtol: 1e-14 });
  });

  test("labels of another shape are refused", () => {
    expect(() =>
      softmaxCrossEntropy(
        f64([
          [1, 2],
          [3, 4],
        ]),
        [0],
      ),
    ).toThrow(/softmaxCrossEntropy: logits must be \[.., k\]/);
    expect(() =>
      accuracy(
        f64([
          [1, 2],
          [3, 4],
        ]),
        [[0], [1]],
      ),
    ).toThrow(/accuracy/);
  });
});

describe("sigmoidCrossEntropy", () => {
  const { logits, targets, values } = golden.binaryCrossEntropy;

  test.each(targets.map((t, i) => [t, i] as const))("has PyTorch's values and gradients for target %s", (target, i) => {
    const z = f64(logits);
    assertClose(sigmoidCrossEntropy(z, target), values[i][0], { rtol: 1e-14, atol: 1e-17 });
    assertClose(grad((v: Tensor) => sum(sigmoidCrossEntropy(v, target)))(z), values[i][1], {
      rtol: 1e-13,
      atol: 1e-17,
    });
  });

  test("ln 2 in doubt, 0 when right, exactly 1000 when confidently wrong", () => {
    assertClose(sigmoidCrossEntropy(f64([0, 1000, 1000, -1000]), [1, 1, 0, 1]), [Math.LN2, 0, 1000, 1000]);
    assertClose(sigmoidCrossEntropy(f64([40, -40]), [1, 0]), [4.248354255291589e-18, 4.248354255291589e-18], {
      rtol: 1e-14,
    });
  });

  test("has curvature σ(1 − σ), also where the logit is 0", () => {
    for (const [z, want] of [
      [0, 0.25],
      [1, 0.19661193324148185],
      [-3, 0.045176659730912],
    ])
      assertClose(hessian((v: Tensor) => sigmoidCrossEntropy(v, 0.3))(z), want, { rtol: 1e-13 });
  });
});

test("meanSquaredError is the mean over all entries, and refuses to broadcast", () => {
  assertClose(
    meanSquaredError(
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 0],
        [0, 4],
      ],
    ),
    13 / 4,
  );
  expect(() => meanSquaredError([1, 2], [[1], [2]])).toThrow(
    /meanSquaredError: prediction and target must have one shape/,
  );
});

test("accuracy counts rows whose first largest logit is at the label", () => {
  assertClose(
    accuracy(
      [
        [1, 2],
        [3, 0],
        [1, 1],
        [1, 1],
      ],
      [1, 1, 0, 1],
    ),
    0.5,
  );
  assertClose(mean(accuracy(tensor([[0, 1]], { dtype: "float32" }), tensor(Int32Array.of(1)))), 1);
});
