import { expect, test } from "vitest";
import { digitsFlow } from "./digits";

const options = { seed: 5, width: 64, learningRate: 4e-3, batch: 64 };

const train = async (steps: number) => {
  const flow = await digitsFlow(options);
  let state = flow.init();
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, next } = flow.step(state);
    losses.push(loss.item() as number);
    state = next;
  }
  return { flow, state, losses };
};
const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;

test("before training the loss is that of a Gaussian; training finds what is not Gaussian", async () => {
  const { losses } = await train(100);
  // 1 per pixel is the loss of x ↦ −x at the noise's end; with the pixels' own variances it is a little less.
  expect(losses[0]).toBeGreaterThan(0.9);
  expect(losses[0]).toBeLessThan(1.1);
  expect(mean(losses.slice(-20))).toBeLessThan(0.9 * mean(losses.slice(0, 3)));
});

test("the same seed gives the same losses", async () => {
  expect((await train(5)).losses).toEqual((await train(5)).losses);
});

test("samples differ by class for equal noise, and stay near to what grey can be", async () => {
  const { flow, state } = await train(60);
  const noise = flow.noise(1);
  const sample = (c: number): number[] =>
    (flow.paths(state.network, noise, Int32Array.of(c), "euler", 8).toArray() as number[][][]).at(-1)?.[0] ?? [];
  const [zero, one] = [sample(0), sample(1)];
  expect(zero).toHaveLength(196);
  expect(Math.max(...zero.map((v, i) => Math.abs(v - (one[i] ?? 0))))).toBeGreaterThan(0.1);
  expect(mean(zero.map((v) => Math.max(0, v - 1) + Math.max(0, -v)))).toBeLessThan(0.1);
});
