import { flowMatchingLoss, guided, sampleFlow, type VelocityNetParams, velocityNet } from "@ansatz/generative-models";
import {
  type AverageState,
  adamw,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  type DescentState,
  gradientDescent,
  movingAverage,
  warmup,
} from "@ansatz/optimization";
import {
  add,
  bernoulli,
  clip,
  div,
  foldIn,
  full,
  jit,
  mul,
  normal,
  randint,
  scan,
  split,
  sub,
  type Tensor,
  take,
  where,
} from "@ansatz/tensor";

/**
 * A class-conditional flow-matching model of handwritten digits. Pixels in [0, 1] are mapped to [−1, 1]; a label is dropped with probability
 * `dropLabel`, so that one network learns the conditional and the unconditional field and samples can be guided.
 */
export interface DigitFlowOptions {
  /** Pixels of an image. */
  readonly pixels: number;
  readonly width: number;
  readonly blocks: number;
  readonly batch: number;
  readonly steps: number;
  readonly rate: number;
  readonly dropLabel: number;
  /** β of the moving average of parameters that is sampled from. */
  readonly averaging: number;
}

export const reducedDigitFlow: DigitFlowOptions = {
  pixels: 196,
  width: 256,
  blocks: 3,
  batch: 128,
  steps: 2500,
  rate: 2e-3,
  dropLabel: 0.1,
  averaging: 0.995,
};

export interface DigitFlowState {
  readonly descent: DescentState<VelocityNetParams>;
  readonly average: AverageState<VelocityNetParams>;
}

const classes = 10;

export const digitFlow = (options: DigitFlowOptions) => {
  const net = velocityNet({ size: options.pixels, width: options.width, blocks: options.blocks, classes });
  const optimizer = chain(
    clipByGlobalNorm(20),
    adamw(warmup(100, cosineDecay(options.rate, options.steps)), { weightDecay: 1e-3, beta2: 0.99 }),
  );
  const loss = (params: VelocityNetParams, images: Tensor, labels: Tensor, key: Tensor): Tensor => {
    const [lossKey, dropKey] = split(key);
    const dropped = where(bernoulli(dropKey, options.dropLabel, labels.shape), classes, labels);
    return flowMatchingLoss((x, t) => net.apply(params, x, t, dropped), images, lossKey);
  };
  const descent = gradientDescent(loss, optimizer);
  const average = movingAverage(options.averaging);

  return {
    init: (key: Tensor): DigitFlowState => {
      const params = net.init(key);
      return { descent: descent.init(params), average: average.init(params) };
    },
    /** What to sample with. */
    params: (state: DigitFlowState): VelocityNetParams => average.value(state.average),

    /**
     * Steps `state.descent.step`, … of training on images [n, pixels] in [0, 1], as one compiled scan of `length` steps. Step i draws its batch and noise from
     * foldIn(key, i), so the numbers do not depend on how the steps are grouped.
     */
    train: (images: Tensor, labels: Tensor, key: Tensor, length: number) => {
      const data = sub(mul(2, images), 1);
      return jit(
        (state: DigitFlowState) =>
          scan(
            (s: DigitFlowState) => {
              const [batchKey, lossKey] = split(foldIn(key, s.descent.step));
              const rows = randint(batchKey, [options.batch], 0, images.shape[0]);
              const { state: next, info } = descent.step(
                s.descent,
                take(data, rows, 0),
                take(labels, rows, 0),
                lossKey,
              );
              return [{ descent: next, average: average.update(s.average, next.params) }, info.loss] as const;
            },
            state,
            null,
            { length },
          ),
        { donate: [0] },
      );
    },

    /** Images [n, pixels] in [0, 1], one per label. */
    sample: (params: VelocityNetParams, labels: Tensor, key: Tensor, { steps = 30, guidance = 1 } = {}): Tensor => {
      const none = full(labels.shape, classes, { dtype: "int32" });
      const field = guided(
        (x, t) => net.apply(params, x, t, labels),
        (x, t) => net.apply(params, x, t, none),
        guidance,
      );
      const x0 = normal(key, [labels.shape[0], options.pixels], { dtype: "float32" });
      return clip(div(add(sampleFlow(field, x0, { steps, solver: "heun" }), 1), 2), 0, 1);
    },
  };
};
