import { valueAndGrad } from "@ansatz/autodiff";
import { batches, digitArrays } from "@ansatz/datasets";
import {
  flowMatchingLoss,
  sampleFlow,
  type VelocityField,
  type VelocityNetParams,
  velocityNet,
} from "@ansatz/generative-models";
import { adam, applyUpdates, cosineDecay, warmup } from "@ansatz/optimization";
import {
  add,
  arange,
  astype,
  div,
  foldIn,
  jit,
  keyData,
  key as keyOf,
  minimum,
  mul,
  normal,
  scope,
  slice,
  split,
  sub,
  type Tensor,
  take,
  tensor,
  tree,
  uniform,
  wrapKeyData,
  zeros,
} from "@ansatz/tensor";
import type { JobKind, TrainConfig, TrainJob } from "../job";
import { arraysOf, restore } from "../tree-arrays";
import { gaussianResidual } from "./gaussian-residual";
import { fromCoordinates, principalCoordinates, toCoordinates } from "./principal-coordinates";

const classes = 10;
/** Images drawn by one call: between calls, signals are handled. */
const together = 20;
/** The parameters' average forgets at this rate, and faster at the beginning: 1 − (n + 1)/(n + 10) at step n. */
const averaging = 0.999;

/** What a compiled step takes and gives. */
interface Training {
  readonly params: VelocityNetParams;
  /** Exponential average of the parameters: what is evaluated and sampled from. */
  readonly average: VelocityNetParams;
  readonly optimizer: unknown;
  /** Steps done, int32. */
  readonly step: Tensor;
  /** Two uint32 words; never changes: step n draws from foldIn(key, n). */
  readonly key: Tensor;
}

/** Strings are static: each choice is its own program. */
interface SolverOptions {
  readonly steps: string;
  readonly solver: "euler" | "heun";
}

interface Frame {
  readonly mean: Tensor;
  readonly basis: Tensor;
  readonly variance: Tensor;
}

interface State {
  readonly frame: Frame;
  readonly training: Training;
  readonly step: number;
}

/** Images in [0, 1] to [−1, 1]. */
const spread = (images: Float32Array): Float32Array<ArrayBuffer> => Float32Array.from(images, (v) => 2 * v - 1);

const create = async (config: TrainConfig): Promise<TrainJob<State>> => {
  const { size, hidden, layers, components } = config;
  const d = size * size;
  const [train, test] = await Promise.all(
    (["train", "test"] as const).map((split) => digitArrays({ split, size: size as 14 | 28 })),
  );
  const seed = keyOf(config.seed);
  const order = batches({ count: train.count, size: config.batch, key: foldIn(seed, 1) });
  const rise = Math.min(200, Math.ceil(config.steps / 10));
  const optimizer = adam(warmup(rise, cosineDecay(config.lr, Math.max(1, config.steps - rise))));

  const net = velocityNet({ size: components, width: hidden, blocks: layers, classes });
  const field = (params: VelocityNetParams, variance: Tensor, labels: Tensor): VelocityField =>
    gaussianResidual((x, t) => net.apply(params, x, t, labels), variance);
  /** Mean squared error per coordinate, at one time in each n-th of [0, 1): still uniform, and varying less than independent ones. */
  const loss = (params: VelocityNetParams, variance: Tensor, x: Tensor, labels: Tensor, key: Tensor): Tensor => {
    const n = x.shape[0];
    const [k1, k2] = split(key);
    const t = div(add(arange(n, { dtype: "float32" }), uniform(k1, [n], { dtype: "float32" })), n);
    return div(flowMatchingLoss(field(params, variance, labels), x, k2, { t }), components);
  };

  const initial = (): Training => {
    const params = net.init(foldIn(seed, 0));
    return {
      params,
      average: net.init(foldIn(seed, 0)),
      optimizer: optimizer.init(params),
      step: tensor(Int32Array.of(0), { shape: [] }),
      key: keyData(foldIn(seed, 2)),
    };
  };

  /** The data in the frame, made when first needed. */
  let encoded: { frame: Frame; train: Tensor; trainLabels: Tensor; test: Tensor; testLabels: Tensor } | null = null;
  const encode = (frame: Frame) => {
    if (encoded?.frame !== frame) {
      const rows = (images: Float32Array, n: number): Tensor =>
        scope(() => toCoordinates(tensor(spread(images), { shape: [n, d] }), frame.mean, frame.basis));
      encoded = {
        frame,
        train: rows(train.images, train.count),
        trainLabels: tensor(train.labels),
        test: rows(test.images, test.count),
        testLabels: tensor(test.labels),
      };
    }
    return encoded;
  };

  const advance = jit(
    (s: Training, indices: Tensor, x: Tensor, labels: Tensor, variance: Tensor) => {
      const k = foldIn(wrapKeyData(s.key), s.step);
      const { value, grad } = valueAndGrad((params: VelocityNetParams) =>
        loss(params, variance, take(x, indices, 0), take(labels, indices, 0), k),
      )(s.params);
      const { updates, state } = optimizer.update(grad, s.optimizer, s.params);
      const params = applyUpdates(s.params, updates as typeof s.params);
      const n = astype(s.step, "float32");
      const keep = minimum(averaging, div(add(n, 1), add(n, 10)));
      const average = tree.map((a, p) => add(mul(keep, a), mul(sub(1, keep), p)), s.average, params);
      return { loss: value, next: { params, average, optimizer: state, step: add(s.step, 1), key: s.key } };
    },
    { donate: [0], name: "train step" },
  );
  const heldOut = jit((params: VelocityNetParams, x: Tensor, labels: Tensor, variance: Tensor, k: Tensor) =>
    loss(params, variance, x, labels, wrapKeyData(k)),
  );
  const draw = jit(
    (params: VelocityNetParams, frame: Frame, x0: Tensor, labels: Tensor, options: SolverOptions) => {
      const x = sampleFlow(field(params, frame.variance, labels), x0, {
        steps: Number(options.steps),
        solver: options.solver,
      });
      return fromCoordinates(x, frame.mean, frame.basis);
    },
    { static: [4], name: "draw" },
  );

  return {
    model: `digits-flow/1 size ${size} components ${components} hidden ${hidden}x${layers}`,
    count: train.count,
    init: async () => {
      const c = await principalCoordinates(spread(train.images), train.count, d, components);
      const frame = {
        mean: tensor(c.mean),
        basis: tensor(c.basis, { shape: [components, d] }),
        variance: tensor(c.variance),
      };
      return { frame, training: initial(), step: 0 };
    },
    step: ({ frame, training, step }) => {
      const data = encode(frame);
      const { indices } = order.next(order.at(step));
      const { next, loss } = advance(training, indices, data.train, data.trainLabels, frame.variance);
      return { state: { frame, training: next as Training, step: step + 1 }, loss: loss.item() as number };
    },
    evaluate: ({ frame, training }) => {
      const data = encode(frame);
      const k = keyData(foldIn(seed, 3));
      return heldOut(training.average, data.test, data.testLabels, frame.variance, k).item() as number;
    },
    save: ({ frame, training }) => arraysOf({ frame, training }),
    load: async (arrays) => {
      const frame: Frame = {
        mean: zeros([d], { dtype: "float32" }),
        basis: zeros([components, d], { dtype: "float32" }),
        variance: zeros([components], { dtype: "float32" }),
      };
      const restored = restore({ frame, training: initial() }, arrays);
      return { ...restored, step: restored.training.step.item() as number };
    },
    sample: async ({ frame, training }, request) => {
      const { labels, steps, solver, seed: noise, signal, onProgress } = request;
      const pixels = new Float32Array(labels.length * d);
      const x0 = normal(keyOf(noise), [labels.length, components], { dtype: "float32" });
      for (let from = 0; from < labels.length && !signal?.aborted; from += together) {
        const to = Math.min(labels.length, from + together);
        const which = tensor(Int32Array.from(labels.slice(from, to)));
        const x = draw(training.average, frame, slice(x0, [from], [to]), which, { steps: `${steps}`, solver });
        const images = (await x.data()) as Float32Array;
        pixels.set(
          images.map((v) => (v + 1) / 2),
          from * d,
        );
        onProgress?.(to);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { count: labels.length, size, pixels };
    },
  };
};

export const digitsKind: JobKind = {
  dataset: "digits",
  description: "10,000 handwritten digits; a flow-matching model, conditional on the class",
  count: 8000,
  classes,
  sizes: [28, 14],
  defaults: {
    size: 28,
    components: 196,
    hidden: 384,
    layers: 3,
    batch: 128,
    lr: 1e-3,
    steps: 20_000,
    seed: 0,
    checkpointEvery: 500,
  },
  create,
  describe: async () => ({
    dataset: "digits",
    source: "MNIST training images, by the registry package mnist 1.1.0",
    train: 8000,
    test: 2000,
    classes,
    sizes: [28, 14],
  }),
};
