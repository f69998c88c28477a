import { sameAval, showAval, sizeOf, stridesOf } from "../aval";
import type { Backend, DeviceBuffer } from "../backend";
import { type DType, dtypeOf, epsOf, isFloat, type TypedArray } from "../dtype";
import type { HostValue } from "../op";
import { printProgram } from "../print";
import { evaluate } from "../reference/evaluate";
import { type ConformanceCase, showInputs } from "./case";
import type { Tolerance } from "./tolerance";

/** How a backend differs from the reference. */
export interface Mismatch {
  readonly case: string;
  readonly law: "value" | "aval" | "leak" | "error" | "input changed" | "donation";
  /** A sentence for people: where, what was expected, what was seen. */
  readonly message: string;
}

/** What a device asks to be forgiven. */
export interface RunOptions {
  /** Widens every tolerance that is not exact; a device's own reason belongs beside the number. */
  readonly slack?: number | ((c: ConformanceCase) => number);
  /** false where a device does not promise the sign of zeros. */
  readonly signedZeros?: boolean;
  /** false where a device takes subnormal numbers for zeros and makes none: inputs are taken so, and results may be off by the smallest normal. */
  readonly subnormals?: boolean;
  /** Run only once: not again with donated inputs. */
  readonly once?: boolean;
}

/**
 * Puts one case to a backend: null where all laws hold, else the first mismatch. The program runs twice; the second time the backend
 * is given its inputs (donated), and must answer the same bits. Afterwards no buffer may be left.
 */
export const runCase = async (
  backend: Backend,
  c: ConformanceCase,
  options: RunOptions = {},
): Promise<Mismatch | null> =>
  judgeCase(backend, options.subnormals === false ? { ...c, inputs: c.inputs.map(withoutSubnormals) } : c, options);

const judgeCase = async (backend: Backend, c: ConformanceCase, options: RunOptions): Promise<Mismatch | null> => {
  const before = backend.live();
  const owned = new Set<DeviceBuffer>();
  const own = <B extends DeviceBuffer>(b: B): B => {
    owned.add(b);
    return b;
  };
  const fail = (law: Mismatch["law"], message: string): Mismatch => ({
    case: c.name,
    law,
    message: `${backend.name}: ${c.name}: ${message}\ninputs ${showInputs(c.inputs)}\n${printProgram(c.program)}`,
  });
  const judge = async (): Promise<Mismatch | null> => {
    const exe = backend.compile(c.program);
    try {
      const inputs = c.inputs.map((v) => own(backend.upload(v.data, v.aval)));
      const outputs = exe.run(inputs).map(own);
      const seen = await Promise.all(outputs.map((b) => backend.read(b)));
      const wrong = compareResults(c, outputs, seen, options);
      if (wrong) return fail(...wrong);
      for (const [i, b] of inputs.entries()) {
        const now = await backend.read(b);
        if (firstDifference(now, c.inputs[i].data) >= 0) return fail("input changed", `input ${i} was overwritten`);
      }
      if (options.once) return null;
      const again = exe.run(
        inputs,
        inputs.map(() => true),
      );
      for (const b of inputs) owned.delete(b);
      again.forEach(own);
      for (const [i, b] of again.entries()) {
        const now = await backend.read(b);
        const k = firstDifference(now, seen[i]);
        if (k >= 0)
          return fail(
            "donation",
            `with donated inputs output ${i} is ${now[k]} at flat index ${k}, without ${seen[i][k]}`,
          );
      }
      return null;
    } finally {
      exe.dispose();
    }
  };
  let found: Mismatch | null;
  try {
    found = await judge();
  } catch (e) {
    found = fail("error", e instanceof Error ? e.message : String(e));
  }
  try {
    for (const b of owned) backend.free(b);
  } catch (e) {
    found ??= fail("error", `while freeing: ${e instanceof Error ? e.message : String(e)}`);
  }
  return found ?? (await leak(backend, before, fail));
};

/** The mismatches among many cases. */
export const runCases = async (
  backend: Backend,
  cases: readonly ConformanceCase[],
  options?: RunOptions,
): Promise<Mismatch[]> => {
  const found: Mismatch[] = [];
  for (const c of cases) {
    const m = await runCase(backend, c, options);
    if (m) found.push(m);
  }
  return found;
};

/** A device may free behind its queue: it is given a few turns of the event loop. */
const leak = async (
  backend: Backend,
  before: { buffers: number; bytes: number },
  fail: (law: "leak", message: string) => Mismatch,
): Promise<Mismatch | null> => {
  for (let turn = 0; ; turn++) {
    const now = backend.live();
    if (now.buffers === before.buffers && now.bytes === before.bytes) return null;
    if (turn === 5)
      return fail(
        "leak",
        `${now.buffers - before.buffers} buffers and ${now.bytes - before.bytes} bytes more are alive than before`,
      );
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
};

const compareResults = (
  c: ConformanceCase,
  outputs: readonly DeviceBuffer[],
  seen: readonly TypedArray[],
  options: RunOptions,
): [Mismatch["law"], string] | null => {
  const expected = evaluate(c.program, c.inputs);
  if (outputs.length !== expected.length) return ["aval", `${outputs.length} outputs, not ${expected.length}`];
  const slack = typeof options.slack === "function" ? options.slack(c) : (options.slack ?? 1);
  for (const [i, want] of expected.entries()) {
    const { aval } = want;
    const got = seen[i];
    if (!sameAval(outputs[i].aval, aval))
      return ["aval", `output ${i} is ${showAval(outputs[i].aval)}, not ${showAval(aval)}`];
    if (dtypeOf(got) !== aval.dtype || got.length !== sizeOf(aval.shape))
      return ["aval", `output ${i} reads as ${dtypeOf(got)}[${got.length}], not ${showAval(aval)}`];
    const t = Array.isArray(c.tolerance) ? c.tolerance[i] : (c.tolerance as Tolerance);
    const k = firstOutside(want, got, t, scaleOf(c, i, want, t), slack, options);
    if (k >= 0)
      return [
        "value",
        `output ${i} at [${unravel(k, aval.shape).join(", ")}] is ${shown(got[k])}, expected ${shown(want.data[k])} within ${t.eps * slack} ε of its ${t.of}`,
      ];
  }
  return null;
};

const smallestNormal = (d: DType): number => (d === "float32" ? 2 ** -126 : 2 ** -1022);

const withoutSubnormals = (v: HostValue): HostValue => {
  if (!isFloat(v.aval.dtype)) return v;
  const bound = smallestNormal(v.aval.dtype);
  return { aval: v.aval, data: (v.data as Float64Array).map((x) => (Math.abs(x) < bound ? x * 0 : x)) };
};

const shown = (x: number | bigint): string => (Object.is(x, -0) ? "-0" : String(x));

const unravel = (flat: number, shape: readonly number[]): number[] =>
  stridesOf(shape).map((s, k) => Math.floor(flat / s) % shape[k]);

/** Per element, what the tolerance is relative to. */
const scaleOf = (c: ConformanceCase, output: number, want: HostValue, t: Tolerance): ((k: number) => number) => {
  const data = want.data as Float64Array;
  if (t.of === "unit") return () => 1;
  if (t.of === "result" || t.eps === 0 || !isFloat(want.aval.dtype)) return (k) => Math.abs(data[k]);
  const magnitudes = c.inputs.map((v) =>
    isFloat(v.aval.dtype) ? { aval: v.aval, data: (v.data as Float64Array).map(Math.abs) } : v,
  );
  const m = evaluate(c.program, magnitudes)[output].data as Float64Array;
  return (k) => m[k];
};

const firstOutside = (
  want: HostValue,
  seen: TypedArray,
  t: Tolerance,
  scale: (k: number) => number,
  slack: number,
  { signedZeros = true, subnormals = true }: RunOptions,
): number => {
  const { dtype } = want.aval;
  const x = want.data as Float64Array;
  const y = seen as Float64Array;
  const eps = t.eps * slack * epsOf(dtype);
  const flushed = subnormals || !isFloat(dtype) ? 0 : smallestNormal(dtype);
  for (let k = 0; k < x.length; k++) {
    if (Object.is(x[k], y[k])) continue;
    if (flushed > 0 && x[k] !== 0 && Math.abs(x[k] - y[k]) <= flushed) continue;
    if (x[k] === y[k] && (t.eps > 0 || !signedZeros)) continue; // the two zeros
    if (eps === 0 || !Number.isFinite(x[k])) return k;
    // Subnormal results are spaced absolutely.
    if (!(Math.abs(x[k] - y[k]) <= eps * scale(k) + 4 * smallest(dtype))) return k;
  }
  return -1;
};

const smallest = (d: DType): number => (d === "float32" ? 2 ** -149 : 2 ** -1074);

/** First index where two arrays differ bit for bit (any NaN equals any other), or -1. */
const firstDifference = (a: TypedArray, b: TypedArray): number => {
  if (a.length !== b.length) return 0;
  for (let k = 0; k < a.length; k++) if (!Object.is(a[k], b[k])) return k;
  return -1;
};
