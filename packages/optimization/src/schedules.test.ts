import { jit, scan, type Tensor, tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import {
  cosineDecay,
  exponentialDecay,
  inverseSqrtDecay,
  inverseTimeDecay,
  linearSchedule,
  piecewise,
  type ScheduleFunction,
  scaleByLearningRate,
  warmup,
} from "./index";

const at = (s: ScheduleFunction, t: number): number => s(tensor(Int32Array.of(t), { shape: [] })).item() as number;

/** [schedule, its formula in plain arithmetic, steps to look at: both sides of every boundary among them] */
const table: Record<string, [ScheduleFunction, (t: number) => number, number[]]> = {
  "linearSchedule up": [linearSchedule(0.1, 0.3, 7), (t) => 0.1 + 0.2 * Math.min(t / 7, 1), [0, 1, 6, 7, 8, 1000]],
  "linearSchedule down": [linearSchedule(1, 0, 10), (t) => 1 - Math.min(t / 10, 1), [0, 5, 9, 10, 11]],
  cosineDecay: [
    cosineDecay(0.4, 10),
    (t) => (t < 10 ? 0.2 * (1 + Math.cos((Math.PI * t) / 10)) : 0),
    [0, 1, 5, 9, 10, 11, 1e6],
  ],
  "cosineDecay to a floor": [
    cosineDecay(2, 8, { floor: 0.1 }),
    (t) => (t < 8 ? 2 * (0.1 + 0.45 * (1 + Math.cos((Math.PI * t) / 8))) : 0.2),
    [0, 4, 7, 8, 9],
  ],
  exponentialDecay: [exponentialDecay(0.5, 100, 0.1), (t) => 0.5 * 0.1 ** (t / 100), [0, 1, 100, 250]],
  "exponentialDecay in stairs": [
    exponentialDecay(0.5, 10, 0.5, { staircase: true }),
    (t) => 0.5 * 0.5 ** Math.floor(t / 10),
    [0, 9, 10, 19, 20, 35],
  ],
  inverseTimeDecay: [inverseTimeDecay(1), (t) => 1 / (t + 1), [0, 1, 2, 99]],
  "inverseTimeDecay, slower": [inverseTimeDecay(0.3, 50), (t) => 0.3 / (1 + t / 50), [0, 50, 100]],
  inverseSqrtDecay: [inverseSqrtDecay(0.3, 5), (t) => 0.3 / Math.sqrt(1 + t / 5), [0, 5, 15, 100]],
  "warmup to a number": [warmup(4, 0.2), (t) => 0.2 * Math.min((t + 1) / 4, 1), [0, 1, 2, 3, 4, 5, 100]],
  "warmup to a cosine": [
    warmup(4, cosineDecay(1, 10)),
    (t) => (t < 4 ? (t + 1) / 4 : 0.5 * (1 + Math.cos((Math.PI * Math.min(t - 4, 10)) / 10))),
    [0, 3, 4, 5, 9, 14, 20],
  ],
  piecewise: [
    piecewise([3, 10], [linearSchedule(0, 0.9, 3), 0.5, exponentialDecay(0.5, 1, 0.5)]),
    (t) => (t < 3 ? 0.3 * t : t < 10 ? 0.5 : 0.5 ** (t - 9)),
    [0, 1, 2, 3, 9, 10, 11, 15],
  ],
  "piecewise without boundaries": [piecewise([], [0.25]), () => 0.25, [0, 7]],
};

describe.each(Object.entries(table))("%s", (_name, [schedule, formula, steps]) => {
  test("has its values at 0, at the boundaries and beside them", () => {
    for (const t of steps) assertClose(at(schedule, t), formula(t), { rtol: 1e-14, atol: 1e-15 });
  });

  test("has the same values compiled and in a scan", () => {
    const want = steps.map((t) => at(schedule, t));
    const compiled = jit((t: Tensor) => schedule(t));
    const ts = tensor(Int32Array.from(steps));
    assertClose(
      steps.map((t) => compiled(tensor(Int32Array.of(t), { shape: [] })).item() as number),
      want,
      { rtol: 1e-15 },
    );
    assertClose(scan((c: Tensor, t: Tensor) => [c, schedule(t)] as const, 0, ts)[1], want, { rtol: 1e-15 });
  });
});

test("schedules end where they say, exactly", () => {
  expect([0, 3, 9].map((t) => at(linearSchedule(0.1, 0.3, 3), t))).toEqual([0.1, 0.3, 0.3]);
  expect(at(cosineDecay(0.7, 3), 3)).toBe(0);
  expect(at(cosineDecay(1, 3, { floor: 0.25 }), 4)).toBe(0.25);
});

test("warm-up joins what follows without a jump, and the first update moves", () => {
  const s = warmup(10, cosineDecay(0.3, 100));
  expect(at(s, 0)).toBeGreaterThan(0);
  expect(at(s, 9)).toBe(at(s, 10));
});

test("a schedule is drawn by giving it many steps", () => {
  assertClose(
    cosineDecay(1, 4)([0, 1, 2, 3, 4]),
    [0, 1, 2, 3, 4].map((t) => 0.5 * (1 + Math.cos((Math.PI * t) / 4))),
    { rtol: 1e-14, atol: 1e-16 },
  );
});

test("the optimizer reads the schedule at 0, 1, 2, …", () => {
  const { init, update } = scaleByLearningRate((t) => t);
  const g = tensor(Float64Array.of(1));
  let state = init(g);
  const seen: number[] = [];
  for (let i = 0; i < 4; i++) {
    const r = update(g, state, g);
    seen.push(...(r.updates.toArray() as number[]));
    state = r.state;
  }
  assertClose(seen, [0, -1, -2, -3]);
});

test("schedules that make no sense are refused by name", () => {
  expect(() => linearSchedule(1, 0, 0)).toThrow(/linearSchedule: steps must be positive/);
  expect(() => cosineDecay(Number.NaN, 3)).toThrow(/cosineDecay: rate must be finite/);
  expect(() => exponentialDecay(1, 10, -1)).toThrow(/factor must be positive/);
  expect(() => warmup(-1, 1)).toThrow(/warmup: steps/);
  expect(() => piecewise([5, 2], [1, 2, 3])).toThrow(/increasing boundaries/);
  expect(() => piecewise([5], [1])).toThrow(/one schedule more/);
});
