import type { Backend } from "@ansatz/backend";
import { digitArrays } from "@ansatz/datasets";
import {
  digitClasses as classes,
  type DigitData,
  type DigitFlow,
  type DigitFlowState,
  type DigitFrame,
  digitFlow,
  digitFrame,
} from "@ansatz/experiments";
import { cosineDecay, warmup } from "@ansatz/optimization";
import { key as keyOf, normal, slice, tensor, withBackend, zeros } from "@ansatz/tensor";
import type { JobKind, TrainConfig, TrainJob } from "../job";
import { arraysOf, restore } from "../tree-arrays";

/** Images drawn by one call: between calls, signals are handled. */
const together = 20;

interface State {
  readonly frame: DigitFrame;
  readonly training: DigitFlowState;
  readonly step: number;
}

const create = async (config: TrainConfig, exact: Backend): Promise<TrainJob<State>> => {
  const { size, hidden, layers, components } = config;
  const d = size * size;
  const [train, test] = await Promise.all(
    (["train", "test"] as const).map((split) => digitArrays({ split, size: size as 14 | 28 })),
  );
  const rise = Math.min(200, Math.ceil(config.steps / 10));

  interface Model extends DigitFlow {
    readonly frame: DigitFrame;
    readonly train: DigitData;
    readonly test: DigitData;
  }
  const modelIn = (frame: DigitFrame): Model => {
    const flow = digitFlow(frame, {
      seed: config.seed,
      width: hidden,
      blocks: layers,
      batch: config.batch,
      learningRate: warmup(rise, cosineDecay(config.lr, Math.max(1, config.steps - rise))),
    });
    const encode = ({ images, labels, count }: typeof train): DigitData =>
      flow.encode(tensor(images, { shape: [count, d] }), tensor(labels));
    return { ...flow, frame, train: encode(train), test: encode(test) };
  };
  let known: Model | undefined;
  /** The model in a frame, made when first needed. */
  const model = (frame: DigitFrame): Model => (known?.frame === frame ? known : (known = modelIn(frame)));

  return {
    model: `digits-flow/1 size ${size} components ${components} hidden ${hidden}x${layers}`,
    count: train.count,
    init: async () => {
      const frame = withBackend(exact, () => digitFrame(train.images, train.count, d, components));
      return { frame, training: model(frame).init(), step: 0 };
    },
    step: ({ frame, training, step }) => {
      const { next, loss } = model(frame).step(training, step, model(frame).train);
      return { state: { frame, training: next, step: step + 1 }, loss: loss.item() as number };
    },
    evaluate: ({ frame, training }) => model(frame).heldOut(training.average, model(frame).test).item() as number,
    save: ({ frame, training }) => arraysOf({ frame, training }),
    load: async (arrays) => {
      const empty: DigitFrame = {
        mean: zeros([d], { dtype: "float32" }),
        basis: zeros([components, d], { dtype: "float32" }),
        variance: zeros([components], { dtype: "float32" }),
      };
      const { frame, training } = restore({ frame: empty, training: model(empty).init() }, arrays);
      return { frame, training, step: training.step.item() as number };
    },
    sample: async ({ frame, training }, request) => {
      const { labels, steps, solver, seed: noise, signal, onProgress } = request;
      const pixels = new Float32Array(labels.length * d);
      const x0 = normal(keyOf(noise), [labels.length, components], { dtype: "float32" });
      for (let from = 0; from < labels.length && !signal?.aborted; from += together) {
        const to = Math.min(labels.length, from + together);
        const which = tensor(Int32Array.from(labels.slice(from, to)));
        const images = model(frame).sample(training.average, slice(x0, [from], [to]), which, solver, steps, 1);
        pixels.set((await images.data()) as Float32Array, from * d);
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
