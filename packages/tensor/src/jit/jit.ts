import { DomainError, type Program } from "@ansatz/backend";
import { type Body, traceBody } from "../control/body";
import { bindCall } from "../control/call";
import { placement, runCompiled } from "../core/evaluate";
import type { Compiled } from "../core/executables";
import { release, residency } from "../core/residency";
import { state } from "../core/state";
import type { Tensor } from "../core/tensor";
import { type TensorLike, weakFloat } from "../core/tensor-like";
import type { Trace } from "../core/trace";
import { isAncestor } from "../transforms/staging";
import { leafTensor } from "../trees/on-leaves";
import { flattenInto, type Structure, unflattenFrom } from "../trees/structure";
import type { Tensors } from "../trees/types";
import { argOf, fits, type Spec, specDifference, specOf } from "./signature";
import type { Likes } from "./types";

export interface JitOptions {
  /** Arguments (by position) that are not traced: a new value compiles anew. */
  readonly static?: readonly number[];
  /** Arguments (by position) whose memory the results may take over; using them afterwards is an error. */
  readonly donate?: readonly number[];
  /** Called with the reason each time the function is traced. */
  readonly onMiss?: (report: string) => void;
  /** What the function is called in reports. */
  readonly name?: string;
}

interface Entry {
  readonly args: readonly Spec[];
  readonly float: string;
  readonly program: Program;
  readonly captured: readonly Tensor[];
  /** Transforms whose tracers were captured: the entry lives no longer than they. */
  readonly owners: readonly Trace[];
  readonly weak: readonly boolean[];
  readonly out: Structure;
  readonly donated: readonly boolean[] | undefined;
  compiled: Compiled | null;
  home: unknown;
}

/** Stages a function of trees; static arguments (and everything that is no leaf) are passed as they are. */
export const traceFunction = (
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  statics: readonly number[],
  origin: string,
): Body => {
  const leaves: unknown[] = [];
  const structures = args.map((a, i) =>
    statics.includes(i) ? ({ kind: "static", value: a } as const) : flattenInto(a, leaves, origin, `argument ${i}`),
  );
  return traceBody(
    f,
    structures,
    leaves.map((x) => argOf(leafTensor(x, origin))),
    origin,
  );
};

/**
 * Compiles a function: it runs once per signature (shapes, dtypes, tree structure, static arguments) with stand-ins, and the program
 * recorded runs from then on. Inside other transforms it is one equation.
 *
 * @throws {TraceError} where the function asks a tensor for its value
 * @example const step = jit((w, x) => sub(w, mul(0.1, x)))
 */
export function jit<R>(f: (x: Tensor) => R, options?: JitOptions): (x: TensorLike) => Tensors<R>;
export function jit<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: JitOptions,
): (...args: Likes<A>) => Tensors<R>;
export function jit(f: (...args: never[]) => unknown, options: JitOptions = {}): (...args: never[]) => unknown {
  const name = options.name ?? (f.name === "" ? "function" : f.name);
  const origin = `jit(${name})`;
  const statics = options.static ?? [];
  const entries: Entry[] = [];

  const find = (args: readonly unknown[], leaves: unknown[]): Entry | null => {
    const float = weakFloat();
    for (let k = 0; k < entries.length; k++) {
      const e = entries[k];
      if (e.float !== float || e.args.length !== args.length) continue;
      leaves.length = 0;
      let i = 0;
      while (i < args.length && fits(e.args[i], args[i], leaves)) i++;
      if (i < args.length) continue;
      if (e.owners.length > 0 && !e.owners.every((t) => isAncestor(t, state.trace))) {
        entries.splice(k--, 1);
        continue;
      }
      if (k > 0) {
        entries.splice(k, 1);
        entries.unshift(e);
      }
      return e;
    }
    return null;
  };

  const specs = (args: readonly unknown[]): Spec[] =>
    args.map((a, i) => (statics.includes(i) ? { kind: "static", value: a } : specOf(a, origin)));

  const miss = (args: readonly unknown[]): Entry => {
    const signature = specs(args);
    options.onMiss?.(missReport(origin, entries.at(0)?.args, signature));
    const t = traceFunction(f, args, statics, origin);
    const entry: Entry = {
      args: signature,
      float: weakFloat(),
      program: t.program,
      captured: t.captured,
      owners: t.captured.flatMap((c) => (c.trace === null ? [] : [c.trace])),
      weak: t.weak,
      out: t.out,
      donated: donatedInputs(args, options.donate, statics, t.captured.length, origin),
      compiled: null,
      home: null,
    };
    entries.unshift(entry);
    if (entries.length > mostEntries) entries.pop();
    return entry;
  };

  const jitted = (...args: unknown[]): unknown => {
    const leaves: unknown[] = [];
    let e = find(args, leaves);
    if (e === null) {
      e = miss(args);
      leaves.length = 0;
      for (let i = 0; i < args.length; i++) fits(e.args[i], args[i], leaves);
    }
    const n = e.captured.length;
    const inputs: Tensor[] = new Array(n + leaves.length);
    for (let i = 0; i < n; i++) inputs[i] = e.captured[i];
    for (let i = 0; i < leaves.length; i++) inputs[n + i] = leafTensor(leaves[i], origin);
    const outs = state.trace === null ? execute(e, inputs, origin) : bindCall(inputs, e.program, name);
    return e.out.kind === "leaf" ? outs[0] : unflattenFrom(e.out, outs, { at: 0 });
  };
  Object.defineProperty(jitted, "name", { value: name });
  Object.defineProperty(jitted, prepareSymbol, {
    value: async (args: readonly unknown[]): Promise<void> => {
      const leaves: unknown[] = [];
      const e = find(args, leaves) ?? miss(args);
      leaves.length = 0;
      for (let i = 0; i < args.length; i++) fits(e.args[i], args[i], leaves);
      const home = residency(placement(origin, [...e.captured, ...leaves.map((x) => leafTensor(x, origin))]));
      await home.executables.prepare(home.executables.get(e.program));
    },
  });
  return jitted as never;
}

/** Signatures remembered per function; the one unused longest is forgotten. */
const mostEntries = 256;

const prepareSymbol = Symbol.for("@ansatz/tensor/prepare");

/**
 * Traces and compiles a jitted function for arguments like these without running it, off the main thread where the platform can: the first
 * call then does not stall a page.
 *
 * @throws {DomainError} f was not made by jit
 * @example
 * const step = jit((x) => sum(exp(x)));
 * await prepare(step, [1, 2, 3]);
 */
export const prepare = async <A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  ...args: NoInfer<A>
): Promise<void> => {
  const make = (f as unknown as Record<symbol, ((args: readonly unknown[]) => Promise<void>) | undefined>)[
    prepareSymbol
  ];
  if (make === undefined)
    throw new DomainError("prepare", "takes a function made by jit", { seen: f.name || "a function" });
  await make(args);
};

const execute = (e: Entry, inputs: Tensor[], origin: string): readonly Tensor[] => {
  const home = residency(placement(origin, inputs));
  if (e.home !== home) {
    e.home = home;
    e.compiled = home.executables.get(e.program);
  }
  if (e.donated === undefined || state.debugNaNs) return runCompiled(home, e.compiled!, inputs, e.weak, origin);
  return runDonating(e, inputs, origin, home);
};

const runDonating = (
  e: Entry,
  inputs: readonly Tensor[],
  origin: string,
  home: ReturnType<typeof residency>,
): readonly Tensor[] => {
  const forwarded = new Set(e.compiled!.sources.map((s) => s.input));
  // A tensor passed twice, or handed through, is not given away; a JS number is uploaded for the one call anyway.
  const seen = new Map<unknown, number>();
  for (const t of inputs) seen.set(t.cell, (seen.get(t.cell) ?? 0) + 1);
  const number = (t: Tensor): boolean => t.weak && t.shape.length === 0 && t.cell!.host !== null;
  const donate = e.donated!.map(
    (d, i) => d && !forwarded.has(i) && seen.get(inputs[i].cell) === 1 && !number(inputs[i]),
  );
  const outs = runCompiled(home, e.compiled!, inputs, e.weak, origin, donate);
  inputs.forEach((t, i) => {
    if (donate[i]) release(t.cell!, `it was donated to ${origin}`, true);
  });
  return outs;
};

const donatedInputs = (
  args: readonly unknown[],
  donate: readonly number[] | undefined,
  statics: readonly number[],
  captured: number,
  origin: string,
): readonly boolean[] | undefined => {
  if (donate === undefined || donate.length === 0) return undefined;
  const out: boolean[] = new Array(captured).fill(false);
  args.forEach((a, i) => {
    if (statics.includes(i)) return;
    const leaves: unknown[] = [];
    flattenInto(a, leaves, origin);
    for (const _ of leaves) out.push(donate.includes(i));
  });
  return out;
};

/** Why a call could not use what was compiled before. */
const missReport = (origin: string, before: readonly Spec[] | undefined, now: readonly Spec[]): string => {
  if (before === undefined) return `${origin}: first call`;
  if (before.length !== now.length) return `${origin}: ${before.length} arguments before, now ${now.length}`;
  for (let i = 0; i < now.length; i++) {
    const d = specDifference(before[i], now[i], `argument ${i}`);
    if (d) return `${origin}: compiled again, because ${d}`;
  }
  return `${origin}: compiled again, because the default float or a captured tensor changed`;
};
