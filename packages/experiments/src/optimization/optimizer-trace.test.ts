import { adagrad, adam, type GradientTransform, rmsprop, sgd } from "@ansatz/optimization";
import { describe, expect, test } from "vitest";
import { optimizerTrace } from "./optimizer-trace";

/** Values after 1, 2, 10 and 100 steps, computed independently of this code. */
const expected: readonly [name: string, optimizer: GradientTransform, rows: readonly (readonly [number, number])[]][] =
  [
    [
      "gradient descent",
      sgd(0.05),
      [
        [0.95, 0.5],
        [0.9025, 0.25],
        [0.598736939238379, 9.765625e-4],
        [0.00592052922033403, 7.888609052210118e-31],
      ],
    ],
    [
      "heavy ball",
      sgd(0.05, { momentum: 0.9 }),
      [
        [0.95, 0.5],
        [0.8575, -0.2],
        [-0.310922910669629, 0.0877247680000001],
        [-0.00498462311046532, 0.00289005078314085],
      ],
    ],
    [
      "AdaGrad, ε outside the root",
      adagrad(0.5, { eps: 1e-8 }),
      [
        [0.500000005, 0.5000000005],
        [0.276393207461167, 0.276393202771136],
        [0.0031056037324387, 0.00310560347495625],
        [4.317e-25, 4.317e-25],
      ],
    ],
    [
      "RMSProp",
      rmsprop(0.01, { beta: 0.9 }),
      [
        [0.968377224398316, 0.968377223498316],
        [0.945788026245857, 0.945788024881897],
        [0.832052418283552, 0.832052415358844],
        [0.0875865317215872, 0.0875865206892135],
      ],
    ],
    [
      "Adam",
      adam(0.1),
      [
        [0.900000001, 0.9000000001],
        [0.800412229712338, 0.800412227875357],
        [0.0762491606197553, 0.0762491515966381],
        [0.00293667500329172, 0.00293667622335116],
      ],
    ],
  ];

describe("the shared optimizer trace", () => {
  test.each(expected)("%s reproduces the checked iterates", async (_name, optimizer, rows) => {
    const trace = await optimizerTrace(optimizer, 100);
    for (const [i, step] of [1, 2, 10, 100].entries())
      for (const k of [0, 1]) {
        const want = rows[i][k];
        // printed to 15 digits; the tiny AdaGrad iterate to 4, and a hundred steps amplify rounding a little
        const tolerance = Math.abs(want) < 1e-20 ? 1e-3 * Math.abs(want) : 2e-12 * Math.max(Math.abs(want), 1e-2);
        expect(Math.abs(trace[step][k] - want), `step ${step}, coordinate ${k}: ${trace[step][k]}`).toBeLessThanOrEqual(
          tolerance,
        );
      }
  });

  test("diagonal methods move both coordinates alike, descent does not", async () => {
    for (const optimizer of [adagrad(0.5), rmsprop(0.01), adam(0.1)]) {
      const [x, y] = (await optimizerTrace(optimizer, 20))[20];
      expect(Math.abs(x - y)).toBeLessThan(1e-6);
    }
    const [x, y] = (await optimizerTrace(sgd(0.05), 20))[20];
    expect(Math.abs(x - y)).toBeGreaterThan(0.1);
  });
});
