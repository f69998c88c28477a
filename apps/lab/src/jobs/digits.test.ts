import { wasmBackend } from "@ansatz/backend-wasm";
import { beforeAll, expect, test, vi } from "vitest";
import type { TrainConfig, TrainJob } from "../job";
import { digitsKind } from "./digits";

vi.setConfig({ testTimeout: 60_000 });

const config: TrainConfig = {
  ...digitsKind.defaults,
  dataset: "digits",
  size: 14,
  components: 24,
  hidden: 32,
  layers: 1,
  batch: 64,
  steps: 200,
  lr: 3e-3,
};
let job: TrainJob<unknown>;
let start: unknown;
beforeAll(async () => {
  job = await digitsKind.create(config, wasmBackend());
  start = await job.init();
}, 60_000);

test("a state that was saved and loaded goes on bit for bit, over the end of an epoch too", async () => {
  const run = (state: unknown, steps: number): { state: unknown; losses: number[] } => {
    const losses: number[] = [];
    let s = state;
    for (let i = 0; i < steps; i++) {
      const done = job.step(s);
      s = done.state;
      losses.push(done.loss);
    }
    return { state: s, losses };
  };
  const first = run(await job.load(await job.save(start)), 120);
  const saved = await job.save(first.state);
  const straight = run(first.state, 10);
  const other = await digitsKind.create(config, wasmBackend());
  const resumed = await other.load(saved);
  const again: number[] = [];
  let s = resumed;
  for (let i = 0; i < 10; i++) {
    const done = other.step(s);
    s = done.state;
    again.push(done.loss);
  }
  expect(again).toEqual(straight.losses);
  expect(await other.save(s)).toEqual(await job.save(straight.state));
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
  expect(mean(first.losses.slice(-20))).toBeLessThan(0.93 * mean(first.losses.slice(0, 20)));
});

test("the held-out loss falls with training and is the same whenever it is asked for", async () => {
  let s = await job.load(await job.save(start));
  const before = job.evaluate(s);
  expect(job.evaluate(s)).toBe(before);
  for (let i = 0; i < 100; i++) s = job.step(s).state;
  expect(job.evaluate(s)).toBeLessThan(0.97 * before);
});

test("samples depend on the seed and the class, and neither on how many are drawn nor on anything else", async () => {
  const s = await job.load(await job.save(start));
  const request = { steps: 8, solver: "heun", seed: 5 } as const;
  const many = await job.sample(s, { ...request, labels: Array.from({ length: 25 }, (_, i) => i % 10) });
  expect(many.pixels.length).toBe(25 * 196);
  expect(await job.sample(s, { ...request, labels: Array.from({ length: 25 }, (_, i) => i % 10) })).toEqual(many);
  const few = await job.sample(s, { ...request, labels: Array.from({ length: 20 }, (_, i) => i % 10) });
  expect(few.pixels).toEqual(many.pixels.subarray(0, 20 * 196));
  const other = await job.sample(s, { ...request, labels: Array.from({ length: 25 }, (_, i) => i % 10), seed: 6 });
  expect(other.pixels).not.toEqual(many.pixels);
});

test("arrays that are not the model's are refused by name", async () => {
  const arrays = await job.save(start);
  const { "training.step": step, ...without } = arrays;
  await expect(job.load(without)).rejects.toThrow(/training\.step is missing/);
  await expect(job.load({ ...arrays, extra: step })).rejects.toThrow(/holds extra/);
  const swapped = { ...arrays, "frame.mean": arrays["frame.variance"] };
  await expect(job.load(swapped)).rejects.toThrow(/frame\.mean is float32 \[24\], the model has float32 \[196\]/);
  const narrow = await digitsKind.create({ ...config, hidden: 16 }, wasmBackend());
  await expect(narrow.load(arrays)).rejects.toMatchObject({ exitCode: 4 });
});
