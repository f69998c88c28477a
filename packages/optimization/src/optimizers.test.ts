import { readFileSync } from "node:fs";
import { add, cosh, log, matmul, mul, square, sub, sum, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { adagrad, adam, adamw, chain, type GradientTransform, gradientDescent, rmsprop, scale, sgd } from "./index";

interface Golden {
  readonly A: number[][];
  readonly y: number[];
  readonly cases: Record<string, { losses: number[]; iterates: Record<string, number[]> }>;
}
const golden = JSON.parse(readFileSync(new URL("../golden/optimizers.json", import.meta.url), "utf8")) as Golden;

const float64 = (x: readonly number[]): Tensor => tensor(Float64Array.from(x));
const A = tensor(golden.A, { dtype: "float64" });
const y = float64(golden.y);

interface Params {
  w: Tensor;
  b: Tensor;
}
/** Σ log cosh(Aw + b − y) + 0.05|w|²: tools/oracle/optimizers.py. */
const loss = ({ w, b }: Params): Tensor => add(sum(log(cosh(sub(add(matmul(A, w), b), y)))), mul(0.05, sum(square(w))));

const same: Record<string, GradientTransform> = {
  sgd: sgd(0.05),
  "sgd with momentum": sgd(0.02, { momentum: 0.9 }),
  "sgd with Nesterov momentum": sgd(0.02, { momentum: 0.9, nesterov: true }),
  adam: adam(0.1),
  "adam with other constants": adam(0.05, { beta1: 0.8, beta2: 0.95, eps: 1e-3 }),
  adamw: adamw(0.1, { weightDecay: 0.1 }),
  rmsprop: rmsprop(0.02, { beta: 0.9, eps: 1e-8 }),
  adagrad: adagrad(0.5, { eps: 1e-10 }),
  "adagrad with an initial sum": adagrad(0.5, { eps: 1e-10, initial: 0.1 }),
};

describe("fifty steps on a coupled problem", () => {
  test("every case of PyTorch has its counterpart", () => {
    expect(Object.keys(same).sort()).toEqual(Object.keys(golden.cases).sort());
  });

  test.each(Object.entries(same))("%s makes PyTorch's iterates and losses", (name, optimizer) => {
    const { losses, iterates } = golden.cases[name];
    const descent = gradientDescent(loss, optimizer);
    let state = descent.init({ w: float64([1, -2, 0.5]), b: float64([0]).reshape([]) });
    losses.forEach((want, i) => {
      const { state: next, info } = descent.step(state);
      state = next;
      // the order of sums differs: some ulps a step, which a contraction does not amplify
      assertClose(info.loss, want, { rtol: 1e-11, atol: 1e-13 });
      const at = iterates[i + 1];
      if (at === undefined) return;
      assertClose(state.params.w, at.slice(0, 3), { rtol: 1e-11, atol: 1e-12, dtype: "float64" });
      assertClose(state.params.b, at[3], { rtol: 1e-11, atol: 1e-12, dtype: "float64" });
    });
  });
});

const firstStep = (optimizer: GradientTransform, gradient: readonly number[]): Tensor => {
  const x = float64(gradient.map(() => 0));
  return optimizer.update(float64(gradient), optimizer.init(x), x).updates;
};
const stepAfter = (optimizer: GradientTransform, steps: number, gradient: number): Tensor => {
  const x = float64([0]);
  const g = float64([gradient]);
  let state = optimizer.init(x);
  let updates = x;
  for (let i = 0; i < steps; i++) ({ updates, state } = optimizer.update(g, state, x));
  return updates;
};

describe("what each method is known by", () => {
  const gradient = [3, -0.01, 200];

  test("Adam's first step is η sign(g)", () => {
    assertClose(firstStep(adam(0.1), gradient), [-0.1, 0.1, -0.1], { rtol: 2e-6 });
    // m̂ = g, v̂ = g²: exactly η g/(|g| + ε)
    assertClose(
      firstStep(adam(0.1, { eps: 1e-2 }), gradient),
      gradient.map((g) => (-0.1 * g) / (Math.abs(g) + 1e-2)),
      { rtol: 1e-14 },
    );
  });

  test("RMSProp's first step is η/√(1 − β), its later ones on a constant gradient η√(1 / (1 − β^T))", () => {
    assertClose(firstStep(rmsprop(0.01, { beta: 0.9 }), [3, -2]), [-0.0316227766, 0.0316227766], { rtol: 2e-8 });
    assertClose(stepAfter(rmsprop(0.01, { beta: 0.9 }), 20, 5), [-0.01 / Math.sqrt(1 - 0.9 ** 20)], { rtol: 1e-8 });
  });

  test("AdaGrad's first step is η, its T-th on equal gradients η/√T", () => {
    assertClose(firstStep(adagrad(0.5), gradient), [-0.5, 0.5, -0.5], { rtol: 1e-7 });
    for (const T of [2, 9, 100]) assertClose(stepAfter(adagrad(0.5), T, -0.3), [0.5 / Math.sqrt(T)], { rtol: 1e-9 });
  });

  test("momentum on a constant gradient reaches η g / (1 − β)", () => {
    for (const T of [1, 2, 50])
      assertClose(stepAfter(sgd(0.1, { momentum: 0.9 }), T, 2), [(-0.2 * (1 - 0.9 ** T)) / 0.1], { rtol: 1e-12 });
  });

  test("AdamW shrinks the parameters by ηλ beside Adam's step", () => {
    const x = float64([4, -8]);
    const g = float64([1, 1]);
    const move = (o: GradientTransform): Tensor => o.update(g, o.init(x), x).updates;
    assertClose(sub(move(adamw(0.1, { weightDecay: 0.05 })), move(adam(0.1))), [-0.02, 0.04], { rtol: 1e-12 });
  });

  test("no gradient, no move: nothing is 0/0", () => {
    for (const o of [sgd(1), adam(1), rmsprop(1), adagrad(1), sgd(1, { momentum: 0.5, nesterov: true })])
      assertClose(firstStep(o, [0, 0]), [0, 0]);
  });

  test("methods with a diagonal scale do not see the units of the gradient, descent and momentum do", () => {
    const scaled = (o: GradientTransform, by: number): Tensor => firstStep(chain(scale(by), o), [0.5, -2]);
    for (const o of [adam(0.1, { eps: 0 }), rmsprop(0.1, { eps: 0 }), adagrad(0.1, { initial: 0, eps: 1e-300 })])
      assertClose(scaled(o, 1000), scaled(o, 1), { rtol: 1e-14 });
    for (const o of [sgd(0.1), sgd(0.1, { momentum: 0.9 })])
      assertClose(scaled(o, 1000), mul(1000, scaled(o, 1)), { rtol: 1e-14 });
  });
});
