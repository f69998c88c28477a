import { valueAndGrad } from "@ansatz/autodiff";
import { type ToyLawName, toyLaws } from "@ansatz/datasets";
import { energyDistance, flowMatchingLoss, flowTrajectory, sampleFlow } from "@ansatz/generative-models";
import { heNormal, type MlpParams, mlp, silu, timeEmbedding } from "@ansatz/nn";
import { adam, applyUpdates } from "@ansatz/optimization";
import {
  add,
  arange,
  concatenate,
  div,
  foldIn,
  jit,
  key as keyOf,
  mean,
  minimum,
  mul,
  normal,
  split,
  stack,
  sub,
  type Tensor,
  tensor,
  tree,
  uniform,
} from "@ansatz/tensor";

/**
 * Conditional flow matching on a law of the plane:
 *
 *   min_θ E ‖ v_θ(xₜ, t) − (x₁ − x₀) ‖²,   xₜ = (1 − t) x₀ + t x₁,  x₀ ~ N(0, I),  x₁ ~ law,  t ~ U[0, 1].
 *
 * The flow of v_θ from t = 0 to 1 carries N(0, I) to the law.
 *
 * @see Lipman et al. 2023, arXiv:2210.02747; spec L1-flow-matching
 */
export interface PlaneOptions {
  readonly law: ToyLawName;
  readonly seed: number;
  /** Neurons of each of the three hidden layers. */
  readonly width: number;
  readonly learningRate: number;
  readonly batch: number;
}

export type Solver = "euler" | "heun";

export interface PlaneState {
  /** What is trained. */
  readonly trained: MlpParams;
  /** Its running average over the last hundreds of steps: what is looked at, with less of the last batches in it. */
  readonly network: MlpParams;
  readonly optimizer: unknown;
  /** Steps made, int32. */
  readonly step: Tensor;
}

const f32 = { dtype: "float32" } as const;
const timeFeatures = 8;
/** Points the energy distance is measured with, and the solver's steps that carry them. */
const measured = 512;
const measureSteps = 16;

export const planeFlow = ({ law, seed, width, learningRate, batch }: PlaneOptions) => {
  // Every use of randomness has its own key: what one draws does not depend on how often another is asked.
  const [kInit, kTrain, kNoise, kTarget, kMeasure] = split(keyOf(seed), 5);
  const draw = toyLaws[law];
  const optimizer = adam(learningRate);
  const net = mlp([2 + timeFeatures, width, width, width, 2], { activation: silu, kernel: heNormal });

  /** v_θ(x, t) for points x [n, 2] and times t [n]. */
  const velocity =
    (network: MlpParams) =>
    (x: Tensor, t: Tensor): Tensor =>
      net.apply(network, concatenate([x, timeEmbedding(t, timeFeatures, { maxFrequency: 4 })], 1));

  const init = (): PlaneState => {
    const trained = net.init(kInit);
    const step = tensor(Int32Array.of(0), { shape: [] });
    return { trained, network: net.init(kInit), optimizer: optimizer.init(trained), step };
  };

  /** One step of Adam on a fresh batch. Step n draws from foldIn(key, n): the numbers depend on the seed and n only. */
  const step = jit(
    (s: PlaneState) => {
      const [kData, kTime, kLoss] = split(foldIn(kTrain, s.step), 3);
      const x1 = draw(kData, batch);
      // One time in each n-th of [0, 1): still uniform, and the mean over the batch varies less.
      const t = div(add(arange(batch, f32), uniform(kTime, [batch], f32)), batch);
      const { value, grad } = valueAndGrad((p: MlpParams) => flowMatchingLoss(velocity(p), x1, kLoss, { t }))(
        s.trained,
      );
      const { updates, state } = optimizer.update(grad, s.optimizer, s.trained);
      const trained = applyUpdates(s.trained, updates as MlpParams);
      // The memory grows with the run, up to some 200 steps, so that the first networks are soon forgotten.
      const keep = minimum(0.995, div(add(s.step, 1), add(s.step, 10)));
      const network = tree.map((a, p) => add(mul(keep, a), mul(sub(1, keep), p)), s.network, trained);
      return { loss: value, next: { trained, network, optimizer: state, step: add(s.step, 1) } };
    },
    { donate: [0], name: "plane step" },
  );

  const noise = normal(kMeasure, [measured, 2], f32);
  const target = draw(kTarget, 2 * measured);
  const distance = jit((x: Tensor) => energyDistance(x, target));
  const carried = jit((p: MlpParams) => sampleFlow(velocity(p), noise, { steps: measureSteps }));

  return {
    init,
    step,
    /** Velocities [n, 2] at points x [n, 2] and times t [n]. */
    field: jit((p: MlpParams, x: Tensor, t: Tensor) => velocity(p)(x, t)),
    /** Positions [steps + 1, n, 2] at the times 0, 1/steps, …, 1 of points x0 [n, 2]. */
    paths: jit(
      (p: MlpParams, x0: Tensor, solver: Solver, steps: number) => flowTrajectory(velocity(p), x0, { solver, steps }),
      { static: [2, 3], name: "plane paths" },
    ),
    /** Samples of the law, [1024, 2]. */
    target,
    /** n samples of N(0, I), always the same ones. */
    noise: (n: number): Tensor => normal(kNoise, [n, 2], f32),
    /** Energy distance between 512 points carried by the flow, from the same noise every time, and 1024 of the law. */
    distance: (p: MlpParams): number => distance(carried(p)).item() as number,
    /** Its mean over eight fresh samples of the law in the place of the flow's: what a perfect model would show. */
    floor: (): number =>
      mean(stack([...split(foldIn(kTarget, 1), 8)].map((k) => distance(draw(k, measured))))).item() as number,
  };
};

export type PlaneFlow = ReturnType<typeof planeFlow>;
