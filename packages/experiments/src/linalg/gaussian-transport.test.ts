import { grad } from "@ansatz/autodiff";
import { cholesky } from "@ansatz/linalg";
import { eye, matmul, matrixTranspose, sub, type Tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  buresWasserstein,
  gaussianBridge,
  gaussianKl,
  linearGenerators,
  symmetricRoot,
  transportCost,
  transportMatrix,
} from "./gaussian-transport";

const num = (t: Tensor): number => Number(t.item());
const flat = (t: Tensor): number[] => Array.from(t.dataSync() as Float64Array);
const line = (mean: number, sd: number) => ({ mean: [mean], covariance: [[sd * sd]] });
const centred = (covariance: number[][]) => ({ mean: [0, 0], covariance });
const near = (got: Tensor, want: number[][], tolerance: number): void =>
  flat(got).forEach((v, i) => expect(Math.abs(v - want.flat()[i])).toBeLessThan(tolerance));

describe("6.2.5-w2-gaussian", () => {
  test("on the line it is |σ₁ - σ₂| and |m₁ - m₂| at right angles: 2, 1 and √5", () => {
    const [p1, p2, p3] = [line(0, 1), line(2, 1), line(0, 2)];
    expect(Math.sqrt(num(buresWasserstein(p1, p2)))).toBeCloseTo(2, 12);
    expect(Math.sqrt(num(buresWasserstein(p1, p3)))).toBeCloseTo(1, 12);
    expect(Math.sqrt(num(buresWasserstein(p2, p3)))).toBeCloseTo(Math.sqrt(5), 12);
  });
  test("in the plane: 5 - 2√5 and 8 - 2√10, and a singular covariance", () => {
    const s = centred([
      [2, 1],
      [1, 1],
    ]);
    const one = centred([
      [1, 0],
      [0, 1],
    ]);
    expect(num(buresWasserstein(s, one))).toBeCloseTo(5 - 2 * Math.sqrt(5), 12);
    expect(num(buresWasserstein(s, one))).toBeCloseTo(0.527864, 6);
    const diagonal = centred([
      [1, 0],
      [0, 4],
    ]);
    expect(num(buresWasserstein(s, diagonal))).toBeCloseTo(8 - 2 * Math.sqrt(10), 12);
    // a needle along the first axis: 1 + tr Σ - 2 √Σ₁₁
    const needle = centred([
      [1, 0],
      [0, 0],
    ]);
    expect(num(buresWasserstein(s, needle))).toBeCloseTo(4 - 2 * Math.sqrt(2), 7);
    expect(num(buresWasserstein(needle, s))).toBeCloseTo(4 - 2 * Math.sqrt(2), 7);
    // the map takes one law to the other, and costs the distance
    const a = transportMatrix(s, diagonal);
    near(matmul(a, matmul(s.covariance, matrixTranspose(a))), diagonal.covariance, 1e-12);
  });
  test("its gradient in Σ₁ is I - A, with A the transport map", () => {
    const s = [
      [2, 1],
      [1, 1],
    ];
    const target = centred([
      [1, 0],
      [0, 4],
    ]);
    const g = grad((c: Tensor) => buresWasserstein({ mean: [0, 0], covariance: c }, target))(s) as Tensor;
    near(g, sub(eye(2), transportMatrix(centred(s), target)).toArray() as number[][], 1e-12);
  });
});

describe("9.1.1-gaussian-schrodinger-bridge", () => {
  test("σ = 1 to 2: C and the variance half-way as Sinkhorn finds them, and the limit σ₀ σ₁", () => {
    const bridge = (epsilon: number) => gaussianBridge(line(0, 1), line(0, 2), epsilon);
    expect(num(bridge(0.7).cross)).toBeCloseTo(1.6803941, 7);
    expect(num(bridge(0.7).covarianceAt(0.5))).toBeCloseTo(2.265197, 6);
    [
      [1, 1.5615528],
      [0.1, 1.9506249],
      [0.01, 1.9950062],
      [0.001, 1.9995001],
    ].forEach(([epsilon, c]) => expect(num(bridge(epsilon).cross)).toBeCloseTo(c, 7));
    expect(() => bridge(0)).toThrow(/positive/);
  });
  test("in the plane it starts and ends with the given covariances and tends to the transport plan Σ₀ A", () => {
    const [p, q] = [
      centred([
        [2, 1],
        [1, 1],
      ]),
      centred([
        [1, -0.3],
        [-0.3, 4],
      ]),
    ];
    const bridge = gaussianBridge(p, q, 0.5);
    near(bridge.covarianceAt(0), p.covariance, 1e-14);
    near(bridge.covarianceAt(1), q.covariance, 1e-14);
    const plan = matmul(p.covariance, transportMatrix(p, q));
    near(gaussianBridge(p, q, 1e-7).cross, plan.toArray() as number[][], 1e-6);
  });
});

describe("9.2.1-ex9.2.1-linear-generator", () => {
  const covariance = [
    [1.4, 0.8],
    [0.8, 1.2],
  ];
  const mean = [1.2, -0.6];
  test("the Cholesky factor and the symmetric root both match Σ; only the root attains the Wasserstein distance", () => {
    const w = linearGenerators(covariance);
    near(
      w.cholesky,
      [
        [1.183216, 0],
        [0.6761234, 0.8618916],
      ],
      1e-7,
    );
    near(
      w.symmetric,
      [
        [1.1234132, 0.3714064],
        [0.3714064, 1.0305617],
      ],
      1e-7,
    );
    for (const f of [w.cholesky, w.symmetric]) near(matmul(f, matrixTranspose(f)), covariance, 1e-14);
    const start = {
      mean: [0, 0],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    };
    expect(num(buresWasserstein(start, { mean, covariance }))).toBeCloseTo(2.0920502, 7);
    expect(num(transportCost(w.symmetric, mean))).toBeCloseTo(2.0920502, 7);
    expect(num(transportCost(w.cholesky, mean))).toBeCloseTo(2.3097849, 7);
    expect(num(gaussianKl({ mean, covariance }, start))).toBeCloseTo(1.1803896, 7);
    // what is not positive definite has no factor; what is singular has a root
    expect(() =>
      linearGenerators([
        [1, 2],
        [2, 1],
      ]),
    ).toThrow(/positive definite/);
    expect(
      Number(
        cholesky([
          [1, 1],
          [1, 1],
        ]).info.item(),
      ),
    ).toBeGreaterThan(0);
    near(
      symmetricRoot([
        [1, 1],
        [1, 1],
      ]),
      [
        [Math.SQRT1_2, Math.SQRT1_2],
        [Math.SQRT1_2, Math.SQRT1_2],
      ],
      1e-7,
    );
  });
});
