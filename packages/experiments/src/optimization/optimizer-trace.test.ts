import { adagrad, adam, rmsprop, sgd } from "@ansatz/optimization";
import { expect, test } from "vitest";
import { optimizerTrace } from "./optimizer-trace";

test("diagonal methods move both coordinates alike, descent does not", async () => {
  for (const optimizer of [adagrad(0.5), rmsprop(0.01), adam(0.1)]) {
    const [x, y] = (await optimizerTrace(optimizer, 20))[20];
    expect(Math.abs(x - y)).toBeLessThan(1e-6);
  }
  const [x, y] = (await optimizerTrace(sgd(0.05), 20))[20];
  expect(Math.abs(x - y)).toBeGreaterThan(0.1);
});
