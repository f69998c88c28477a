import { aval } from "../aval";
import type { Backend, DeviceBuffer } from "../backend";
import { buildProgram } from "../build";
import type { FloatDType } from "../dtype";
import { BackendError } from "../errors";
import type { HostValue, Op } from "../op";
import * as core from "../ops/all";
import { literal } from "../program";
import { hostValue } from "../reference/evaluate";

/** A law of the Backend contract that is not about the value of an op. */
export interface ContractLaw {
  readonly name: string;
  /** Throws a sentence if the backend breaks it. */
  check(backend: Backend): Promise<void>;
}

const insist = (holds: boolean, sentence: string): void => {
  if (!holds) throw new Error(sentence);
};
const insistEqual = (seen: unknown, expected: unknown, sentence: string): void => {
  const text = (v: unknown) =>
    JSON.stringify(v, (_, x) => (ArrayBuffer.isView(x) ? [...(x as Float64Array)].map(String) : x));
  insist(text(seen) === text(expected), `${sentence}: expected ${text(expected)}, got ${text(seen)}`);
};

/** Whether an action fails with a BackendError, at once or when awaited. */
const refuses = async (action: () => unknown): Promise<boolean> => {
  try {
    await action();
    return false;
  } catch (e) {
    return e instanceof BackendError;
  }
};

const setting = (backend: Backend) => {
  const dtype: FloatDType = backend.can.float;
  const x = aval([3], dtype);
  const put = (...values: number[]): DeviceBuffer => backend.upload(hostValue(dtype, [3], values).data, x);
  const square = buildProgram([x], (emit, a) => emit(core.mul, {}, a, a));
  return { dtype, x, put, square };
};

/** What every backend promises beside the meaning of ops. */
export const contractLaws: readonly ContractLaw[] = [
  {
    name: "upload copies, and read returns a copy",
    async check(b) {
      const { x, dtype } = setting(b);
      const data = hostValue(dtype, [3], [1, 2, 3]).data;
      const buffer = b.upload(data, x);
      (data as Float64Array).fill(9);
      const first = await b.read(buffer);
      insistEqual([...first], [1, 2, 3], "the buffer must not see later writes to the array");
      (first as Float64Array).fill(9);
      insistEqual([...(await b.read(buffer))], [1, 2, 3], "the buffer must not see writes to what was read");
      b.free(buffer);
    },
  },
  {
    name: "readSync reads what read reads, where it exists",
    async check(b) {
      const { put } = setting(b);
      insist(b.can.syncRead === (b.readSync !== undefined), "can.syncRead must say whether readSync exists");
      const buffer = put(1, -0, 3);
      if (b.readSync) insistEqual([...b.readSync(buffer)], [...(await b.read(buffer))], "readSync");
      b.free(buffer);
    },
  },
  {
    name: "live counts buffers and bytes",
    async check(b) {
      const { put, dtype } = setting(b);
      const before = b.live();
      const buffers = [put(1, 2, 3), put(4, 5, 6)];
      const bytes = 6 * (dtype === "float64" ? 8 : 4);
      const { buffers: count, bytes: held } = b.live();
      insistEqual(count - before.buffers, 2, "two buffers were uploaded");
      insist(
        held - before.bytes >= bytes,
        `two buffers of ${bytes} bytes in all were uploaded, live() grew by ${held - before.bytes}`,
      );
      for (const x of buffers) b.free(x);
      insistEqual(b.live(), before, "freeing must return live() to what it was");
    },
  },
  {
    name: "a freed buffer is refused everywhere",
    async check(b) {
      const { put, square } = setting(b);
      const buffer = put(1, 2, 3);
      b.free(buffer);
      insist(await refuses(() => b.read(buffer)), "read of a freed buffer must be a BackendError");
      insist(await refuses(() => b.free(buffer)), "freeing twice must be a BackendError");
      const exe = b.compile(square);
      insist(await refuses(() => exe.run([buffer])), "run on a freed buffer must be a BackendError");
      exe.dispose();
    },
  },
  {
    name: "inputs that are not the program's are refused",
    async check(b) {
      const { put, square, dtype } = setting(b);
      const exe = b.compile(square);
      const wrong = b.upload(hostValue(dtype, [2], [1, 2]).data, aval([2], dtype));
      const good = put(1, 2, 3);
      for (const inputs of [[], [wrong], [good, good]]) {
        let refused = false;
        try {
          for (const o of exe.run(inputs)) b.free(o);
        } catch {
          refused = true;
        }
        insist(refused, `run with ${inputs.length} inputs of ${inputs.map((i) => i.aval.shape)} must throw`);
      }
      b.free(wrong);
      b.free(good);
      exe.dispose();
    },
  },
  {
    name: "outputs alias neither inputs nor each other",
    async check(b) {
      const { put, x } = setting(b);
      const exe = b.compile(buildProgram([x], (_, a) => [a, a]));
      const input = put(1, 2, 3);
      const [p, q] = exe.run([input]);
      insist(p !== q && p !== input && q !== input, "outputs must be buffers of their own");
      b.free(input);
      b.free(p);
      insistEqual([...(await b.read(q))], [1, 2, 3], "the second output must outlive the first and the input");
      b.free(q);
      exe.dispose();
    },
  },
  {
    name: "one buffer may be passed twice, but then not donated",
    async check(b) {
      const { put, x } = setting(b);
      const exe = b.compile(buildProgram([x, x], (emit, a, c) => emit(core.add, {}, a, c)));
      const input = put(1, 2, 3);
      const [out] = exe.run([input, input]);
      insistEqual([...(await b.read(out))], [2, 4, 6], "the sum of a buffer with itself");
      insist(
        await refuses(() => exe.run([input, input], [true, false])),
        "donating a buffer passed twice must be a BackendError",
      );
      b.free(out);
      b.free(input);
      exe.dispose();
    },
  },
  {
    name: "a donated buffer is consumed, and only it",
    async check(b) {
      const { put, x } = setting(b);
      const exe = b.compile(buildProgram([x, x], (emit, a, c) => [emit(core.add, {}, a, c)[0], a]));
      const [a, c] = [put(1, 2, 3), put(4, 5, 6)];
      const [sum, same] = exe.run([a, c], [true, false]);
      insist(await refuses(() => b.read(a)), "read of a donated buffer must be a BackendError");
      insistEqual([...(await b.read(c))], [4, 5, 6], "a buffer that was not donated stays");
      insistEqual([...(await b.read(sum))], [5, 7, 9], "the sum");
      insistEqual([...(await b.read(same))], [1, 2, 3], "a donated input that is an output");
      for (const o of [c, sum, same]) b.free(o);
      exe.dispose();
    },
  },
  {
    name: "runs do not disturb each other's results, read in any order",
    async check(b) {
      const { put, square } = setting(b);
      const exe = b.compile(square);
      const inputs = [put(1, 2, 3), put(4, 5, 6), put(7, 8, 9)];
      const outs = inputs.map((i) => exe.run([i])[0]);
      const [again] = exe.run([outs[0]]);
      const read = await Promise.all([again, ...outs.toReversed()].map((o) => b.read(o)));
      insistEqual(
        read.map((r) => [...r]),
        [
          [1, 16, 81],
          [49, 64, 81],
          [16, 25, 36],
          [1, 4, 9],
        ],
        "results of four runs",
      );
      for (const o of [...inputs, ...outs, again]) b.free(o);
      exe.dispose();
    },
  },
  {
    name: "a result lives on when its program is disposed",
    async check(b) {
      const { put, square } = setting(b);
      const exe = b.compile(square);
      const input = put(1, 2, 3);
      const [out] = exe.run([input]);
      exe.dispose();
      insistEqual([...(await b.read(out))], [1, 4, 9], "the result");
      b.free(out);
      b.free(input);
    },
  },
  {
    name: "an input freed right after run does not disturb the result",
    async check(b) {
      const { put, square } = setting(b);
      const exe = b.compile(square);
      const input = put(1, 2, 3);
      const [out] = exe.run([input]);
      b.free(input);
      const other = put(7, 7, 7);
      insistEqual([...(await b.read(out))], [1, 4, 9], "the result");
      b.free(out);
      b.free(other);
      exe.dispose();
    },
  },
  {
    name: "prepare gives what compile gives, where it exists",
    async check(b) {
      const { put, square } = setting(b);
      const exe = await (b.prepare?.(square) ?? b.compile(square));
      const input = put(1, 2, 3);
      const [out] = exe.run([input]);
      insistEqual([...(await b.read(out))], [1, 4, 9], "the result");
      b.free(out);
      b.free(input);
      exe.dispose();
    },
  },
  {
    name: "taps call back in program order with values, in loops too",
    async check(b) {
      const { put, x } = setting(b);
      const log: (string | number[])[] = [];
      const note = (name: string) => (v: HostValue) => void log.push(name, [...v.data].map(Number));
      const program = buildProgram([x], (emit, a) => {
        const [t] = emit(core.tap, { callback: note("before") as never }, a);
        const body = buildProgram([x], (emit2, c) => {
          const [d] = emit2(core.add, {}, c, c);
          return emit2(core.tap, { callback: note("step") as never }, d);
        });
        const [r] = emit(core.scan, { body, length: 2, consts: 0, carry: 1, reverse: false }, t);
        // Its result is used by nobody, and still it is heard.
        emit(core.tap, { callback: note("after") as never }, a);
        return [r];
      });
      const exe = b.compile(program);
      const input = put(1, 2, 3);
      const [out] = exe.run([input]);
      insistEqual([...(await b.read(out))], [4, 8, 12], "a tap is the identity");
      insistEqual(
        log,
        ["before", [1, 2, 3], "step", [2, 4, 6], "step", [4, 8, 12], "after", [1, 2, 3]],
        "what the taps saw",
      );
      b.free(out);
      b.free(input);
      exe.dispose();
    },
  },
  {
    name: "a host op that fails names itself, at run or at the next read, and leaves the backend usable",
    async check(b) {
      const { put, x, square } = setting(b);
      const before = b.live();
      const broken: Op = {
        name: "brokenOp",
        core: false,
        abstract: ([a]) => [a],
        host: () => {
          throw new Error("no such luck");
        },
      };
      const exe = b.compile(buildProgram([x], (emit, a) => emit(broken, {}, a)));
      const input = put(1, 2, 3);
      let message = "";
      let outs: DeviceBuffer[] = [];
      try {
        outs = exe.run([input]);
        await b.read(outs[0]);
      } catch (e) {
        message = String(e);
      }
      insist(/brokenOp/.test(message), `the error must name the op, got "${message}"`);
      for (const o of outs) b.free(o);
      exe.dispose();
      const good = b.compile(square);
      const [out] = good.run([input]);
      insistEqual([...(await b.read(out))], [1, 4, 9], "the next program");
      good.dispose();
      b.free(out);
      b.free(input);
      insistEqual(b.live(), before, "nothing may be left");
    },
  },
  {
    name: "an allocation that cannot be met is a memory error that leaves the backend usable and nothing leaked",
    async check(b) {
      const { put, dtype, square } = setting(b);
      const before = b.live();
      // 2^50 elements: no machine has them.
      const huge = buildProgram([aval([], dtype)], (emit, a) =>
        emit(core.broadcast, { shape: [2 ** 25, 2 ** 25], axes: [] }, a),
      );
      const scalar = b.upload(hostValue(dtype, [], [1]).data, aval([], dtype));
      let code: unknown = "none";
      let outs: DeviceBuffer[] = [];
      try {
        const exe = b.compile(huge);
        outs = exe.run([scalar]);
        await b.read(outs[0]);
      } catch (e) {
        code = e instanceof BackendError ? e.code : `not a BackendError: ${e}`;
      }
      insistEqual(code, "memory", "the code of the error");
      for (const o of [...outs, scalar]) b.free(o);
      const exe = b.compile(square);
      const input = put(1, 2, 3);
      const [out] = exe.run([input]);
      insistEqual([...(await b.read(out))], [1, 4, 9], "the next program");
      for (const o of [input, out]) b.free(o);
      exe.dispose();
      insistEqual(b.live(), before, "nothing may be left");
    },
  },
  {
    name: "scalars and empty tensors go up and come down",
    async check(b) {
      const { dtype } = setting(b);
      const none = b.upload(hostValue(dtype, [2, 0], []).data, aval([2, 0], dtype));
      const one = b.upload(hostValue(dtype, [], [5]).data, aval([], dtype));
      insistEqual([...(await b.read(none))], [], "an empty tensor");
      insistEqual([...(await b.read(one))], [5], "a scalar");
      const exe = b.compile(buildProgram([], () => [literal(2, dtype)]));
      const [out] = exe.run([]);
      insistEqual([...(await b.read(out))], [2], "a program without inputs");
      for (const x of [none, one, out]) b.free(x);
      exe.dispose();
    },
  },
];
