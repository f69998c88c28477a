import { type Aval, sizeOf } from "../aval";
import type { Backend } from "../backend";
import { hostArray, type TypedArray } from "../dtype";
import { AnsatzError, BackendError } from "../errors";
import type { HostValue, Op, Params } from "../op";
import * as core from "../ops/shape";
import { type Atom, type Equation, equation, type Literal, newVar, singleton, type Var } from "../program";
import type { DeviceKernel } from "./device";
import type { CondStep, HostStep, Plan, ScanStep, Step, TapStep, WhileStep } from "./plan";
import type { Store, Value } from "./store";

/** A computation that yields promises where it must wait for the device, and does not yield where it need not. */
type Job<T> = Generator<Promise<unknown>, T, unknown>;

/** Times a loop may fall back to the host, with a read, before it is called hot. */
const hot = 10;

/** Counters and services shared by all runs of a backend. */
export class Machine<B> {
  dispatches = 0;
  readonly fallbacks = new Map<string, number>();
  private readonly warned = new Set<string>();
  constructor(
    readonly store: Store<B>,
    readonly host: Backend,
    private readonly warn: (message: string) => void,
  ) {}
  fellBack(eqs: readonly Equation[], inLoop: boolean): void {
    for (const { op } of eqs) {
      const n = (this.fallbacks.get(op.name) ?? 0) + 1;
      this.fallbacks.set(op.name, n);
      if (!inLoop || n < hot || this.warned.has(op.name)) continue;
      this.warned.add(op.name);
      this.warn(
        `${this.store.device.name}: ${op.name} has no kernel here and runs on the host inside a loop, with a transfer at every step; ` +
          "take it out of the loop, or use the wasm backend",
      );
    }
  }
}

/**
 * One run of a plan. Every reference it holds is recorded, so that a failure anywhere gives all of them back. Functions consume the
 * values they are given and hand over those they return.
 */
export class Run<B> {
  private readonly held = new Map<Value<B>, number>();
  private readonly store: Store<B>;
  private loops = 0;
  constructor(
    private readonly machine: Machine<B>,
    private readonly literals: ReadonlyMap<Literal, Value<B>>,
  ) {
    this.store = machine.store;
  }

  hold(v: Value<B>): Value<B> {
    this.held.set(v, (this.held.get(v) ?? 0) + 1);
    return v;
  }
  private retain(v: Value<B>): Value<B> {
    v.refs++;
    return this.hold(v);
  }
  /** Gives up the record of a reference without dropping it: its new owner has it. */
  handOver(v: Value<B>): Value<B> {
    const n = this.held.get(v) ?? 0;
    if (n > 1) this.held.set(v, n - 1);
    else this.held.delete(v);
    return v;
  }
  private release(v: Value<B>): void {
    this.store.release(this.handOver(v));
  }
  /** After a failure. */
  abandon(): void {
    for (const [v, n] of this.held) for (let i = 0; i < n; i++) this.store.release(v);
    this.held.clear();
  }
  private fromHost = (aval: Aval, data: TypedArray): Value<B> => this.hold(this.store.onHost(aval, data));
  private fromDevice = (aval: Aval, b: B): Value<B> => this.hold(this.store.onDevice(aval, b));

  *plan(plan: Plan<B>, inputs: readonly Value<B>[]): Job<Value<B>[]> {
    const env = new Map<Var, Value<B>>(plan.inputs.map((v, i) => [v, inputs[i]]));
    const get = (a: Atom): Value<B> => (a.kind === "var" ? env.get(a) : this.literals.get(a)) as Value<B>;
    const kill = (v: Var): void => {
      this.release(get(v));
      env.delete(v);
    };
    plan.unused.forEach(kill);
    for (const step of plan.steps) {
      const outs = yield* this.step(step, step.inputs.map(get));
      for (const [i, v] of step.outputs.entries()) env.set(v, outs[i]);
      step.dies.forEach(kill);
    }
    const outputs = plan.outputs.map((a) => this.retain(get(a)));
    for (const v of [...env.keys()]) kill(v);
    return outputs;
  }

  /** Borrows its inputs. */
  private *step(step: Step<B>, ins: readonly Value<B>[]): Job<Value<B>[]> {
    try {
      switch (step.kind) {
        case "device":
          return yield* this.kernel(
            step.kernel,
            ins,
            step.outputs.map((v) => v.aval),
          );
        case "host":
          return yield* this.onHost(step, ins);
        case "scan":
          return yield* this.scan(step, ins);
        case "while":
          return yield* this.loop(step, ins);
        case "cond":
          return yield* this.branch(step, ins);
        case "tap":
          return yield* this.tap(step, ins);
      }
    } catch (e) {
      throw named(e, step.equations.map((eq) => eq.op.name).join(", "), this.store.device.name);
    }
  }

  private *hostValue(v: Value<B>): Job<HostValue> {
    return { aval: v.aval, data: yield* this.store.toHost(v) };
  }

  private *kernel(kernel: DeviceKernel<B>, ins: readonly Value<B>[], outs: readonly Aval[]): Job<Value<B>[]> {
    const onHost = kernel.onHost ?? [];
    const host: HostValue[] = [];
    for (const i of onHost) host.push(yield* this.hostValue(ins[i]));
    const device = ins.filter((_, i) => !onHost.includes(i)).map((v) => this.store.toDevice(v));
    this.machine.dispatches++;
    const results = kernel.run(device, host);
    return outs.map((a, i) => this.fromDevice(a, results[i]));
  }

  private *onHost(step: HostStep, ins: readonly Value<B>[]): Job<Value<B>[]> {
    const { host } = this.machine;
    if (step.fallback) this.machine.fellBack(step.equations, this.loops > 0 && ins.some((v) => v.host === undefined));
    const data: TypedArray[] = [];
    for (const v of ins) data.push(yield* this.store.toHost(v));
    const buffers = ins.map((v, i) => host.upload(data[i], v.aval));
    let outs: ReturnType<typeof step.executable.run>;
    try {
      outs = step.executable.run(
        buffers,
        buffers.map(() => true),
      );
    } catch (e) {
      // What a failed run has not consumed is still ours.
      for (const b of buffers) tryTo(() => host.free(b));
      throw e;
    }
    try {
      return outs.map((b) => this.fromHost(b.aval, host.readSync?.(b) as TypedArray));
    } finally {
      for (const b of outs) host.free(b);
    }
  }

  private *tap(step: TapStep, ins: readonly Value<B>[]): Job<Value<B>[]> {
    const values: HostValue[] = [];
    for (const v of ins) values.push({ aval: v.aval, data: (yield* this.store.toHost(v)).slice() });
    (step.callback as (...vs: HostValue[]) => void)(...values);
    return ins.map((v) => this.retain(v));
  }

  private *branch(step: CondStep<B>, ins: readonly Value<B>[]): Job<Value<B>[]> {
    const index = Number((yield* this.store.toHost(ins[0]))[0]);
    const i = Math.max(0, Math.min(index, step.branches.length - 1));
    return yield* this.plan(
      step.branches[i],
      ins.slice(1).map((v) => this.retain(v)),
    );
  }

  private *loop(step: WhileStep<B>, ins: readonly Value<B>[]): Job<Value<B>[]> {
    const { condConsts, bodyConsts } = step.params;
    const forCond = ins.slice(0, condConsts);
    const forBody = ins.slice(condConsts, condConsts + bodyConsts);
    const again = (vs: readonly Value<B>[]) => vs.map((v) => this.retain(v));
    let carry = again(ins.slice(condConsts + bodyConsts));
    this.loops++;
    while (true) {
      const [p] = yield* this.plan(step.cond, [...again(forCond), ...again(carry)]);
      const goOn = (yield* this.store.toHost(p))[0];
      this.release(p);
      if (!goOn) break;
      carry = yield* this.plan(step.body, [...again(forBody), ...carry]);
    }
    this.loops--;
    return carry;
  }

  private *scan(step: ScanStep<B>, ins: readonly Value<B>[]): Job<Value<B>[]> {
    const { length, consts, carry: carried, reverse } = step.params;
    const again = (vs: readonly Value<B>[]) => vs.map((v) => this.retain(v));
    let carry = again(ins.slice(consts, consts + carried));
    const xs = ins.slice(consts + carried);
    const ys = step.outputs.slice(carried).map(() => new Array<Value<B>>(length));
    this.loops++;
    for (let k = 0; k < length; k++) {
      const i = reverse ? length - 1 - k : k;
      const rows: Value<B>[] = [];
      for (const x of xs) rows.push(yield* this.row(x, i));
      const out = yield* this.plan(step.body, [...again(ins.slice(0, consts)), ...carry, ...rows]);
      carry = out.slice(0, carried);
      for (const [j, y] of ys.entries()) y[i] = out[carried + j];
    }
    this.loops--;
    const stacked: Value<B>[] = [];
    for (const [j, rows] of ys.entries()) stacked.push(yield* this.stack(rows, step.outputs[carried + j].aval));
    return [...carry, ...stacked];
  }

  /** Slice i along axis 0. */
  private *row(x: Value<B>, i: number): Job<Value<B>> {
    const { shape, dtype } = x.aval;
    const aval = { shape: shape.slice(1), dtype };
    const n = sizeOf(aval.shape);
    if (x.host) return this.fromHost(aval, x.host.slice(i * n, (i + 1) * n));
    const { device } = this.store;
    if (device.row) return this.fromDevice(aval, device.row(this.store.toDevice(x), x.aval, i));
    const start = shape.map((_, k) => (k === 0 ? i : 0));
    const limit = shape.map((d, k) => (k === 0 ? i + 1 : d));
    const cut = yield* this.apply(core.slice, { start, limit, strides: shape.map(() => 1) }, [x]);
    const row = yield* this.apply(core.reshape, { shape: aval.shape }, [cut]);
    this.release(cut);
    return row;
  }

  /** Rows along a new axis 0; consumes them. */
  private *stack(rows: readonly Value<B>[], aval: Aval): Job<Value<B>> {
    const row = { shape: aval.shape.slice(1), dtype: aval.dtype };
    const { device } = this.store;
    const stacked = yield* function* (this: Run<B>): Job<Value<B>> {
      if (rows.length === 0 || rows.every((r) => r.host)) return this.fromHost(aval, joined(rows, aval));
      if (device.stack)
        return this.fromDevice(
          aval,
          device.stack(
            rows.map((r) => this.store.toDevice(r)),
            row,
          ),
        );
      const parts: Value<B>[] = [];
      for (const r of rows) parts.push(yield* this.apply(core.reshape, { shape: [1, ...row.shape] }, [r]));
      const all = yield* this.apply(core.concatenate, { axis: 0 }, parts);
      for (const q of parts) this.release(q);
      return all;
    }.call(this);
    for (const r of rows) this.release(r);
    return stacked;
  }

  /** One op outside any plan: on the device where it has a kernel, else on the host. */
  private *apply<P extends Params>(op: Op<P>, params: P, ins: readonly Value<B>[]): Job<Value<B>> {
    const avals = ins.map((v) => v.aval);
    const eq = equation(op, params, avals.map(newVar)) as unknown as Equation;
    const outs = eq.outputs.map((v) => v.aval);
    const kernel = this.store.device.kernel(eq);
    if (kernel) return (yield* this.kernel(kernel, ins, outs))[0];
    const program = singleton(op, params, avals);
    const executable = this.machine.host.compile(program);
    try {
      const step = {
        kind: "host",
        program,
        executable,
        fallback: true,
        inputs: [],
        outputs: [],
        equations: [eq],
        dies: [],
      } as const;
      return (yield* this.onHost(step, ins))[0];
    } finally {
      executable.dispose();
    }
  }
}

const joined = <B>(rows: readonly Value<B>[], aval: Aval): TypedArray => {
  const data = hostArray(aval.dtype, sizeOf(aval.shape));
  const n = sizeOf(aval.shape.slice(1));
  // Arrays of one dtype on both sides; the union hides that from set().
  for (const [i, r] of rows.entries()) (data as Float64Array).set(r.host as Float64Array, i * n);
  return data;
};

const tryTo = (action: () => void): void => {
  try {
    action();
  } catch {
    // it was consumed after all
  }
};

/** The error with the ops in its name, unless it has them already. */
const named = (e: unknown, ops: string, device: string): Error => {
  if (e instanceof AnsatzError && (e.caller === ops || e.message.includes(ops))) return e;
  const text = e instanceof Error ? e.message : String(e);
  const full = e instanceof RangeError || (e instanceof AnsatzError && e.code === "memory");
  const code = full ? "memory" : "backend";
  return new BackendError(ops, `failed on ${device}: ${text}`, undefined, undefined, code);
};
