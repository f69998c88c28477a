// Runs in Chromium: one program on wasm, on gpu.js and on tfjs webgl.
import { gpujsBackend } from "@ansatz/backend-gpujs";
import { tfjsBackend } from "@ansatz/backend-tfjs";
import { wasmBackend } from "@ansatz/backend-wasm";
import {
  add,
  bits,
  key,
  keyData,
  less,
  normal,
  tensor,
  toBackend,
  uniform,
  useBackend,
  withBackend,
} from "@ansatz/tensor";
import * as tf from "@tensorflow/tfjs";
import { type Results, sameProgram } from "./same-program";

const on = {
  wasm: async () => wasmBackend(),
  gpujs: async () => gpujsBackend({ host: wasmBackend() }),
  "tfjs-webgl": async () => {
    await tf.setBackend("webgl");
    return tfjsBackend(tf, { host: wasmBackend() });
  },
};
export type Name = keyof typeof on;

const api = async (name: Name): Promise<Results> => {
  useBackend(await on[name]());
  return sameProgram();
};

/** A tree on its way wasm → gpu.js → tfjs → wasm: which leaves changed, and what is said of float64. */
const moves = async () => {
  const [w, g, t] = [await on.wasm(), await on.gpujs(), await on["tfjs-webgl"]()];
  useBackend(w);
  const tree = {
    weights: [normal(key(1), [5, 3], { dtype: "float32" }), uniform(key(2), [7], { dtype: "float32" })],
    counts: tensor(Int32Array.of(2 ** 24 + 1, -(2 ** 31), 5)),
    words: bits(key(3), [4]),
    mask: less(uniform(key(4), [6], { dtype: "float32" }), 0.5),
    key: key(5),
  };
  const there = await toBackend(await toBackend(tree, g), t);
  const sums = await add(there.weights[0], there.weights[0]).data();
  const back = await toBackend(there, w);
  const leaves = (x: typeof tree) => [...x.weights, x.counts, x.words, x.mask, keyData(x.key)];
  const changed: number[] = [];
  for (const [i, leaf] of leaves(tree).entries())
    if ([...(await leaf.data())].join() !== [...(await leaves(back as typeof tree)[i].data())].join()) changed.push(i);
  const doubled = [...(await tree.weights[0].data())].map((v) => Math.fround(2 * Number(v)));
  const refusals: string[] = [];
  for (const b of [g, t])
    for (const ask of [
      () => toBackend(tensor(Float64Array.of(1)), b),
      async () => withBackend(b, () => add(tensor(Float64Array.of(1)), 1)),
    ])
      refusals.push(await ask().then(() => "accepted", String));
  return { changed, sums: [...sums].map(Number), doubled, refusals };
};
export type Moves = Awaited<ReturnType<typeof moves>>;
Object.assign(globalThis, { sameProgram: api, moves });
