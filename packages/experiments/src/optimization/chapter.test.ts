import { grad, hessian } from "@ansatz/autodiff";
import {
  adagrad,
  adam,
  type Descent,
  type GradientTransform,
  gradientDescent,
  nesterov,
  rmsprop,
  sgd,
} from "@ansatz/optimization";
import {
  add,
  cumsum,
  div,
  key,
  matmul,
  mean,
  mul,
  norm,
  normal,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { iterates, optimizerTrace, quadratic } from "./optimizer-trace";
import {
  criticalMomentum,
  descentRate,
  heavyBallTuning,
  nesterovTuning,
  spectralRadius,
  stabilityLimit,
} from "./rates";
import { batches, batchGradients, moments, runningMeans } from "./stochastic";

const f64 = (x: readonly number[]): Tensor => tensor(Float64Array.from(x));

/** Values after 1, 2, 10 and 100 steps on ½(x² + 10y²) from (1, 1), computed independently of this code. */
type Rows = readonly (readonly [number, number])[];
const reproduces = async (path: Promise<[number, number][]>, rows: Rows): Promise<void> => {
  const seen = await path;
  [1, 2, 10, 100].forEach((step, i) => {
    // printed to 15 digits, the smallest to 3 or 4; a hundred steps amplify rounding a little
    for (const k of [0, 1]) {
      const tiny = Math.abs(rows[i][k]) < 1e-15;
      assertClose(seen[step][k], rows[i][k], tiny ? { rtol: 5e-3 } : { rtol: 2e-12, atol: 2e-14 });
    }
  });
};
const run = (optimizer: GradientTransform): Promise<[number, number][]> => optimizerTrace(optimizer, 100);
const loss = ([x, y]: readonly number[]): number => 0.5 * (x * x + 10 * y * y);

describe("3.3.1-gd", () => {
  test("reproduces the checked iterates", () =>
    reproduces(run(sgd(0.05)), [
      [0.95, 0.5],
      [0.9025, 0.25],
      [0.598736939238379, 9.765625e-4],
      [0.00592052922033403, 7.89e-31],
    ]));
});

describe("3.3.1-gd-rates", () => {
  test("with η = 2/(L + μ) the distance shrinks by (κ − 1)/(κ + 1) = 9/11 a step", async () => {
    const { rate, factor } = descentRate({ mu: 1, L: 10 });
    assertClose([rate, factor], [2 / 11, 9 / 11], { rtol: 1e-15 });
    const path = await optimizerTrace(sgd(rate), 40);
    for (const t of [0, 5, 39])
      assertClose(Math.hypot(...path[t + 1]) / Math.hypot(...path[t]), 9 / 11, { rtol: 1e-12 });
  });
  test("with η = 1/L the loss obeys L‖x₀‖²/2T", async () => {
    const path = await optimizerTrace(sgd(0.1), 50);
    const ratios = [1, 5, 10, 50].map((T) => (loss(path[T]) * 2 * T) / (10 * 2));
    assertClose(ratios, [0.0405, 0.0872, 0.0608, 6.6e-5], { rtol: 8e-3 });
    for (let T = 1; T <= 50; T++) expect((loss(path[T]) * 2 * T) / 20).toBeLessThanOrEqual(1);
    expect(descentRate({ mu: 0, L: 10 })).toEqual({ rate: 0.1, factor: 1 });
  });
});

describe("3.3.2-sgd", () => {
  const data = normal(key(3), [7, 3], { dtype: "float64" });
  const squares = (w: Tensor, rows: Tensor): Tensor => mean(square(sub(matmul(rows, w), 1)));
  const w = f64([0.5, -1, 2]);
  const single = moments(batchGradients(squares, w, data, 1)).variance;

  test.each([1, 2, 3, 5, 7])("over all batches of %i the mean of the gradients is the full gradient", (size) => {
    const gradients = batchGradients(squares, w, data, size);
    const { mean: average, variance } = moments(gradients);
    assertClose(average, grad((p: Tensor) => squares(p, data))(w), { rtol: 1e-12 });
    // without replacement: (1/B)(1 − (B − 1)/(N − 1)) of the variance of single examples
    assertClose(variance, mul((1 / size) * (1 - (size - 1) / 6), single), { rtol: 1e-10, atol: 1e-13 });
    expect(gradients.shape[0]).toBe(batches(7, size).length);
  });
  test("there are 35 batches of 3 of 7", () => expect(batches(7, 3)).toHaveLength(35));
});

describe("3.3.2-sgd-rate", () => {
  test("mean estimation with η_t = 1/t is the running mean of the samples, wherever it starts", () => {
    const samples = normal(key(5), [40], { dtype: "float64" });
    const means = div(
      cumsum(samples),
      Float64Array.from({ length: 40 }, (_, i) => i + 1),
    );
    assertClose(runningMeans(samples), means, { rtol: 1e-12, atol: 1e-15 });
    assertClose(runningMeans(samples, 1000), means, { rtol: 1e-9, atol: 1e-12 });
  });
});

describe("3.3.3-heavy-ball", () => {
  test("reproduces the checked iterates", () =>
    reproduces(run(sgd(0.05, { momentum: 0.9 })), [
      [0.95, 0.5],
      [0.8575, -0.2],
      [-0.310922910669629, 0.0877247680000001],
      [-0.00498462311046532, 0.00289005078314085],
    ]));
  test("is θ ← θ + β(θ − θ₋₁) − η∇f(θ)", async () => {
    const path = await optimizerTrace(sgd(0.05, { momentum: 0.9 }), 20);
    let [before, now] = [
      [1, 1],
      [1, 1],
    ];
    for (let t = 1; t <= 20; t++) {
      [before, now] = [now, now.map((x, k) => x + 0.9 * (x - before[k]) - 0.05 * [1, 10][k] * x)];
      assertClose(path[t], now, { rtol: 1e-12, atol: 1e-14 });
    }
  });
});

describe("3.3.3-nesterov", () => {
  const path = (rate: number, beta?: number): Promise<[number, number][]> =>
    iterates(nesterov(quadratic, rate, beta) as Descent<Tensor, []>, 100);

  test("reproduces the checked iterates", () =>
    reproduces(path(0.05, 0.9), [
      [0.95, 0.5],
      [0.85975, 0.025],
      [-0.17901321856162, 0.00123008941503906],
      [-0.000391042701098586, -4.5e-18],
    ]));
  test("with β = 0 is gradient descent", async () => {
    const [a, b] = [await path(0.05, 0), await run(sgd(0.05))];
    for (const t of [1, 10, 100]) assertClose(a[t], b[t], { rtol: 1e-12 });
  });
});

describe("3.3.3-momentum-rates", () => {
  const c = { mu: 1, L: 10 };

  test("tuned heavy ball and Nesterov have the radii of theory, at both ends of the spectrum", () => {
    const ball = heavyBallTuning(c);
    assertClose([ball.rate, ball.momentum, ball.factor], [0.230886157, 0.269873864, 0.519493853], { rtol: 3e-9 });
    for (const lambda of [1, 10])
      assertClose(spectralRadius("heavyBall", ball.momentum, ball.rate * lambda), ball.factor, { rtol: 1e-7 });
    const nag = nesterovTuning(c);
    assertClose([nag.momentum, nag.factor], [0.519493853, 0.683772234], { rtol: 2e-9 });
    assertClose(spectralRadius("nesterov", nag.momentum, nag.rate), 1 - 1 / Math.sqrt(10), { rtol: 1e-7 });
  });
  test("the iterates contract at these rates", async () => {
    const rate = async (path: Promise<[number, number][]>): Promise<number> => {
      const p = await path;
      // the largest of late distances, with a linear factor for the double root
      return (Math.hypot(...p[60]) / Math.hypot(...p[20])) ** (1 / 40);
    };
    const [ball, nag] = [heavyBallTuning(c), nesterovTuning(c)];
    assertClose(await rate(optimizerTrace(sgd(ball.rate, { momentum: ball.momentum }), 60)), ball.factor, {
      rtol: 0.06,
    });
    assertClose(
      await rate(iterates(nesterov(quadratic, nag.rate, nag.momentum) as Descent<Tensor, []>, 60)),
      nag.factor,
      {
        rtol: 0.06,
      },
    );
  });
  test("with β_t = (t − 1)/(t + 2) the loss obeys 2L‖x₀‖²/(T + 1)²", async () => {
    const path = await iterates(nesterov(quadratic, 0.1) as Descent<Tensor, []>, 50);
    const ratio = (T: number): number => (loss(path[T]) * (T + 1) ** 2) / (2 * 10 * 2);
    assertClose([1, 5, 10, 50].map(ratio), [0.0405, 0.1094, 0.0063, 4.6e-6], { rtol: 5e-3 });
    for (let T = 1; T <= 50; T++) expect(ratio(T)).toBeLessThanOrEqual(1);
  });
});

describe("3.3.3-exr3.3.1c", () => {
  test("stability ends at 2, 3, 3.8 and at 2, 1.5, 1.357 for β = 0, ½, 0.9", () => {
    assertClose(
      [0, 0.5, 0.9].map((b) => stabilityLimit("heavyBall", b)),
      [2, 3, 3.8],
      { rtol: 1e-15 },
    );
    assertClose(
      [0, 0.5, 0.9].map((b) => stabilityLimit("nesterov", b)),
      [2, 1.5, 1.357142857142857],
      { rtol: 1e-15 },
    );
    for (const method of ["heavyBall", "nesterov"] as const)
      for (const b of [0, 0.5, 0.9]) {
        const limit = stabilityLimit(method, b);
        expect(spectralRadius(method, b, limit * 0.999)).toBeLessThan(1);
        expect(spectralRadius(method, b, limit * 1.001)).toBeGreaterThan(1);
      }
  });
  test("critical momentum is 0.81 and 0.818 at h = 0.01, 0.468 and 0.519 at 0.1, and nothing contracts faster", () => {
    assertClose(
      [0.01, 0.1].map((h) => criticalMomentum("heavyBall", h)),
      [0.81, 0.467544],
      { rtol: 2e-6 },
    );
    assertClose(
      [0.01, 0.1].map((h) => criticalMomentum("nesterov", h)),
      [0.818182, 0.519494],
      { rtol: 2e-6 },
    );
    for (const method of ["heavyBall", "nesterov"] as const)
      for (const h of [0.01, 0.1]) {
        const best = spectralRadius(method, criticalMomentum(method, h), h);
        assertClose(best, 1 - Math.sqrt(h), { rtol: 1e-6 });
        for (let b = 0; b < 1; b += 0.01) expect(spectralRadius(method, b, h)).toBeGreaterThanOrEqual(best - 1e-7);
      }
  });
  test("a run beyond the limit diverges, one below does not", async () => {
    const at = async (h: number): Promise<number> =>
      Math.abs((await optimizerTrace(sgd(h / 10, { momentum: 0.5 }), 200))[200][1]);
    expect(await at(2.9)).toBeLessThan(1e-3);
    expect(await at(3.1)).toBeGreaterThan(1e3);
  });
});

describe("3.3.5-adagrad", () => {
  test("reproduces the checked iterates, ε outside the root", () =>
    reproduces(run(adagrad(0.5, { eps: 1e-8 })), [
      [0.500000005, 0.5000000005],
      [0.276393207461167, 0.276393202771136],
      [0.0031056037324387, 0.00310560347495625],
      [4.317e-25, 4.317e-25],
    ]));
  test("and inside, as the text has it", () =>
    reproduces(run(adagrad(0.5, { eps: 1e-8, epsInside: true })), [
      [0.5000000025, 0.500000000025],
      [0.276393204750021, 0.276393202275021],
      [0.00310560357605967, 0.00310560344764422],
      [4.317e-25, 4.317e-25],
    ]));
  test("after T equal gradients the step is η/√T", () => {
    const { init, update } = adagrad(0.5);
    const g = f64([-3]);
    let state = init(g);
    for (let T = 1; T <= 30; T++) {
      const r = update(g, state, g);
      state = r.state;
      assertClose(r.updates, [0.5 / Math.sqrt(T)], { rtol: 1e-9 });
    }
  });
});

describe("3.3.5-rmsprop", () => {
  test("reproduces the checked iterates", () =>
    reproduces(run(rmsprop(0.01, { beta: 0.9 })), [
      [0.968377224398316, 0.968377223498316],
      [0.945788026245857, 0.945788024881897],
      [0.832052418283552, 0.832052415358844],
      [0.0875865317215872, 0.0875865206892135],
    ]));
  test("its first step is η/√(1 − β) = 0.0316228", () => {
    const g = f64([4, -4]);
    const o = rmsprop(0.01, { beta: 0.9 });
    assertClose(o.update(g, o.init(g), g).updates, [-0.0316228, 0.0316228], { rtol: 1e-6 });
  });
});

describe("3.3.5-adam", () => {
  test("reproduces the checked iterates", () =>
    reproduces(run(adam(0.1)), [
      [0.900000001, 0.9000000001],
      [0.800412229712338, 0.800412227875357],
      [0.0762491606197553, 0.0762491515966381],
      [0.00293667500329172, 0.00293667622335116],
    ]));
  test("its first step is η sign(g)", () => {
    const g = f64([1e-3, -1e3]);
    const o = adam(0.1);
    assertClose(o.update(g, o.init(g), g).updates, [-0.1, 0.1], { rtol: 2e-5 });
  });
});

describe("P0-1-erm", () => {
  const X = normal(key(1), [9, 3], { dtype: "float64" });
  const y = normal(key(2), [9], { dtype: "float64" });
  const risk = (w: Tensor): Tensor => sum(square(sub(matmul(X, w), y)));
  // λ_max(2XᵀX) by power iteration on the Hessian
  const H = hessian(risk)([0, 0, 0]);
  let v = f64([1, 1, 1]);
  for (let i = 0; i < 300; i++) v = div(matmul(H, v), norm(matmul(H, v)));
  const lambda = sum(mul(v, matmul(H, v))).item() as number;

  test("with a linear model the sum of squares is convex: its Hessian is 2XᵀX at every point", () => {
    assertClose(hessian(risk)([3, -1, 2]), mul(2, matmul(X.transpose(), X)), { rtol: 1e-12, atol: 1e-13 });
  });
  test("descent converges for τ < 2/λ_max and diverges beyond", () => {
    const after = (tau: number): number => {
      const descent = gradientDescent(risk, sgd(tau));
      let s = descent.init(add([0, 0, 0], f64([0, 0, 0])));
      for (let i = 0; i < 400; i++) s = descent.step(s).state;
      return sum(square(grad(risk)(s.params))).item() as number;
    };
    expect(after(1.95 / lambda)).toBeLessThan(1e-6);
    expect(after(2.05 / lambda)).toBeGreaterThan(1);
  });
});
