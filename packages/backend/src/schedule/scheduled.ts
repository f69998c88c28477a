import { type Aval, byteSize, sameAval, showAval, sizeOf } from "../aval";
import type { Backend, DeviceBuffer, Executable } from "../backend";
import { type DType, dtypeOf, hostArray, isFloat, type TypedArray } from "../dtype";
import { BackendError, DTypeError, ShapeError } from "../errors";
import { lower } from "../lower";
import { type Atom, type Literal, type Program, subprograms } from "../program";
import { type Device, keepsOp, type ScheduledBackend, type ScheduleOptions } from "./device";
import { explainPlan, fallbacksOf } from "./explain";
import { disposePlan, type Plan, planProgram } from "./plan";
import { Machine, Run } from "./run";
import { Store, type Value } from "./store";

/** What a caller holds: a value, or one still to come, or the error that came instead. */
class Buffer<B> implements DeviceBuffer {
  freed = false;
  /** The caller, and runs and reads that still need it. */
  refs = 1;
  value: Value<B> | undefined;
  error: unknown;
  pending = false;
  constructor(
    readonly owner: object,
    readonly aval: Aval,
  ) {}
}

/**
 * A Backend from a device's kernels. A program is lowered and put in order; what the device lacks runs on `host`; storage is freed at
 * its last use. As long as nothing must be read, `run` enqueues everything at once; at the first wait it returns buffers that are
 * pending, and the rest follows in the backend's own queue, in the order of calls.
 *
 * @param host runs what the device lacks; it must be able to read synchronously (the wasm backend, or the reference)
 */
export const scheduled = <B>(device: Device<B>, host: Backend, options: ScheduleOptions = {}): ScheduledBackend => {
  if (!host.readSync)
    throw new BackendError("scheduled", "the host backend must read synchronously", { host: host.name });
  const store = new Store(device);
  const machine = new Machine(store, host, options.warn ?? ((m) => console.warn(m)));
  const owner = {};
  const pending = new Set<Buffer<B>>();
  const dtypes: DType[] = [...device.dtypes, ...(device.hosted ?? []).filter((d) => !device.dtypes.includes(d))];
  let tail: Promise<void> | undefined;
  let disposed = false;

  const open = (caller: string): void => {
    if (disposed) throw new BackendError(caller, "the backend is disposed", undefined, "make a new one");
  };
  const mine = (caller: string, b: DeviceBuffer): Buffer<B> => {
    open(caller);
    if (!(b instanceof Buffer) || b.owner !== owner)
      throw new BackendError(caller, "the buffer belongs to another backend", { buffer: showAval(b.aval) });
    if (b.freed)
      throw new BackendError(
        caller,
        "the buffer is no longer alive",
        { buffer: showAval(b.aval) },
        "it was freed or donated",
      );
    return b as Buffer<B>;
  };
  const release = (b: Buffer<B>): void => {
    if (--b.refs === 0 && b.value) {
      store.release(b.value);
      b.value = undefined;
    }
  };
  const settle = (b: Buffer<B>, value: Value<B> | undefined, error?: unknown): void => {
    b.pending = false;
    pending.delete(b);
    b.error = error;
    if (value && b.refs > 0) b.value = value;
    else if (value) store.release(value);
  };

  // A job runs at once as far as it can if nobody is before it; otherwise, or from its first wait on, in the queue.
  const drive = async (
    job: Generator<Promise<unknown>, void, unknown>,
    first?: IteratorResult<Promise<unknown>, void>,
  ) => {
    let r = first ?? job.next();
    while (!r.done) {
      let answer: unknown;
      let failure: { error: unknown } | undefined;
      try {
        answer = await r.value;
      } catch (error) {
        failure = { error };
      }
      r = failure ? job.throw(failure.error) : job.next(answer);
    }
  };
  const launch = (job: Generator<Promise<unknown>, void, unknown>): void => {
    let turn: Promise<void>;
    if (tail) turn = tail.then(() => drive(job));
    else {
      const first = job.next();
      if (first.done) return;
      turn = drive(job, first);
    }
    tail = turn;
    void turn.then(() => {
      if (tail === turn) tail = undefined;
    });
  };

  const planOf = (p: Program): Plan<B> => {
    refuseDTypes(device.name, p, new Set(dtypes));
    return planProgram(lower(p, keepsOp(device.family), device.family), device, host);
  };

  const compile = (p: Program): Executable => {
    open("compile");
    const plan = planOf(p);
    const literals = new Map<Literal, Value<B>>();
    collectLiterals(plan, (l) => {
      if (!literals.has(l)) literals.set(l, store.onHost(l.aval, literalData(l), false));
    });
    let users = 1;
    const leave = (): void => {
      if (--users > 0) return;
      for (const v of literals.values()) store.release(v);
      disposePlan(plan);
    };

    const job = function* (inputs: readonly Buffer<B>[], outputs: readonly Buffer<B>[]) {
      const run = new Run(machine, literals);
      try {
        const failed = inputs.find((b) => b.error !== undefined);
        if (failed) throw failed.error;
        const values = inputs.map((b) => {
          const v = b.value as Value<B>;
          v.refs++;
          return run.hold(v);
        });
        // From here on the run alone keeps them: a donated input is freed at its last use.
        inputs.forEach(release);
        inputs = [];
        const results = yield* run.plan(plan, values);
        for (const [i, b] of outputs.entries()) settle(b, run.handOver(results[i]));
      } catch (error) {
        inputs.forEach(release);
        run.abandon();
        for (const b of outputs) settle(b, undefined, error);
      } finally {
        leave();
      }
    };

    let gone = false;
    return {
      run(given, donated = []) {
        open("run");
        if (gone) throw new BackendError("run", "the program is disposed", undefined, "compile it again");
        if (given.length !== p.inputs.length || given.some((b, i) => !sameAval(b.aval, p.inputs[i].aval)))
          throw new ShapeError("run", "inputs must be those of the program", {
            expected: p.inputs.map((v) => showAval(v.aval)),
            seen: given.map((b) => showAval(b.aval)),
          });
        const inputs = given.map((b) => mine("run", b));
        if (inputs.some((b, i) => donated[i] && inputs.indexOf(b) !== inputs.lastIndexOf(b)))
          throw new BackendError("run", "a buffer passed twice may not be donated");
        for (const [i, b] of inputs.entries())
          if (donated[i])
            b.freed = true; // the caller's reference becomes the run's
          else b.refs++;
        const outputs = p.outputs.map((a) => new Buffer<B>(owner, a.aval));
        for (const b of outputs) {
          b.pending = true;
          pending.add(b);
        }
        users++;
        launch(job(inputs, outputs));
        const full = outputs.find((b) => (b.error as { code?: string } | undefined)?.code === "memory");
        if (full) throw full.error;
        return outputs;
      },
      dispose() {
        if (!gone) leave();
        gone = true;
      },
    };
  };

  const settled = (b: Buffer<B>): Value<B> => {
    if (b.error !== undefined) throw b.error;
    return b.value as Value<B>;
  };

  return {
    name: device.name,
    can: { dtypes, float: device.float, syncRead: device.readSync !== undefined, residentBytes: device.residentBytes },
    upload(data, aval) {
      open("upload");
      refuse(device.name, [aval], new Set(dtypes));
      if (dtypeOf(data) !== aval.dtype || data.length !== sizeOf(aval.shape))
        throw new ShapeError("upload", "data must have the dtype and size of its aval", {
          data: `${dtypeOf(data)}[${data.length}]`,
          aval: showAval(aval),
        });
      const b = new Buffer<B>(owner, aval);
      // Exact scalars steer programs: they stay on the host until a kernel wants them.
      const hosted = !device.dtypes.includes(aval.dtype) || (data.length === 1 && !isFloat(aval.dtype));
      b.value = hosted ? store.onHost(aval, data.slice()) : store.onDevice(aval, device.upload(data, aval));
      return b;
    },
    async read(given) {
      const b = mine("read", given);
      b.refs++;
      try {
        while (b.pending) await tail;
        const v = settled(b);
        return v.host ? v.host.slice() : await device.read(v.device as B, v.aval);
      } finally {
        release(b);
      }
    },
    ...(device.readSync && {
      readSync(given: DeviceBuffer): TypedArray {
        const b = mine("readSync", given);
        // Never pending: a device that reads at once keeps no queue.
        const v = settled(b);
        return v.host
          ? v.host.slice()
          : (device.readSync as NonNullable<typeof device.readSync>)(v.device as B, v.aval);
      },
    }),
    compile,
    explain(p) {
      const plan = planOf(p);
      const back = [...new Set(fallbacksOf(plan))];
      const text = explainPlan(plan);
      disposePlan(plan);
      return `${text}\n${back.length ? `on the host for want of a kernel: ${back.join(", ")}` : "nothing falls back to the host"}`;
    },
    counts: () => ({
      dispatches: machine.dispatches,
      reads: store.reads,
      fallbacks: Object.fromEntries(machine.fallbacks),
    }),
    free(given) {
      const b = mine("free", given);
      b.freed = true;
      release(b);
    },
    live() {
      const now = store.live();
      for (const b of pending)
        if (!b.freed) {
          now.buffers++;
          now.bytes += byteSize(b.aval);
        }
      return now;
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      const end = (): void => {
        store.clear();
        device.dispose?.();
      };
      if (tail) void tail.then(end);
      else end();
    },
  };
};

const refuse = (device: string, avals: readonly Aval[], known: ReadonlySet<DType>): void => {
  for (const a of avals)
    if (!known.has(a.dtype))
      throw new DTypeError(
        device,
        `has no ${a.dtype}`,
        { value: showAval(a) },
        a.dtype === "float64"
          ? "use the wasm backend for double precision, or convert to float32"
          : "use the wasm backend",
      );
};

const refuseDTypes = (device: string, p: Program, known: ReadonlySet<DType>): void => {
  const avals = (atoms: readonly Atom[]) => atoms.map((a) => a.aval);
  refuse(device, [...avals(p.inputs), ...avals(p.outputs)], known);
  for (const eq of p.equations) {
    refuse(device, avals(eq.outputs), known);
    for (const body of subprograms(eq.params)) refuseDTypes(device, body, known);
  }
};

const collectLiterals = <B>(plan: Plan<B>, visit: (l: Literal) => void): void => {
  plan.literals.forEach(visit);
  for (const s of plan.steps) {
    if (s.kind === "scan") collectLiterals(s.body, visit);
    else if (s.kind === "while") for (const q of [s.cond, s.body]) collectLiterals(q, visit);
    else if (s.kind === "cond") for (const q of s.branches) collectLiterals(q, visit);
  }
};

const literalData = (l: Literal): TypedArray => {
  const data = hostArray(l.aval.dtype, 1);
  data[0] = l.value;
  return data;
};
