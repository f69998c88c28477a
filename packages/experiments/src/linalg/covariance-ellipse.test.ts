import { expect, test } from "vitest";
import { covarianceEllipse, radiusFor } from "./covariance-ellipse";

test("5.3.4-cov-ellipse: half-axes, angle and coverage of [[1, 0.8], [0.8, 1]]", () => {
  const s = [
    [1, 0.8],
    [0.8, 1],
  ];
  const e = covarianceEllipse([2, -1], s);
  expect(e.halfAxes[0]).toBeCloseTo(1.341641, 6);
  expect(e.halfAxes[1]).toBeCloseTo(0.447214, 6);
  expect(e.halfAxes[0] ** 2).toBeCloseTo(1.8, 13);
  expect(e.angleRad).toBeCloseTo(Math.PI / 4, 13);
  expect(e.coverage).toBeCloseTo(0.393469, 6);
  expect(covarianceEllipse([0, 0], s, 2).coverage).toBeCloseTo(0.864665, 6);
  expect(radiusFor(0.95)).toBeCloseTo(2.447747, 6);
  // every point lies at Mahalanobis distance k = 1, with Σ⁻¹ = [[1, -0.8], [-0.8, 1]] / 0.36
  expect(e.points).toHaveLength(65);
  for (const [x, y] of e.points) {
    const [u, v] = [x - 2, y + 1];
    expect((u * u - 1.6 * u * v + v * v) / 0.36).toBeCloseTo(1, 12);
  }
  // a law on a line, and one that is none
  expect(
    covarianceEllipse(
      [0, 0],
      [
        [1, 1],
        [1, 1],
      ],
    ).halfAxes[1],
  ).toBeCloseTo(0, 7);
  expect(() =>
    covarianceEllipse(
      [0, 0],
      [
        [1, 2],
        [2, 1],
      ],
    ),
  ).toThrow(/negative/);
  expect(() => radiusFor(1)).toThrow(/coverage/);
});
