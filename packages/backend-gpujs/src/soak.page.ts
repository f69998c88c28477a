// Runs in Chromium, opened by soak.browser.test.ts. Not part of the package.
import { type Aval, aval, buildProgram, core, type Emit, literal, type Program, type Var } from "@ansatz/backend";
import { hostValue, referenceBackend } from "@ansatz/backend/reference";
import { gpujsBackend } from "./index";

const backend = gpujsBackend({ host: referenceBackend() });
const f32 = (...shape: number[]) => aval(shape, "float32");
const put = (values: ArrayLike<number>, shape: readonly number[]) =>
  backend.upload(hostValue("float32", shape, values).data, aval(shape, "float32"));
const waves = (n: number, f: (x: number) => number) => Array.from({ length: n }, (_, i) => f(i + 1));

/** What is held now: tensors, textures in use and kept, kernels, and JavaScript's own heap. */
const held = () => {
  const { usedBytes, pooledBytes, kernels, draws } = backend.statistics();
  (globalThis as { gc?: () => void }).gc?.();
  const heap = (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0;
  return { ...backend.live(), usedBytes, pooledBytes, kernels, draws, heap };
};
export type Held = ReturnType<typeof held>;

const [rows, width] = [16, 8];
const spread = (e: Emit, x: number, shape: readonly number[]): Var =>
  e(core.broadcast, { shape: [...shape], axes: [] }, literal(x, "float32"))[0];
const product = (e: Emit, a: Var, b: Var, lhs: number, rhs: number): Var =>
  e(core.dotGeneral, { lhsContract: [lhs], rhsContract: [rhs], lhsBatch: [], rhsBatch: [] }, a, b)[0];

/** One step of gradient descent with momentum of a 2-layer tanh network, written out: (w, v, m, n, x, y) → (w, v, m, n, loss). */
const step: Program = buildProgram(
  [f32(width, width), f32(width, 1), f32(width, width), f32(width, 1), f32(rows, width), f32(rows, 1)],
  (e, w, v, m, n, x, y) => {
    const [h] = e(core.tanh, {}, product(e, x, w, 1, 0));
    const [error] = e(core.sub, {}, product(e, h, v, 1, 0), y);
    const [g] = e(core.mul, {}, error, spread(e, 2 / rows, [rows, 1]));
    const dv = product(e, h, g, 0, 0);
    const [flat] = e(core.sub, {}, spread(e, 1, [rows, width]), e(core.mul, {}, h, h)[0]);
    const [back] = e(core.mul, {}, product(e, g, v, 1, 1), flat);
    const dw = product(e, x, back, 0, 0);
    const moved = (old: Var, d: Var): Var =>
      e(core.add, {}, e(core.mul, {}, old, spread(e, 0.9, d.aval.shape))[0], d)[0];
    const [m2, n2] = [moved(m, dw), moved(n, dv)];
    const stepped = (p: Var, d: Var): Var =>
      e(core.sub, {}, p, e(core.mul, {}, d, spread(e, 0.01, d.aval.shape))[0])[0];
    const [square] = e(core.mul, {}, error, error);
    return [stepped(w, m2), stepped(v, n2), m2, n2, e(core.reduceSum, { axes: [0, 1] }, square)[0]];
  },
);

const api = {
  /** So many steps; the memory held is looked at every tenth of them, where a loss is read. */
  async training(steps: number) {
    const zeros = (n: number) => new Array<number>(n).fill(0);
    let state = [
      put(
        waves(width * width, (i) => 0.5 * Math.sin(i * i)),
        [width, width],
      ),
      put(waves(width, Math.cos), [width, 1]),
      put(zeros(width * width), [width, width]),
      put(zeros(width), [width, 1]),
    ];
    const x = put(
      waves(rows * width, (i) => Math.sin(1.7 * i)),
      [rows, width],
    );
    const y = put(
      waves(rows, (i) => Math.sin(0.9 * i)),
      [rows, 1],
    );
    const exe = backend.compile(step);
    const seen: Held[] = [];
    const losses: number[] = [];
    const start = performance.now();
    for (let i = 1; i <= steps; i++) {
      const outs = exe.run([...state, x, y], [true, true, true, true, false, false]);
      state = outs.slice(0, 4);
      if (i % (steps / 10) === 0) {
        losses.push(Number((await backend.read(outs[4]))[0]));
        seen.push(held());
      }
      backend.free(outs[4]);
    }
    const seconds = (performance.now() - start) / 1000;
    for (const b of [...state, x, y]) backend.free(b);
    exe.dispose();
    return { seen, losses, after: held(), seconds };
  },
  /** So many ops, each its own program, every result freed when the next is there. */
  async eager(ops: number) {
    const shape = [64];
    const a: Aval = aval(shape, "float32");
    const single = [
      buildProgram([a], (e, x) => e(core.tanh, {}, x)),
      buildProgram([a], (e, x) => e(core.add, {}, x, spread(e, 0.5, shape))),
      buildProgram([a], (e, x) => e(core.mul, {}, x, x)),
      buildProgram([a], (e, x) => [e(core.reshape, { shape }, e(core.reverse, { axes: [0] }, x)[0])[0]]),
    ].map((p) => backend.compile(p));
    let x = put(waves(64, Math.sin), shape);
    const seen: Held[] = [];
    const start = performance.now();
    for (let i = 1; i <= ops; i++) {
      const [y] = single[i % single.length].run([x]);
      backend.free(x);
      x = y;
      if (i % (ops / 10) === 0) {
        await backend.read(x);
        seen.push(held());
      }
    }
    const last = [...(await backend.read(x))].map(Number);
    backend.free(x);
    for (const exe of single) exe.dispose();
    return { seen, last, after: held(), seconds: (performance.now() - start) / 1000 };
  },
};
export type SoakPage = typeof api;
(globalThis as { soak?: typeof api }).soak = api;
