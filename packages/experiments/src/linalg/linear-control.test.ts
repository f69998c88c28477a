import { add, matmul, mul, sub, type Tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { policyValue, regulator } from "./linear-control";

const flat = (t: Tensor): number[] => Array.from(t.dataSync() as Float64Array);

describe("9.4.1-policy-evaluation", () => {
  // action 0 is A in the first state and C in the second; action 1 is B and D
  const process = {
    transitions: [
      [
        [0.5, 0.5],
        [0.6, 0.4],
      ],
      [
        [0, 1],
        [0.2, 0.8],
      ],
    ],
    rewards: [
      [1, 2],
      [0, 0],
    ],
  };
  test.each([
    [
      "A, C",
      [
        [1, 0],
        [1, 0],
      ],
      [14.12844037, 15.04587156],
    ],
    [
      "A, D",
      [
        [1, 0],
        [0, 1],
      ],
      [3.83561644, 2.46575342],
    ],
    [
      "B, C",
      [
        [0, 1],
        [1, 0],
      ],
      [11.68831169, 12.98701299],
    ],
    [
      "B, D",
      [
        [0, 1],
        [0, 1],
      ],
      [0, 0],
    ],
  ])("the values of %s at γ = 0.9", (_, policy, want) => {
    const { v, q } = policyValue(process, policy, 0.9);
    flat(v).forEach((x, i) => expect(x).toBeCloseTo(want[i], 8));
    // V = Σ π Q
    const values = flat(q);
    policy.forEach((row, s) => expect(row[0] * values[s] + row[1] * values[2 + s]).toBeCloseTo(want[s], 8));
  });
  test("Q of the best policy is that of the example", () => {
    const { q } = policyValue(
      process,
      [
        [1, 0],
        [1, 0],
      ],
      0.9,
    );
    [14.12844, 15.045872, 13.541284, 13.376147].forEach((x, i) => expect(flat(q)[i]).toBeCloseTo(x, 6));
  });
  test("without discount a recurrent chain has no value; a transient one has", () => {
    expect(() =>
      policyValue(
        process,
        [
          [1, 0],
          [1, 0],
        ],
        1,
      ),
    ).toThrow(/singular|ill-conditioned/);
    const leaving = { transitions: [[[0.5]]], rewards: [[1]] };
    expect(flat(policyValue(leaving, [[1]], 1).v)[0]).toBeCloseTo(2, 14);
  });
});

describe("9.4.3-lqr", () => {
  test("one dimension: P, gain and value of the swimmer, discounted or not", () => {
    const { p, k } = regulator([[-1]], [[1]], [[1]], [[0.5]], { discountRate: 0.1 });
    expect(flat(p)[0]).toBeCloseTo(0.3556957, 7);
    expect(flat(k)[0]).toBeCloseTo(0.7113915, 7);
    const value = (s: number): number => 0.5 * flat(p)[0] * s * s + (0.5 * flat(p)[0]) / 0.1;
    expect(value(0)).toBeCloseTo(1.7784787, 6);
    expect(value(1)).toBeCloseTo(1.9563266, 6);
    expect(flat(regulator([[-1]], [[1]], [[1]], [[0.5]]).k)[0]).toBeCloseTo(0.7320508, 7);
    // a flow that stretches: γ is replaced by γ - 0.3
    expect(flat(regulator([[-0.7]], [[1]], [[1]], [[0.5]], { discountRate: 0.1 }).p)[0]).toBeCloseTo(0.4253905, 7);
  });
  test("several dimensions: the equation holds, and the double integrator has its known solution", () => {
    const [a, b, q, r] = [
      [
        [0, 1],
        [-2, -0.5],
      ],
      [[0], [1]],
      [
        [3, 0],
        [0, 1],
      ],
      [[2]],
    ];
    const { p, k } = regulator(a, b, q, r, { discountRate: 0.2 });
    const pa = matmul(p, a);
    const residual = sub(
      add(q, add(pa, pa.transpose())),
      add(mul(0.2, p), mul(0.5, matmul(matmul(p, b), matmul(p, b).transpose()))),
    );
    for (const x of flat(residual)) expect(Math.abs(x)).toBeLessThan(1e-12);
    expect(flat(k)).toHaveLength(2);
    // ẍ = u with Q = I, R = 1: P = [[√3, 1], [1, √3]]
    const known = regulator(
      [
        [0, 1],
        [0, 0],
      ],
      [[0], [1]],
      [
        [1, 0],
        [0, 1],
      ],
      [[1]],
      { start: [[1, 1]] },
    );
    [Math.sqrt(3), 1, 1, Math.sqrt(3)].forEach((x, i) => expect(flat(known.p)[i]).toBeCloseTo(x, 12));
    expect(() => regulator([[1]], [[1]], [[1]], [[1]])).toThrow(/stabilise/);
  });
});
