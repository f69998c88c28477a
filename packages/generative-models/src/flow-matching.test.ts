import { grad, jacobian } from "@ansatz/autodiff";
import { mlp, timeEmbedding } from "@ansatz/nn";
import { adam, gradientDescent } from "@ansatz/optimization";
import {
  add,
  concatenate,
  foldIn,
  full,
  jit,
  key,
  linspace,
  mean,
  mul,
  normal,
  reshape,
  scan,
  split,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { empiricalVelocity, flowMatchingLoss, gaussianVelocity, straightPath, type VelocityField } from "./index";

const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });
const zero: VelocityField = (x) => mul(0, x);

describe("the straight path", () => {
  const [x0, x1] = [
    f64([
      [1, -2],
      [0, 4],
    ]),
    f64([
      [3, 0],
      [5, 5],
    ]),
  ];
  const at = (t: number, sigmaMin = 0) => straightPath({ sigmaMin }).at(x0, x1, full([2], t, { dtype: "float64" }));

  test("begins in x₀ and ends in x₁ (or σ x₀ off it)", () => {
    assertClose(at(0).x, x0);
    assertClose(at(1).x, x1);
    assertClose(at(1, 0.1).x, add(x1, mul(0.1, x0)), { rtol: 1e-14, atol: 1e-15 });
  });

  test("its velocity is the derivative of its place", () => {
    for (const sigmaMin of [0, 0.1]) {
      const place = (t: Tensor) =>
        straightPath({ sigmaMin }).at(x0, x1, reshape(concatenate([reshape(t, [1]), reshape(t, [1])]), [2])).x;
      for (const t of [0.2, 0.9])
        assertClose(jacobian(place)(f64([t]).reshape([])), at(t, sigmaMin).velocity, { rtol: 1e-13, atol: 1e-14 });
    }
  });

  test("takes examples of any rank", () => {
    const x = normal(key(0), [3, 4, 5, 2], { dtype: "float64" });
    assertClose(straightPath().at(mul(0, x), x, f64([0, 0.5, 1])).x, mul(x, reshape(f64([0, 0.5, 1]), [3, 1, 1, 1])));
  });

  test("refuses a σ outside [0, 1)", () => expect(() => straightPath({ sigmaMin: 1 })).toThrow(/sigmaMin must lie in/));
});

describe("the loss", () => {
  const x1 = f64([
    [3, 0],
    [5, 5],
    [-1, 2],
  ]);
  const x0 = f64([
    [1, -2],
    [0, 4],
    [0, 0],
  ]);
  const t = f64([0, 0.5, 1]);

  test("is the mean over examples of squared norms of v − (x₁ − x₀)", () => {
    assertClose(flowMatchingLoss(zero, x1, key(0), { x0, t }), (8 + 26 + 5) / 3);
    assertClose(
      flowMatchingLoss(() => sub(x1, x0), x1, key(0), { x0, t }),
      0,
    );
    // sees x_t and t: v = x_t + t
    const xt = [
      [1, -2],
      [2.5, 4.5],
      [-1, 2],
    ];
    const want = xt.flatMap((row, i) =>
      row.map(
        (x, j) =>
          (x +
            [0, 0.5, 1][i] -
            [
              [2, 2],
              [5, 1],
              [-1, 2],
            ][i][j]) **
          2,
      ),
    );
    assertClose(
      flowMatchingLoss((x, s) => add(x, reshape(s, [3, 1])), x1, key(0), { x0, t }),
      want.reduce((a, b) => a + b) / 3,
      { rtol: 1e-14 },
    );
  });

  test("draws noise and times from the key, in the dtype of the data", () => {
    const seen: { x: Tensor; t: Tensor }[] = [];
    const spy: VelocityField = (x, s) => {
      seen.push({ x, t: s });
      return mul(0, x);
    };
    const big = tensor(new Float32Array(2000), { shape: [1000, 2] });
    const a = flowMatchingLoss(spy, big, key(1));
    assertClose(flowMatchingLoss(spy, big, key(1)), a);
    expect(flowMatchingLoss(spy, big, key(2)).item()).not.toBe(a.item());
    expect(a.dtype).toBe("float32");
    expect([seen[0].x.dtype, seen[0].t.dtype, seen[0].t.shape]).toEqual(["float32", "float32", [1000]]);
    // E‖x₀‖² = 2, standard error 2/√1000; E t = ½, standard error 0.29/√1000
    assertClose(a, 2, { atol: 5 * 0.0633, dtype: "float32" });
    assertClose(mean(seen[0].t), 0.5, { atol: 5 * 0.0092 });
  });

  test("has its minimum at the conditional mean: the exact field beats its neighbours on common noise", () => {
    const n = 20_000;
    const [k1, k2] = split(key(4));
    const data = add(1.5, mul(0.5, normal(k1, [n, 1], { dtype: "float64" })));
    const exact = gaussianVelocity(1.5, 0.5);
    const at = (f: VelocityField): number => flowMatchingLoss(f, data, k2).item() as number;
    for (const e of [-0.1, 0.1]) {
      expect(at(exact)).toBeLessThan(at((x, s) => add(exact(x, s), e)));
      expect(at(exact)).toBeLessThan(at((x, s) => mul(1 + e, exact(x, s))));
    }
  });

  test("has finite float32 gradients, also for data far away", () => {
    const net = mlp([2 + 8, 32, 2]);
    const params = net.init(key(3));
    for (const size of [1, 1e3]) {
      const data = mul(size, normal(key(9), [64, 2], { dtype: "float32" }));
      const loss = (p: typeof params): Tensor =>
        flowMatchingLoss((x, s) => net.apply(p, concatenate([x, timeEmbedding(s, 8)], -1)), data, key(5));
      for (const leaf of tree.leaves(grad(loss)(params)) as Tensor[]) {
        expect(leaf.dtype).toBe("float32");
        expect(Array.from(leaf.dataSync() as Float32Array).every(Number.isFinite)).toBe(true);
      }
    }
  });

  test("what does not fit is refused, not broadcast", () => {
    expect(() => flowMatchingLoss(zero, [1, 2], key(0))).toThrow(/batch \[n, …\]/);
    expect(() => flowMatchingLoss(zero, x1, key(0), { x0: f64([[1, 2]]) })).toThrow(/x0 has the wrong shape/);
    expect(() => flowMatchingLoss(zero, x1, key(0), { t: f64([[1], [1], [1]]) })).toThrow(/t has the wrong shape/);
    expect(() => flowMatchingLoss((_x, s) => s, x1, key(0))).toThrow(/v\(x, t\) has the wrong shape/);
  });
});

describe("fields that are known", () => {
  test("on the data {a} all paths end in a: v = (a − x)/(1 − t)", () => {
    const field = empiricalVelocity([[2, -1]]);
    assertClose(
      field(
        f64([
          [0, 0],
          [1, 1],
        ]),
        f64([0, 0.5]),
      ),
      [
        [2, -1],
        [2, -4],
      ],
      { rtol: 1e-14 },
    );
  });

  test("the field of many normal points nears the Gaussian's", () => {
    const n = 4000;
    const points = add(1.5, mul(0.5, normal(key(2), [n, 1], { dtype: "float64" })));
    for (const s of [0, 0.3, 0.6]) {
      const x = reshape(add(1.5 * s, mul(Math.hypot(1 - s, 0.5 * s), linspace(-2, 2, 7))), [7, 1]);
      const t = full([7], s, { dtype: "float64" });
      // a weighted mean of n points with deviation ½, divided by 1 − t; in the tails few points have weight
      assertClose(empiricalVelocity(points)(x, t), gaussianVelocity(1.5, 0.5)(x, t), { atol: 0.15 });
    }
  });

  test("coordinates are independent: one m and s for each", () => {
    const field = gaussianVelocity([1, -1], [0.5, 2]);
    const x = f64([[0.3, 0.4]]);
    const t = f64([0.6]);
    assertClose(field(x, t), [
      [
        gaussianVelocity(1, 0.5)(f64([[0.3]]), t).item() as number,
        gaussianVelocity(-1, 2)(f64([[0.4]]), t).item() as number,
      ],
    ]);
  });

  test("points must be rows", () =>
    expect(() => empiricalVelocity([1, 2])(f64([[1]]), f64([0]))).toThrow(/empiricalVelocity/));
});

test("a small network learns the field of N(0, 1) → N(1.5, ¼) to a few percent of its size", () => {
  const net = mlp([9, 48, 48, 1]);
  const field =
    (p: ReturnType<typeof net.init>): VelocityField =>
    (x, t) =>
      net.apply(p, concatenate([x, timeEmbedding(t, 8, { maxFrequency: 4 })], -1));
  const descent = gradientDescent((p: ReturnType<typeof net.init>, k: Tensor) => {
    const [dataKey, lossKey] = split(k);
    return flowMatchingLoss(field(p), add(1.5, mul(0.5, normal(dataKey, [256, 1], { dtype: "float32" }))), lossKey);
  }, adam(3e-3));
  const train = jit(
    (s: ReturnType<typeof descent.init>) =>
      scan((c: typeof s, _: null) => [descent.step(c, foldIn(key(1), c.step)).state, null] as const, s, null, {
        length: 800,
      })[0],
  );
  const { params } = train(descent.init(net.init(key(0))));
  const n = 64;
  const [kx, kt] = split(key(77));
  const t = mul(0.9, tensor(Float32Array.from({ length: n }, (_, i) => i / n)));
  const place = add(mul(1.5, t), normal(kx, [n], { dtype: "float32" }).mul(0.5));
  const x = reshape(place, [n, 1]);
  const [got, want] = [field(params)(x, t), gaussianVelocity(1.5, 0.5)(x, t)];
  const error = sum(square(sub(got, want))).item() as number;
  expect(kt.shape).toEqual([]);
  expect(error / (sum(square(want)).item() as number)).toBeLessThan(0.02);
});
