import { toyLaws } from "@ansatz/datasets";
import { describe, expect, test } from "vitest";
import { type PlaneOptions, planeFlow } from "./plane";

const options: PlaneOptions = { law: "moons", seed: 3, width: 32, learningRate: 5e-3, batch: 128 };

const train = (o: PlaneOptions, steps: number) => {
  const flow = planeFlow(o);
  let state = flow.init();
  const before = flow.distance(state.network);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, next } = flow.step(state);
    losses.push(loss.item() as number);
    state = next;
  }
  return { flow, state, losses, before, after: flow.distance(state.network) };
};

describe.each(Object.keys(toyLaws) as (keyof typeof toyLaws)[])("%s", (law) => {
  test("training brings the energy distance down at least five times, near to that of fresh samples", () => {
    const { flow, before, after } = train({ ...options, law }, 300);
    expect(before / after).toBeGreaterThan(5);
    expect(after).toBeLessThan(4 * flow.floor());
  });
});

test("the same seed gives the same losses, another seed others", () => {
  const [a, b, c] = [train(options, 20), train(options, 20), train({ ...options, seed: 4 }, 20)];
  expect(a.losses).toEqual(b.losses);
  expect(a.after).toBe(b.after);
  expect(a.losses).not.toEqual(c.losses);
});

test("looking at a run does not change its numbers", () => {
  const looked = planeFlow(options);
  let state = looked.init();
  const losses: number[] = [];
  for (let i = 0; i < 20; i++) {
    looked.paths(state.network, looked.noise(50), i % 2 ? "euler" : "heun", 3 + (i % 3));
    const { loss, next } = looked.step(state);
    losses.push(loss.item() as number);
    state = next;
  }
  expect(losses).toEqual(train(options, 20).losses);
});

test("paths begin in the noise and move along the field", () => {
  const { flow, state } = train(options, 50);
  const x0 = flow.noise(8);
  const steps = 4;
  const paths = flow.paths(state.network, x0, "euler", steps).toArray() as number[][][];
  expect(paths).toHaveLength(steps + 1);
  expect(paths[0]).toEqual(x0.toArray());
  const velocity = flow
    .field(
      state.network,
      x0,
      Float32Array.from({ length: 8 }, () => 0),
    )
    .toArray() as number[][];
  paths[1]?.forEach((x, i) =>
    x.forEach((v, k) => {
      expect(v).toBeCloseTo((paths[0]?.[i]?.[k] ?? Number.NaN) + (velocity[i]?.[k] ?? Number.NaN) / steps, 4);
    }),
  );
});
