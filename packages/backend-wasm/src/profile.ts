import { type Backend, BackendError, type DeviceBuffer, type Program } from "@ansatz/backend";
import { WasmBackend } from "./backend";
import { describe } from "./explain";
import type { Step } from "./plan/func";

export interface ProfileOptions {
  /** Runs that are measured; as many again come first, so that the engine has optimised the code. */
  readonly runs?: number;
}

export interface Profile {
  /** Median time of a run, in milliseconds; measuring adds about 0.1 µs to every step. */
  readonly ms: number;
  /** The steps of the program, those of loop bodies behind the loop. */
  readonly steps: readonly StepTime[];
  /** The program's steps as `explain` shows them, each with its calls, its time and its share. */
  readonly text: string;
}

export interface StepTime {
  readonly kind: Step["kind"];
  /** Per run: how often the step was done, and its mean time in milliseconds, without the steps inside of it. */
  readonly calls: number;
  readonly ms: number;
}

/**
 * Where the time of a program goes, step by step: it is compiled anew with a mark behind every step, and run. Clocks of pages are coarse
 * (up to 0.1 ms): profile there with many runs, or in Node.
 *
 * @param inputs buffers of this backend, one per input; they are not changed
 * @throws {BackendError} the backend is of another kind
 */
export const profile = (
  backend: Backend,
  p: Program,
  inputs: readonly DeviceBuffer[],
  { runs = 20 }: ProfileOptions = {},
): Profile => {
  if (!(backend instanceof WasmBackend))
    throw new BackendError("profile", "knows the steps of the wasm backend only", { backend: backend.name });
  const prepared = backend.prepared(p);
  const steps: Step[] = [];
  let last = 0;
  let times: number[] = [];
  let calls: number[] = [];
  const exe = backend.instrumented(prepared, steps, (step) => {
    times[step] += performance.now() - last;
    calls[step]++;
    last = performance.now();
  });
  const walls: number[] = [];
  const measure = (): void => {
    times = new Array(steps.length).fill(0);
    calls = new Array(steps.length).fill(0);
    walls.length = 0;
    for (let turn = 0; turn < runs; turn++) {
      const start = performance.now();
      last = start;
      const outputs = exe.run(inputs);
      walls.push(performance.now() - start);
      for (const b of outputs) backend.free(b);
    }
  };
  measure();
  measure();
  const total = times.reduce((a, b) => a + b, 0);
  // A body may be emitted in several places; its steps are the same objects.
  const own = new Map<Step, StepTime>();
  steps.forEach((s, i) => {
    const before = own.get(s) ?? { calls: 0, ms: 0 };
    own.set(s, { kind: s.kind, calls: before.calls + calls[i] / runs, ms: before.ms + times[i] / runs });
  });
  const note = (s: Step): string => {
    const t = own.get(s);
    if (!t) return "";
    const share = total > 0 ? ` (${((100 * t.ms * runs) / total).toFixed(0)} %)` : "";
    return `   ${t.calls === 1 ? "" : `${round(t.calls)} × `}${round(t.ms / Math.max(1, t.calls))} ms${share}`;
  };
  const ms = walls.sort((a, b) => a - b)[runs >> 1];
  const text = [`${round(ms)} ms a run`, ...describe(prepared.func, prepared.layout, "", note)].join("\n");
  return { ms, steps: [...own.values()], text };
};

const round = (x: number): string => String(Number(x.toPrecision(3)));
