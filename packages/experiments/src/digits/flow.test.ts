import { digitArrays } from "@ansatz/datasets";
import { key, normal, tensor } from "@ansatz/tensor";
import { beforeAll, expect, test, vi } from "vitest";
import { type DigitData, type DigitFlow, type DigitFlowOptions, digitFlow } from "./flow";
import { type DigitFrame, digitFrame } from "./frame";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const options: DigitFlowOptions = { seed: 5, width: 64, blocks: 1, learningRate: 4e-3, batch: 64 };
let frame: DigitFrame;
let images: ReturnType<typeof tensor>;
let labels: ReturnType<typeof tensor>;
beforeAll(async () => {
  const d = await digitArrays({ size: 14 });
  frame = digitFrame(d.images, d.count, 196, 48);
  images = tensor(d.images, { shape: [d.count, 196] });
  labels = tensor(d.labels);
});

const train = (flow: DigitFlow, steps: number, data: DigitData = flow.encode(images, labels)) => {
  let state = flow.init();
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, next } = flow.step(state, i, data);
    losses.push(loss.item() as number);
    state = next;
  }
  return { state, losses };
};
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b) / values.length;

test("before training the loss is that of the digits' Gaussian, the mean of πs/2; training finds what is not Gaussian", () => {
  const { losses } = train(digitFlow(frame, options), 160);
  const gaussian = (mean((frame.variance.dataSync() as Float32Array).map(Math.sqrt)) * Math.PI) / 2;
  expect(Math.abs(losses[0] / gaussian - 1)).toBeLessThan(0.05);
  expect(mean(losses.slice(-20))).toBeLessThan(0.92 * gaussian);
});

test("the same seed gives the same losses, another seed others", () => {
  const of = (seed: number) => train(digitFlow(frame, { ...options, seed }), 5).losses;
  expect(of(5)).toEqual(of(5));
  expect(of(6)).not.toEqual(of(5));
});

test("samples differ by class for equal noise, paths end in them, and greys stay near to what a grey can be", () => {
  const flow = digitFlow(frame, options);
  const { state } = train(flow, 60);
  const noise = normal(key(1), [1, 48], { dtype: "float32" });
  const one = (c: number) => flow.sample(state.average, noise, tensor(Int32Array.of(c)), "euler", 8, 1).dataSync();
  const [zero, seven] = [one(0), one(7)] as Float32Array[];
  expect(Math.max(...zero.map((v, i) => Math.abs(v - seven[i])))).toBeGreaterThan(0.05);
  expect(mean(zero.map((v) => Math.max(0, v - 1) + Math.max(0, -v)))).toBeLessThan(0.1);
  const path = flow.paths(state.average, noise, tensor(Int32Array.of(0)), "euler", 8);
  expect(path.shape).toEqual([9, 1, 196]);
  const last = (path.dataSync() as Float32Array).slice(8 * 196);
  last.forEach((v, i) => expect(Math.abs(v - zero[i])).toBeLessThan(1e-5));
});

test("where classes are hidden now and then, guidance goes from the field without a class through that of the class and on", () => {
  const flow = digitFlow(frame, { ...options, dropLabel: 0.5 });
  const { state } = train(flow, 60);
  const noise = normal(key(2), [4, 48], { dtype: "float32" });
  const at = (guidance: number, label: number) =>
    flow
      .sample(state.average, noise, tensor(Int32Array.of(label, label, label, label)), "euler", 1, guidance)
      .dataSync() as Float32Array;
  const [none, whole, twice] = [at(0, 3), at(1, 3), at(2, 3)];
  // One Euler step is linear in the field.
  whole.forEach((v, i) => expect(Math.abs(none[i] + twice[i] - 2 * v)).toBeLessThan(1e-4));
  expect(at(0, 8)).toEqual(none);
  expect(at(1, 8)).not.toEqual(whole);
});

test("the held-out loss is that of the average, and the same whenever it is asked for", () => {
  const flow = digitFlow(frame, options);
  const data = flow.encode(images, labels);
  const { state } = train(flow, 40, data);
  const asked = () => flow.heldOut(state.average, data).item() as number;
  expect(asked()).toBe(asked());
  expect(asked()).toBeLessThan(flow.heldOut(flow.init().average, data).item() as number);
});
