import { afterEach, expect, test } from "vitest";
import { LiveHost } from "./host";
import type { LiveExperiment, Report } from "./protocol";

interface Config {
  readonly seed: number;
  readonly until?: number;
  readonly failAt?: number;
  /** Milliseconds a start takes. */
  readonly slow?: number;
}
interface View {
  readonly zoom: number;
}
interface Frame {
  readonly state: number;
  readonly zoom: number;
}

let disposed = 0;
const opened: LiveHost<Config, View, Frame>[] = [];
afterEach(() => {
  for (const host of opened.splice(0)) host.pause();
  disposed = 0;
});

/** A linear congruential generator: its state after n steps shows whether n steps were made, no more and no less. */
const experiment: LiveExperiment<Config, View, Frame> = {
  backends: ["none"],
  async start({ seed, until = Number.POSITIVE_INFINITY, failAt, slow = 0 }) {
    await new Promise((resolve) => setTimeout(resolve, slow));
    let state = seed;
    let step = 0;
    return {
      backend: "none",
      get step() {
        return step;
      },
      get done() {
        return step >= until;
      },
      advance() {
        if (step === failAt) throw new RangeError("the state left the integers");
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        step++;
      },
      frame: ({ zoom }) => ({ frame: { state, zoom }, transfer: [] }),
      dispose: () => void disposed++,
    };
  },
};

const after = (seed: number, steps: number): number => {
  let state = seed;
  for (let i = 0; i < steps; i++) state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state;
};

const open = () => {
  // Node handles up to a thousand messages before it looks at its timers, so the tests breathe another way.
  const host = new LiveHost(
    experiment,
    (value) => value,
    () => new Promise((resolve) => setImmediate(resolve)),
  );
  opened.push(host);
  const reports: Report<Frame>[] = [];
  host.connect((report) => void reports.push(report));
  const frames = () => reports.filter((report) => report.kind === "frame");
  return { host, reports, frames };
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a run is ready, then shows itself at step 0", async () => {
  const { host, reports } = open();
  await host.init(1, { seed: 5 }, { zoom: 2 });
  expect(reports).toEqual([
    { kind: "ready", run: 1, backend: "none", backends: ["none"] },
    { kind: "frame", run: 1, frame: { state: 5, zoom: 2 }, step: 0, rate: undefined },
  ]);
});

test("what is computed depends on the steps, not on chunks, pauses and looks between them", async () => {
  const { host, frames } = open();
  await host.init(1, { seed: 9, until: 40_000 }, { zoom: 1 });
  for (let i = 0; i < 5; i++) await host.step();
  host.play();
  await sleep(5);
  host.pause();
  await host.look({ zoom: 3 });
  host.play();
  await expect.poll(() => frames().at(-1)?.step, { timeout: 5000 }).toBe(40_000);
  expect(frames().at(-1)).toMatchObject({ frame: { state: after(9, 40_000), zoom: 3 } });
  for (const { step, frame } of frames()) expect(frame.state).toBe(after(9, step));
});

test("pausing stops the steps, and the last ones are shown", async () => {
  const { host, frames } = open();
  await host.init(1, { seed: 1 }, { zoom: 1 });
  host.play();
  await sleep(120);
  host.pause();
  await sleep(120);
  const stopped = frames().at(-1)?.step ?? 0;
  expect(stopped).toBeGreaterThan(0);
  await sleep(120);
  await host.step();
  expect(frames().at(-1)?.step).toBe(stopped + 1);
});

test("frames come at most ten times a second while it runs", async () => {
  const { host, frames } = open();
  await host.init(1, { seed: 1 }, { zoom: 1 });
  const before = frames().length;
  host.play();
  await sleep(560);
  host.pause();
  expect(frames().length - before).toBeGreaterThanOrEqual(1);
  expect(frames().length - before).toBeLessThanOrEqual(7);
});

test("a configuration that comes while another is being built takes its place", async () => {
  const { host, reports } = open();
  const first = host.init(1, { seed: 1, slow: 60 }, { zoom: 1 });
  await sleep(10);
  await Promise.all([first, host.init(2, { seed: 2 }, { zoom: 1 })]);
  expect(reports.map(({ run }) => run)).toEqual([2, 2]);
  expect(disposed).toBe(1);
});

test("an error ends the run and is reported with its message", async () => {
  const { host, reports } = open();
  await host.init(1, { seed: 1, failAt: 3 }, { zoom: 1 });
  host.play();
  await expect.poll(() => reports.at(-1)?.kind).toBe("failed");
  expect(reports.at(-1)).toMatchObject({ error: { name: "RangeError", message: "the state left the integers" } });
  await sleep(100);
  expect(reports.filter(({ kind }) => kind === "failed")).toHaveLength(1);
});
