import { grad } from "@ansatz/autodiff";
import { tfjsBackend } from "@ansatz/backend-tfjs";
import { loadTf } from "@ansatz/backend-tfjs/node";
import { wasmBackend } from "@ansatz/backend-wasm";
import { cholesky, eigh, eigvalsh, qr, svd, svdvals, triangularSolve } from "@ansatz/linalg";
import {
  digamma,
  explain,
  jit,
  key,
  lgamma,
  matmul,
  matrixTranspose,
  mul,
  normal,
  slice,
  sum,
  type Tensor,
  tensor,
  tree,
  useBackend,
  vmap,
  withBackend,
} from "@ansatz/tensor";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { tensorflowStandIn } from "./tensorflow-stand-in";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const wasm = wasmBackend();
type Module = typeof tf;
const addon = await loadTf({ packages: ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] }).catch(() => undefined);
const eps = 2 ** -23;
type Binding = { binding?: { TF_Version?: string } };
const versionOf = (module?: unknown) =>
  ((module as Module | undefined)?.backend() as Binding | undefined)?.binding?.TF_Version;

interface Engine {
  readonly name: string;
  module(): Promise<Module>;
  readonly runs: boolean;
  /** It is TensorFlow 2.9, which reports an error for a matrix that is not positive definite; later ones give NaN. */
  readonly reports: boolean;
}
const standIn = tensorflowStandIn((f) => withBackend(wasm, f));
const engines: readonly Engine[] = [
  {
    name: "a stand-in of TensorFlow's face",
    runs: true,
    reports: true,
    async module() {
      await tf.setBackend("cpu");
      return standIn.module;
    },
  },
  {
    name: "TensorFlow itself, where its addon loads",
    runs: addon !== undefined,
    reports: versionOf(addon?.tf) === "2.9.1",
    async module() {
      // All copies of TensorFlow.js in a process share one engine.
      await addon!.tf.setBackend("tensorflow");
      return addon!.tf as Module;
    },
  },
];

type Data = { readonly shape: readonly number[]; readonly data: Float32Array };
const data = (f: () => Tensor): Data => {
  const t = withBackend(wasm, f);
  return { shape: t.shape, data: Float32Array.from(t.dataSync(), Number) };
};
const put = ({ shape, data: d }: Data): Tensor => tensor(d.slice(), { shape: [...shape] });
const gaussian = (seed: number, ...shape: number[]): Data => data(() => normal(key(seed), shape, { dtype: "float32" }));
const definite = (seed: number, ...shape: number[]): Data =>
  data(() => {
    const x = normal(key(seed), shape, { dtype: "float32" });
    return matmul(x, matrixTranspose(x)).add(mul(0.5, identity(shape[shape.length - 1])));
  });
const identity = (n: number): Tensor =>
  tensor(
    Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    { shape: [n, n] },
  );

describe.each(engines.filter((e) => e.runs))("$name", (engine) => {
  let backend: ReturnType<typeof tfjsBackend>;
  beforeAll(async () => {
    backend = tfjsBackend(await engine.module(), { host: wasmBackend() });
    expect(backend.engine).toBe("tensorflow");
    useBackend(backend);
  });

  type Answer = { readonly [name: string]: Tensor };
  const plain = (r: Answer) =>
    Object.fromEntries(Object.entries(r).map(([k, t]) => [k, { shape: t.shape, data: [...t.dataSync()].map(Number) }]));
  const here = (f: (...xs: Tensor[]) => Answer, ...ins: Data[]) => plain(f(...ins.map(put)));
  const onWasm = (f: (...xs: Tensor[]) => Answer, ...ins: Data[]) => withBackend(wasm, () => plain(f(...ins.map(put))));
  /** The same function on both, within c n ε of the largest number. */
  const agree = (f: (...xs: Tensor[]) => Answer, n: number, ...ins: Data[]): void => {
    const [a, b] = [here(f, ...ins), onWasm(f, ...ins)];
    expect(Object.keys(a)).toEqual(Object.keys(b));
    for (const [name, want] of Object.entries(b)) {
      const seen = a[name];
      expect(seen.shape, name).toEqual(want.shape);
      const size = Math.max(1e-30, ...want.data.filter(Number.isFinite).map(Math.abs));
      for (const [i, v] of want.data.entries())
        if (!Object.is(seen.data[i], v) && !(Math.abs(seen.data[i] - v) <= 40 * n * eps * size))
          throw new Error(`${name}[${i}] is ${seen.data[i]}, on wasm ${v}`);
    }
  };
  const before = () => ({ ...backend.counts().fallbacks });

  test("each factorization runs as TensorFlow's own op, and nothing goes to the host", () => {
    const start = before();
    const a = put(definite(0, 6, 6));
    const names: [string, (x: Tensor) => unknown][] = [
      ["Cholesky", (x) => cholesky(x)],
      ["Qr", (x) => qr(x)],
      ["Svd", (x) => svd(x)],
      ["SelfAdjointEigV2", (x) => eigh(x)],
      ["MatrixTriangularSolve", (x) => triangularSolve(x, x)],
      ["Lgamma", (x) => lgamma(x)],
      ["Digamma", (x) => digamma(x)],
    ];
    for (const [name, f] of names) {
      const text = explain(f as (x: Tensor) => Tensor)(a);
      expect(text).toMatch(new RegExp(`device.*(tensorflow\\.${name}|${name.toLowerCase()}) →`));
      expect(text).toContain("nothing falls back to the host");
      standIn.asked.length = 0;
      tree.map((t: Tensor) => t.dataSync(), f(a) as Tensor);
      if (engine.name.startsWith("a stand-in")) expect(standIn.asked).toContain(name);
    }
    expect(before()).toEqual(start);
  });

  test("Cholesky factors, also in batches, under vmap and jit", () => {
    agree((x) => ({ ...cholesky(x) }), 8, definite(1, 8, 8));
    agree((x) => ({ ...cholesky(x) }), 5, definite(2, 3, 5, 5));
    agree((x) => ({ l: vmap((m: Tensor) => cholesky(m).l)(x) }), 4, definite(3, 2, 4, 4));
    agree((x) => ({ l: jit((m: Tensor) => cholesky(m).l)(x) }), 64, definite(4, 64, 64));
    agree((x) => ({ ...cholesky(x) }), 1, { shape: [0, 0], data: new Float32Array() });
  });
  test("a matrix that is not positive definite says so at its pivot, and leaves the others of its batch right", () => {
    const start = before();
    const one = [4, 2, 2, 3];
    const batch = { shape: [4, 2, 2], data: Float32Array.of(...one, 1, 2, 2, 1, ...one, Number.NaN, 0, 0, 1) };
    agree((x) => ({ l: cholesky(x).l }), 2, batch);
    const info = here((x) => ({ ...cholesky(x) }), batch).info.data;
    if (engine.reports) {
      expect(info).toEqual([0, 2 + 16 * 2, 0, 1]);
      expect(before()["tensorflow.Cholesky"]).toBe(2 + (start["tensorflow.Cholesky"] ?? 0));
    } else expect(info.map((c) => c % 16)).toEqual([0, 2, 0, 1]);
  });
  test("QR has LAPACK's signs, thin and full, tall and wide, at 1e30 and with NaN", () => {
    for (const full of [false, true])
      for (const shape of [
        [6, 4],
        [4, 6],
        [5, 5],
        [2, 4, 3],
      ])
        agree((x) => ({ ...qr(x, { full }) }), 6, gaussian(5, ...shape));
    agree((x) => ({ ...qr(mul(1e30, x)) }), 4, gaussian(6, 4, 4));
    agree((x) => ({ ...qr(x) }), 2, { shape: [2, 2, 2], data: Float32Array.of(1, 2, 3, 4, Number.NaN, 0, 0, 1) });
    agree((x) => ({ ...qr(x) }), 1, { shape: [3, 0], data: new Float32Array() });
  });
  test("singular values and vectors: thin, full, values alone, wide, repeated, not finite", () => {
    const rebuilt = (full: boolean) => (x: Tensor) => {
      const { u, s, vt, info } = svd(x, { full });
      const k = s.shape[s.shape.length - 1];
      const [uk, vk] = [slice(u, [0, 0], [u.shape[0], k]), slice(vt, [0, 0], [k, vt.shape[1]])];
      return {
        s,
        a: matmul(mul(uk, s), vk),
        uu: matmul(matrixTranspose(u), u),
        vv: matmul(vt, matrixTranspose(vt)),
        info,
      };
    };
    for (const full of [false, true])
      for (const shape of [
        [7, 4],
        [4, 7],
        [5, 5],
      ])
        agree(rebuilt(full), 7, gaussian(7, ...shape));
    agree((x) => ({ s: svdvals(x) }), 6, gaussian(8, 3, 6, 5));
    agree(
      (x) => ({ info: svd(x).info }),
      1,
      data(() => identity(4)),
    );
    const bad = { shape: [2, 2, 2], data: Float32Array.of(3, 0, 0, 1, Number.POSITIVE_INFINITY, 0, 0, 1) };
    const { s, info } = here((x) => ({ s: svd(x).s, info: svd(x).info }), bad);
    expect(info.data).toEqual([0, 1]);
    expect(s.data.map(Math.round)).toEqual([3, 1, Number.NaN, Number.NaN]);
    agree((x) => ({ ...svd(x) }), 1, { shape: [3, 0], data: new Float32Array() });
  });
  test("eigenvalues and vectors of symmetric matrices, batched, repeated, not finite", () => {
    const rebuilt = (x: Tensor) => {
      const { values, vectors, info } = eigh(x);
      return { values, a: matmul(mul(vectors, values), matrixTranspose(vectors)), info };
    };
    agree(rebuilt, 8, definite(9, 8, 8));
    agree((x) => ({ w: eigvalsh(x) }), 5, definite(10, 2, 3, 5, 5));
    agree(
      (x) => ({ info: eigh(x).info }),
      1,
      data(() => identity(3)),
    );
    agree((x) => ({ ...eigh(x) }), 1, { shape: [2, 2], data: Float32Array.of(Number.NaN, 0, 0, 1) });
  });
  test("triangular systems in all eight forms; a zero on the diagonal gives infinity", () => {
    const b = gaussian(12, 5, 3);
    for (const lower of [false, true])
      for (const transposed of [false, true])
        for (const unitDiagonal of [false, true])
          agree(
            (x, y) => ({ x: triangularSolve(x, y, { lower, transposed, unitDiagonal }) }),
            200,
            definite(11, 5, 5),
            b,
          );
    const zero = { shape: [2, 2], data: Float32Array.of(0, 0, 1, 2) };
    agree((x, y) => ({ x: triangularSolve(x, y, { lower: true }) }), 1, zero, {
      shape: [2],
      data: Float32Array.of(1, 1),
    });
  });
  test("log-gamma and digamma, their zeros and their poles", () => {
    const x = Float32Array.from({ length: 400 }, (_, i) => 0.05 + i / 16);
    agree((v) => ({ lgamma: lgamma(v) }), 2, { shape: [400], data: x });
    agree((v) => ({ digamma: digamma(v) }), 2, { shape: [400], data: x });
    const near = { shape: [4], data: Float32Array.of(1, 2, 1.5, 0.5) };
    agree((v) => ({ lgamma: lgamma(v), digamma: digamma(v) }), 2, near);
    const poles = { shape: [3], data: Float32Array.of(0, -1, Number.POSITIVE_INFINITY) };
    expect(here((v) => ({ y: lgamma(v) }), poles).y.data).toEqual(new Array(3).fill(Number.POSITIVE_INFINITY));
  });
  test("gradients through them are those of wasm", () => {
    const a = definite(13, 4, 4);
    agree((x) => ({ g: grad((m: Tensor) => sum(cholesky(m).l))(x) as Tensor }), 20, a);
    agree((x) => ({ g: grad((m: Tensor) => sum(svdvals(m)))(x) as Tensor }), 20, a);
    agree((x) => ({ g: grad((m: Tensor) => sum(eigvalsh(m).mul(eigvalsh(m))))(x) as Tensor }), 20, a);
    agree((x) => ({ g: grad((m: Tensor) => sum(lgamma(m.add(40))))(x) as Tensor }), 4, a);
  });
});

test.skipIf(addon === undefined)("the addon that loads says where it runs", () => {
  expect(addon?.engine).toMatch(/^tensorflow on (the CPU|CUDA)$/);
});
