// Runs in Chromium, in a page and in a Worker, opened by behaviour.browser.test.ts. Not part of the package.
import {
  type Atom,
  aval,
  type Backend,
  buildProgram,
  core,
  type DType,
  type Emit,
  literal,
  type Program,
  type TypedArray,
  type Var,
} from "@ansatz/backend";
import { contractLaws } from "@ansatz/backend/conformance";
import { hostValue, referenceBackend } from "@ansatz/backend/reference";
import { type GpujsOptions, gpujsBackend } from "./index";

const make = (options: Partial<GpujsOptions> = {}) => gpujsBackend({ host: referenceBackend(), ...options });
const put = (b: Backend, dtype: DType, shape: number[], values: ArrayLike<number>) =>
  b.upload(hostValue(dtype, shape, values).data, aval(shape, dtype));
const ask = async (b: Backend, p: Program, ...ins: [DType, number[], ArrayLike<number>][]): Promise<number[][]> => {
  const exe = b.compile(p);
  const inputs = ins.map(([d, s, v]) => put(b, d, s, v));
  const outs = exe.run(inputs);
  const read: TypedArray[] = [];
  for (const o of outs) read.push(await b.read(o));
  for (const x of [...inputs, ...outs]) b.free(x);
  exe.dispose();
  return read.map((r) => [...r].map(Number));
};
const f32 = (n: number) => aval([n], "float32");
const chain = (emit: Emit, x: Var, n: number): Var => {
  let y = x;
  for (let i = 0; i < n; i++) [y] = emit(i % 2 ? core.tanh : core.neg, {}, y);
  return y;
};
const ones = (n: number) => new Array<number>(n).fill(1);

const api = {
  /** Sums and products of 3,000 ones: gpu.js cuts loops of unknown length at 1,000. */
  async longLoops() {
    const b = make();
    const dims = { lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
    const p = buildProgram([f32(3000)], (e, x) => [
      ...e(core.reduceSum, { axes: [0] }, x),
      ...e(core.dotGeneral, dims, x, x),
    ]);
    const wide = buildProgram([aval([2000, 16384], "float32")], (e, x) => e(core.reduceSum, { axes: [0] }, x));
    const [column] = await ask(b, wide, ["float32", [2000, 16384], ones(2000 * 16384)]);
    return [...(await ask(b, p, ["float32", [3000], ones(3000)])), [Math.min(...column), Math.max(...column)]];
  },
  async accuracy() {
    const b = make();
    const p = buildProgram([f32(1), f32(1), f32(1)], (e, small, large, nan) => [
      ...e(core.expm1, {}, small),
      ...e(core.log1p, {}, small),
      ...e(core.tanh, {}, large),
      ...e(core.convert, { dtype: "float32" }, e(core.ne, {}, nan, nan)[0]),
    ]);
    return ask(b, p, ["float32", [1], [1e-8]], ["float32", [1], [100]], ["float32", [1], [Number.NaN]]);
  },
  /** Integers around 2^24, where floats stop counting. */
  async integers() {
    const b = make();
    const i = (n: number) => aval([n], "int32");
    const x = [2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1];
    const p = buildProgram([i(4)], (e, a) => [
      a,
      ...e(core.add, {}, a, a),
      ...e(core.xor, {}, a, e(core.not, {}, a)[0]),
    ]);
    return ask(b, p, ["int32", [4], x]);
  },
  /** Seven axes, where gpu.js takes three and gives garbage at four: moved, cut, summed and mixed, against the reference. */
  async ranks() {
    const shape = [2, 3, 1, 2, 2, 3, 2];
    const p = buildProgram([aval(shape, "float32")], (e, a) => {
      const [turned] = e(core.transpose, { permutation: [6, 1, 4, 0, 2, 5, 3] }, a);
      const [cut] = e(
        core.slice,
        { start: [0, 1, 0, 0, 0, 0, 1], limit: turned.aval.shape, strides: [1, 1, 1, 1, 1, 2, 1] },
        turned,
      );
      const [mixed] = e(core.mul, {}, cut, cut);
      return [
        turned,
        mixed,
        ...e(core.reduceSum, { axes: [1, 3, 5] }, mixed),
        ...e(core.reverse, { axes: [0, 4, 5] }, turned),
      ];
    });
    const given: [DType, number[], number[]] = ["float32", shape, Array.from({ length: 144 }, (_, i) => i)];
    return [await ask(make(), p, given), await ask(referenceBackend(), p, given)];
  },
  async refusals() {
    const b = make();
    const messages: string[] = [];
    for (const action of [
      () => b.upload(Float64Array.of(1), aval([1], "float64")),
      () => b.compile(buildProgram([aval([1], "float64")], (e, x) => e(core.exp, {}, x))),
      () =>
        b.compile(buildProgram([aval([], "float32")], (e, x) => e(core.broadcast, { shape: [2 ** 30], axes: [] }, x))),
    ])
      try {
        action();
        messages.push("accepted");
      } catch (e) {
        messages.push(String(e));
      }
    return messages;
  },
  async manyOperands() {
    const b = make();
    const p = buildProgram(new Array(40).fill(f32(5)), (e, ...xs) => [
      xs.reduce((s: Var, x) => e(core.add, {}, s, x)[0]),
    ]);
    const ins = Array.from({ length: 40 }, (_, k): [DType, number[], number[]] => ["float32", [5], [k, 1, 2, 3, 4]]);
    return ask(b, p, ...ins);
  },
  async outputsStay() {
    const b = make();
    const exe = b.compile(buildProgram([f32(3)], (e, x) => e(core.mul, {}, x, x)));
    const outs = [1, 2, 3].map((k) => exe.run([put(b, "float32", [3], [k, 0, k])])[0]);
    return Promise.all(outs.map(async (o) => [...(await b.read(o))].map(Number)));
  },
  async fusion() {
    const b = make();
    const exe = b.compile(buildProgram([f32(1000)], (e, x) => [chain(e, x, 10)]));
    const input = put(b, "float32", [1000], ones(1000));
    const before = b.statistics().draws;
    const [out] = exe.run([input]);
    const draws = b.statistics().draws - before;
    b.free(out);
    b.free(input);
    return draws;
  },
  /** The same structure traced anew is compiled once; textures are reused. */
  async trainingLoop() {
    const b = make();
    const shape = [64, 8];
    const step = () =>
      buildProgram([aval(shape, "float32"), aval(shape, "float32")], (e, w, x) => {
        const p = { lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
        const [g] = e(core.dotGeneral, p, x, w);
        const [s] = e(core.dotGeneral, { ...p, lhsContract: [1] }, x, g);
        const [t] = e(core.tanh, {}, s);
        const [scaled] = e(core.mul, {}, t, e(core.broadcast, { shape, axes: [] }, literal(0.01, "float32"))[0]);
        return e(core.sub, {}, w, scaled);
      });
    let w = put(
      b,
      "float32",
      shape,
      Array.from({ length: 512 }, (_, i) => Math.sin(i)),
    );
    const x = put(
      b,
      "float32",
      shape,
      Array.from({ length: 512 }, (_, i) => Math.cos(i)),
    );
    const seen: { kernels: number; used: number; pooled: number }[] = [];
    for (let i = 0; i < 30; i++) {
      const exe = b.compile(step());
      const [next] = exe.run([w, x], [true, false]);
      exe.dispose();
      w = next;
      const s = b.statistics();
      seen.push({ kernels: s.kernels, used: s.usedBytes, pooled: s.pooledBytes });
    }
    b.free(w);
    b.free(x);
    return { first: seen[1], last: seen[29], live: b.live(), used: b.statistics().usedBytes };
  },
  /** Products of whole numbers are exact: every way a product is laid out, against plain loops. */
  async products() {
    const b = make();
    const wrong: string[] = [];
    const sizes = [
      [1, 64, 64, 64],
      [3, 16, 64, 128],
      [2, 8, 32, 12],
      [1, 5, 7, 9],
      [2, 16, 6, 8],
      [1, 256, 2, 64],
      [4, 3, 128, 4],
    ];
    for (const [B, M, K, N] of sizes)
      for (const flip of [0, 1, 2, 3]) {
        const [left, right] = [flip & 1 ? [B, K, M] : [B, M, K], flip & 2 ? [B, N, K] : [B, K, N]];
        const x = Array.from({ length: B * M * K }, (_, i) => ((i * 7 + 3) % 11) - 5);
        const y = Array.from({ length: B * K * N }, (_, i) => ((i * 5 + 1) % 13) - 6);
        const dims = { lhsBatch: [0], rhsBatch: [0], lhsContract: [flip & 1 ? 1 : 2], rhsContract: [flip & 2 ? 2 : 1] };
        const p = buildProgram([aval(left, "float32"), aval(right, "float32")], (e, u, v) =>
          e(core.dotGeneral, dims, u, v),
        );
        const [seen] = await ask(b, p, ["float32", left, x], ["float32", right, y]);
        for (let g = 0, at = 0; g < B; g++)
          for (let m = 0; m < M; m++)
            for (let n = 0; n < N; n++, at++) {
              let want = 0;
              for (let k = 0; k < K; k++)
                want +=
                  x[flip & 1 ? (g * K + k) * M + m : (g * M + m) * K + k] *
                  y[flip & 2 ? (g * N + n) * K + k : (g * K + k) * N + n];
              if (seen[at] !== want && wrong.length < 5)
                wrong.push(`${[B, M, K, N]} flip ${flip} at ${[g, m, n]}: ${seen[at]}, not ${want}`);
            }
      }
    return wrong;
  },
  /** Few kernels are kept: those thrown out must not take the others' vertices with them. */
  async eviction() {
    const b = make({ kernels: 2 });
    const programs = [core.neg, core.abs, core.exp, core.floor, core.sqrt].map((op) =>
      b.compile(buildProgram([f32(2)], (e, x) => e(op, {}, x))),
    );
    const out: number[][] = [];
    for (let round = 0; round < 3; round++)
      for (const exe of programs) {
        const [o] = exe.run([put(b, "float32", [2], [4, 0])]);
        out.push([...(await b.read(o))].map(Number));
      }
    return out;
  },
  async loops() {
    const b = make();
    const x = f32(4);
    const body = buildProgram([x], (e, c) => {
      const [d] = e(core.mul, {}, c, e(core.broadcast, { shape: [4], axes: [] }, literal(0.999, "float32"))[0]);
      return [d, e(core.reduceSum, { axes: [0] }, d)[0]];
    });
    const scan = buildProgram([x], (e, a) =>
      e(core.scan, { body, length: 1000, consts: 0, carry: 1, reverse: false }, a),
    );
    const before = b.counts();
    const [last, sums] = await ask(b, scan, ["float32", [4], [1, 2, 3, 4]]);
    const afterScan = b.counts();
    const cond = buildProgram([x], (e, c) =>
      e(core.lt, {}, e(core.reduceMax, { axes: [0] }, c)[0], literal(100, "float32")),
    );
    const double = buildProgram([x], (e, c) => e(core.add, {}, c, c));
    const loop = buildProgram([x], (e, a) =>
      e(core.whileLoop, { cond, body: double, condConsts: 0, bodyConsts: 0 }, a),
    );
    const [grown] = await ask(b, loop, ["float32", [4], [1, 2, 3, 4]]);
    const afterLoop = b.counts();
    return {
      last,
      sums: [sums.length, sums[0], sums[999]],
      grown,
      scan: { dispatches: afterScan.dispatches - before.dispatches, reads: afterScan.reads - before.reads },
      loop: { dispatches: afterLoop.dispatches - afterScan.dispatches, reads: afterLoop.reads - afterScan.reads },
      fallbacks: afterLoop.fallbacks,
      live: b.live(),
    };
  },
  /** Reading by fences alone: a while reads its predicate in the queue, and the caller waits for nothing. */
  async asynchronous() {
    const b = make({ syncRead: false });
    const cond = buildProgram([f32(4)], (e, c) =>
      e(core.lt, {}, e(core.reduceMax, { axes: [0] }, c)[0], literal(100, "float32")),
    );
    const double = buildProgram([f32(4)], (e, c) => e(core.add, {}, c, c));
    const loop = buildProgram([f32(4)], (e, a) =>
      e(core.whileLoop, { cond, body: double, condConsts: 0, bodyConsts: 0 }, a),
    );
    const [grown] = await ask(b, loop, ["float32", [4], [1, 2, 3, 4]]);
    const broken: string[] = [];
    for (const law of contractLaws) await law.check(b).catch((e) => broken.push(`${law.name}: ${e}`));
    return { grown, sync: [b.can.syncRead, b.readSync !== undefined], broken, live: b.live() };
  },
  async twoContexts() {
    const [a, b] = [make(), make()];
    const p = buildProgram([f32(2)], (e, x) => e(core.exp, {}, x));
    const [ea, eb] = [a.compile(p), b.compile(p)];
    const xa = put(a, "float32", [2], [0, 1]);
    const xb = put(b, "float32", [2], [2, 3]);
    const oa = ea.run([xa])[0];
    const ob = eb.run([xb])[0];
    const oa2 = ea.run([oa])[0];
    let mixed = "accepted";
    try {
      ea.run([ob]);
    } catch (e) {
      mixed = String(e);
    }
    return { values: [[...(await a.read(oa2))].map(Number), [...(await b.read(ob))].map(Number)], mixed };
  },
  async contextLoss() {
    const canvas = new OffscreenCanvas(1, 1);
    const events: string[] = [];
    let restored = () => {};
    const back = new Promise<void>((done) => {
      restored = done;
    });
    let gone = () => {};
    const away = new Promise<void>((done) => {
      gone = done;
    });
    const b = make({
      canvas,
      onLost: () => {
        events.push("lost");
        gone();
      },
      onRestored: () => {
        events.push("restored");
        restored();
      },
    });
    const twice = buildProgram([f32(5000)], (e, x: Atom) =>
      e(core.mul, {}, x, e(core.broadcast, { shape: [5000], axes: [] }, literal(2, "float32"))[0]),
    );
    const exe = b.compile(twice);
    const input = put(b, "float32", [5000], ones(5000));
    const [out] = exe.run([input]);
    const first = (await b.read(out))[4999];
    const extension = canvas.getContext("webgl2")!.getExtension("WEBGL_lose_context")!;
    extension.loseContext();
    await away;
    const errors: string[] = [];
    const attempt = async (f: () => unknown) => {
      try {
        await f();
        errors.push("no error");
      } catch (e) {
        errors.push(`${(e as { code?: string }).code}: ${e}`);
      }
    };
    await attempt(() => put(b, "float32", [1], [1]));
    await attempt(() => b.read(out));
    // Not from within the event that told of the loss.
    await new Promise((done) => setTimeout(done, 20));
    extension.restoreContext();
    await back;
    await attempt(() => b.read(out));
    b.free(out);
    b.free(input);
    const again = put(b, "float32", [5000], ones(5000));
    const [fresh] = exe.run([again]);
    const second = (await b.read(fresh))[4999];
    b.free(again);
    b.free(fresh);
    return { events, first, second, errors, live: b.live() };
  },
  /** gpu.js puts itself in the place of WebGPU's interface. */
  async global() {
    make();
    const g = globalThis as { GPU?: { prototype?: object }; navigator: { gpu?: object } };
    return !(g.GPU?.prototype && "createKernel" in g.GPU.prototype) || g.navigator.gpu === undefined;
  },
  async worker(url: string): Promise<unknown> {
    const worker = new Worker(url, { type: "module" });
    return new Promise((done) => {
      worker.onmessage = (m) => done(m.data);
      worker.onerror = (e) => done(`error: ${e.message}`);
      worker.postMessage("accuracy");
    });
  },
};
export type BehaviourPage = typeof api;
if (typeof document === "undefined")
  addEventListener("message", async (m: MessageEvent<"accuracy">) => postMessage(await api[m.data]().catch(String)));
else (globalThis as { behaviour?: typeof api }).behaviour = api;
