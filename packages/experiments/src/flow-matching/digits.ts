import { valueAndGrad } from "@ansatz/autodiff";
import { digits } from "@ansatz/datasets";
import {
  flowMatchingLoss,
  flowTrajectory,
  gaussianVelocity,
  type VelocityNetParams,
  velocityNet,
} from "@ansatz/generative-models";
import { adam, applyUpdates } from "@ansatz/optimization";
import {
  add,
  arange,
  div,
  foldIn,
  jit,
  key as keyOf,
  maximum,
  mean,
  minimum,
  mul,
  normal,
  randint,
  reshape,
  split,
  sqrt,
  square,
  sub,
  type Tensor,
  take,
  tensor,
  tree,
  uniform,
} from "@ansatz/tensor";
import type { Solver } from "./plane";

/**
 * Conditional flow matching on handwritten digits of 14 × 14 pixels, the class being given to the network:
 *
 *   min_θ E ‖ v_θ(xₜ, t, class) − (x₁ − x₀) ‖² / 196,   xₜ = (1 − t) x₀ + t x₁,  x₀ ~ N(0, I),  x₁ a digit of the class.
 *
 * @see Lipman et al. 2023, arXiv:2210.02747; spec L1-flow-matching
 */
export interface DigitsOptions {
  readonly seed: number;
  readonly width: number;
  readonly learningRate: number;
  readonly batch: number;
}

export interface DigitsState {
  /** What is trained. */
  readonly trained: VelocityNetParams;
  /** Its running average over the last hundreds of steps: what samples are made with. */
  readonly network: VelocityNetParams;
  readonly optimizer: unknown;
  /** Steps made, int32. */
  readonly step: Tensor;
}

const f32 = { dtype: "float32" } as const;
const side = 14;
const pixels = side * side;
const classes = 10;

/** Grey values have mean 0.13 and deviation 0.28 or so: this brings them near to those of the noise. */
const toModel = (images: Tensor): Tensor => div(sub(images, 0.13), 0.28);
const fromModel = (x: Tensor): Tensor => add(mul(x, 0.28), 0.13);

export const digitsFlow = async ({ seed, width, learningRate, batch }: DigitsOptions) => {
  const [kInit, kTrain, kNoise] = split(keyOf(seed), 3);
  const { images, labels } = await digits({ size: side });
  const count = labels.size;
  const data = toModel(reshape(images, [count, pixels]));
  // Were the pixels independent and Gaussian, this field would carry noise to digits; the network learns what it lacks.
  const spread = sqrt(mean(square(sub(data, mean(data, 0))), 0));
  const gaussian = gaussianVelocity(mean(data, 0), maximum(spread, 0.1));
  const net = velocityNet({ size: pixels, width, blocks: 2, timeFeatures: 32, classes });
  const optimizer = adam(learningRate);

  const velocity =
    (p: VelocityNetParams, label: Tensor) =>
    (x: Tensor, t: Tensor): Tensor =>
      add(gaussian(x, t), net.apply(p, x, t, label));

  const init = (): DigitsState => {
    const trained = net.init(kInit);
    const step = tensor(Int32Array.of(0), { shape: [] });
    return { trained, network: net.init(kInit), optimizer: optimizer.init(trained), step };
  };

  /** One step of Adam on digits drawn at random. Step n draws from foldIn(key, n): the numbers depend on the seed and n only. */
  const step = jit(
    (s: DigitsState) => {
      const [kDigits, kTime, kLoss] = split(foldIn(kTrain, s.step), 3);
      const which = randint(kDigits, [batch], 0, count);
      const x1 = take(data, which, 0);
      const label = take(labels, which, 0);
      // One time in each n-th of [0, 1): still uniform, and the mean over the batch varies less.
      const t = div(add(arange(batch, f32), uniform(kTime, [batch], f32)), batch);
      const loss = (p: VelocityNetParams): Tensor =>
        div(flowMatchingLoss(velocity(p, label), x1, kLoss, { t }), pixels);
      const { value, grad } = valueAndGrad(loss)(s.trained);
      const { updates, state } = optimizer.update(grad, s.optimizer, s.trained);
      const trained = applyUpdates(s.trained, updates as VelocityNetParams);
      // The memory grows with the run, up to some 500 steps, so that the first networks are soon forgotten.
      const keep = minimum(0.998, div(add(s.step, 1), add(s.step, 10)));
      const network = tree.map((a, p) => add(mul(keep, a), mul(sub(1, keep), p)), s.network, trained);
      return { loss: value, next: { trained, network, optimizer: state, step: add(s.step, 1) } };
    },
    { donate: [0], name: "digits step" },
  );

  return {
    side,
    init,
    step,
    /** The digits it learns from: images [8000, 14, 14] in [0, 1], labels [8000]. */
    images,
    labels,
    /** Noise for n samples [n, 196], always the same. */
    noise: (n: number): Tensor => normal(kNoise, [n, pixels], f32),
    /** Grey values [steps + 1, n, 196] on the way from noise x0 [n, 196] to digits of the classes [n]; those of a digit lie in [0, 1]. */
    paths: jit(
      (p: VelocityNetParams, x0: Tensor, label: Tensor, solver: Solver, steps: number) =>
        fromModel(flowTrajectory(velocity(p, label), x0, { solver, steps })),
      { static: [3, 4], name: "digits paths" },
    ),
  };
};

export type DigitsFlow = Awaited<ReturnType<typeof digitsFlow>>;
