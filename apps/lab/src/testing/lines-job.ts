import type { NdArray } from "@ansatz/datasets";
import type { JobKind, TrainConfig, TrainJob } from "../job";

/**
 * A job small enough for tests of everything around it: noisy stochastic gradient descent of a slope and an offset, on the
 * host, in float64. Its noise comes from a counter in its state, so that any skipped or repeated step shows in the numbers.
 */
interface State {
  readonly weights: Float64Array<ArrayBuffer>;
  readonly key: Uint32Array<ArrayBuffer>;
}

const hash = (a: number, b: number): number => {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
};

const create = (config: TrainConfig): TrainJob<State> => ({
  model: `lines ${config.hidden}x${config.layers} size ${config.size}`,
  count: 64,
  init: async () => ({
    weights: new Float64Array(config.hidden),
    key: new Uint32Array([config.seed, 0]),
  }),
  step: ({ weights, key }) => {
    // Real work, so that a step takes a while and a run can be killed in its middle.
    const spin = performance.now() + config.layers / 10;
    while (performance.now() < spin);
    const next = weights.slice();
    let loss = 0;
    for (let i = 0; i < next.length; i++) {
      const x = hash(key[0] as number, (key[1] as number) * 1000 + i) / 2 ** 32;
      const error = (next[i] as number) * x - Math.sin(i) * x;
      loss += error * error;
      next[i] = (next[i] as number) - config.lr * error * x;
    }
    return { state: { weights: next, key: new Uint32Array([key[0] as number, (key[1] as number) + 1]) }, loss };
  },
  evaluate: ({ weights }) => weights.reduce((sum, w, i) => sum + (w - Math.sin(i)) ** 2, 0),
  save: async ({ weights, key }) => ({
    weights: { dtype: "float64", shape: [weights.length], data: weights },
    key: { dtype: "uint32", shape: [2], data: key },
  }),
  load: async (arrays: Readonly<Record<string, NdArray>>) => {
    const { weights, key } = arrays;
    if (weights?.dtype !== "float64" || weights.shape[0] !== config.hidden || key?.dtype !== "uint32")
      throw new Error("lines: wrong arrays");
    return { weights: weights.data, key: key.data };
  },
  sample: async ({ weights }, { labels, onProgress, seed }) => {
    const pixels = new Float32Array(labels.length * config.size ** 2);
    labels.forEach((label, i) => {
      for (let k = 0; k < config.size ** 2; k++)
        pixels[i * config.size ** 2 + k] = Math.abs(Math.sin(label + k * (weights[0] as number) + seed));
    });
    onProgress?.(labels.length);
    return { count: labels.length, size: config.size, pixels };
  },
});

export const lines: JobKind = {
  dataset: "lines",
  description: "for tests",
  count: 64,
  classes: 3,
  sizes: [4, 8],
  defaults: {
    size: 8,
    components: 3,
    hidden: 5,
    layers: 1,
    batch: 16,
    lr: 0.5,
    steps: 200,
    seed: 1,
    checkpointEvery: 50,
  },
  create: async (config) => create(config),
  describe: async () => ({ dataset: "lines", examples: 64 }),
};
