import { valueAndGrad } from "@ansatz/autodiff";
import { batches } from "@ansatz/datasets";
import {
  flowMatchingLoss,
  flowTrajectory,
  guided,
  sampleFlow,
  type VelocityField,
  type VelocityNetParams,
  velocityNet,
} from "@ansatz/generative-models";
import { adam, applyUpdates, type Schedule } from "@ansatz/optimization";
import {
  add,
  arange,
  astype,
  bernoulli,
  div,
  foldIn,
  full,
  jit,
  keyData,
  key as keyOf,
  minimum,
  mul,
  split,
  sub,
  type Tensor,
  take,
  tensor,
  tree,
  uniform,
  where,
  wrapKeyData,
} from "@ansatz/tensor";
import type { Solver } from "../flow-matching/plane";
import { type DigitFrame, fromFrame, toFrame } from "./frame";
import { gaussianResidual } from "./gaussian-residual";

/**
 * Class-conditional flow matching on handwritten digits, in the principal coordinates z of a frame:
 *
 *   min_θ E ‖ v_θ(zₜ, t, class) − (z₁ − z₀) ‖² / components,   zₜ = (1 − t) z₀ + t z₁,  z₀ ~ N(0, I),  z₁ a digit of the class,
 *
 * where v_θ is a residual network around the field of a Gaussian with the digits' variances. One model for the command line, the atlas and the tests.
 *
 * @see Lipman et al. 2023, arXiv:2210.02747; docs/decisions/2026-11-21-digits.md; spec L1-flow-matching
 */
export interface DigitFlowOptions {
  /** Key of everything: initial parameters, order of the data, noise and times. */
  readonly seed: number;
  readonly width: number;
  /** Residual blocks. */
  readonly blocks: number;
  readonly batch: number;
  readonly learningRate: Schedule;
  /** How often a class is hidden from the network, so that it learns the field without one, too, and samples can be guided. Default 0. */
  readonly dropLabel?: number;
  /** The parameters' average forgets at this rate, and faster at the beginning: 1 − (n + 1)/(n + 10) at step n. Default 0.999. */
  readonly averaging?: number;
}

/** What a step takes and gives. */
export interface DigitFlowState {
  readonly params: VelocityNetParams;
  /** Exponential average of the parameters: what is evaluated and sampled from. */
  readonly average: VelocityNetParams;
  readonly optimizer: unknown;
  /** Steps done, int32. */
  readonly step: Tensor;
  /** Two uint32 words; never changes: step n draws from foldIn(key, n). */
  readonly key: Tensor;
}

/** Digits in the frame: z [n, components] and their classes [n]. */
export interface DigitData {
  readonly z: Tensor;
  readonly labels: Tensor;
}

const f32 = { dtype: "float32" } as const;
export const digitClasses = 10;

export const digitFlow = (frame: DigitFrame, options: DigitFlowOptions) => {
  const { width, blocks, batch, learningRate, dropLabel = 0, averaging = 0.999 } = options;
  const [components] = frame.variance.shape;
  const seed = keyOf(options.seed);
  const net = velocityNet({ size: components, width, blocks, classes: digitClasses });
  const optimizer = adam(learningRate);

  const field = (params: VelocityNetParams, labels: Tensor): VelocityField =>
    gaussianResidual((z, t) => net.apply(params, z, t, labels), frame.variance);
  /** At one time in each n-th of [0, 1): still uniform, and varying less than independent ones. */
  const loss = (params: VelocityNetParams, z: Tensor, labels: Tensor, key: Tensor): Tensor => {
    const n = z.shape[0];
    const [k1, k2] = split(key);
    const t = div(add(arange(n, f32), uniform(k1, [n], f32)), n);
    return div(flowMatchingLoss(field(params, labels), z, k2, { t }), components);
  };

  const advance = jit(
    (s: DigitFlowState, indices: Tensor, { z, labels }: DigitData) => {
      const k = foldIn(wrapKeyData(s.key), s.step);
      const seen = take(labels, indices, 0);
      const asked = dropLabel > 0 ? where(bernoulli(foldIn(k, 2), dropLabel, seen.shape), digitClasses, seen) : seen;
      const { value, grad } = valueAndGrad((params: VelocityNetParams) => loss(params, take(z, indices, 0), asked, k))(
        s.params,
      );
      const { updates, state } = optimizer.update(grad, s.optimizer as never, s.params);
      const params = applyUpdates(s.params, updates as typeof s.params);
      const n = astype(s.step, "float32");
      const keep = minimum(averaging, div(add(n, 1), add(n, 10)));
      const average = tree.map((a, p) => add(mul(keep, a), mul(sub(1, keep), p)), s.average, params);
      return { loss: value, next: { params, average, optimizer: state, step: add(s.step, 1), key: s.key } };
    },
    { donate: [0], name: "digits step" },
  );

  const guidedField = (params: VelocityNetParams, labels: Tensor, guidance: number): VelocityField =>
    guidance === 1
      ? field(params, labels)
      : guided(field(params, labels), field(params, full(labels.shape, digitClasses, { dtype: "int32" })), guidance);

  let order: ReturnType<typeof batches> | undefined;
  return {
    init: (): DigitFlowState => {
      const params = net.init(foldIn(seed, 0));
      return {
        params,
        average: net.init(foldIn(seed, 0)),
        optimizer: optimizer.init(params),
        step: tensor(Int32Array.of(0), { shape: [] }),
        key: keyData(foldIn(seed, 2)),
      };
    },
    /** Images [n, d] in [0, 1] and their classes, ready to be learned from. */
    encode: jit((images: Tensor, labels: Tensor): DigitData => ({ z: toFrame(frame, images), labels }), {
      name: "digits in the frame",
    }),
    /** Step n (from 0) on the batch that belongs to it: numbers depend on the seed, the data and n alone. */
    step: (
      state: DigitFlowState,
      n: number,
      data: DigitData,
    ): { readonly loss: Tensor; readonly next: DigitFlowState } => {
      order ??= batches({ count: data.labels.size, size: batch, key: foldIn(seed, 1) });
      return advance(state, order.next(order.at(n)).indices, data) as { loss: Tensor; next: DigitFlowState };
    },
    /** The loss of the averaged parameters on other digits, by noise that is always the same. */
    heldOut: jit(
      (average: VelocityNetParams, { z, labels }: DigitData): Tensor => loss(average, z, labels, foldIn(seed, 3)),
      { name: "digits held out" },
    ),
    /**
     * Images [n, d] of the classes [n], from noise [n, components]. `guidance` extrapolates from the field without a class to that of the
     * class: 1 is the latter, more is more typical.
     */
    sample: jit(
      (params: VelocityNetParams, noise: Tensor, labels: Tensor, solver: Solver, steps: number, guidance: number) =>
        fromFrame(frame, sampleFlow(guidedField(params, labels, guidance), noise, { steps, solver })),
      { static: [3, 4, 5], name: "digits" },
    ),
    /** Images [steps + 1, n, d] on the way from noise [n, components] to digits of the classes [n]. */
    paths: jit(
      (params: VelocityNetParams, noise: Tensor, labels: Tensor, solver: Solver, steps: number) =>
        fromFrame(frame, flowTrajectory(field(params, labels), noise, { steps, solver })),
      { static: [3, 4], name: "digit paths" },
    ),
  };
};

export type DigitFlow = ReturnType<typeof digitFlow>;
