import {
  type DenseParams,
  dense,
  embedding,
  type LayerNormParams,
  layerNorm,
  type Module,
  silu,
  timeEmbedding,
  zerosInit,
} from "@ansatz/nn";
import { add, DomainError, mul, ShapeError, split, type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";
import type { VelocityField } from "./path";

export interface VelocityNetOptions {
  /** Entries of an example. */
  readonly size: number;
  readonly width?: number;
  /** Residual blocks. */
  readonly blocks?: number;
  readonly timeFeatures?: number;
  /** Classes to condition on; the label `classes` itself means "no class" (guidance, dropout). 0: unconditional. */
  readonly classes?: number;
}

interface Block {
  readonly norm: LayerNormParams;
  readonly up: DenseParams;
  readonly condition: DenseParams;
  readonly down: DenseParams;
}

export interface VelocityNetParams {
  readonly input: DenseParams;
  readonly time: DenseParams;
  readonly label: { readonly table: Tensor };
  readonly blocks: readonly Block[];
  readonly output: DenseParams;
}

/**
 * A velocity field as a residual network: the example is lifted to `width`; each block adds W₂ silu(W₁ norm(h) + C c), where the condition c carries
 * sinusoidal features of the time and an embedding of the label. Blocks and the output layer start at zero, so the untrained field is 0.
 *
 * apply(params, x, t, label): x [n, size], t [n] in [0, 1], label [n] of integers in 0 … classes; left out, it is "no class". One example
 * without its axis works, too (as under vmap).
 *
 * @throws {DomainError} a size that is no positive integer, an odd number of time features   @throws {ShapeError} x is not [.., size]
 * @example
 * const net = velocityNet({ size: 2, width: 32, blocks: 2, classes: 3 });
 * const params = net.init(key(0));
 * const v = net.apply(params, [[0.5, -1]], [0.3], [2]); // [[0, 0]] until it is trained
 */
export const velocityNet = (
  options: VelocityNetOptions,
): Module<VelocityNetParams, [x: TensorLike, t: TensorLike, label?: TensorLike]> => {
  const { size, width = 256, blocks = 3, timeFeatures = 64, classes = 0 } = options;
  for (const [name, v] of Object.entries({ size, width, blocks }))
    if (!Number.isInteger(v) || v < 1)
      throw new DomainError("velocityNet", `${name} must be a positive integer`, { [name]: v });
  if (!Number.isInteger(classes) || classes < 0)
    throw new DomainError("velocityNet", "classes must be a whole number", { classes });
  if (!Number.isInteger(timeFeatures / 2) || timeFeatures < 2)
    throw new DomainError("velocityNet", "timeFeatures must be even and positive", { timeFeatures });
  const input = dense(size, width);
  const time = dense(timeFeatures, width);
  const label = embedding(classes + 1, width);
  const norm = layerNorm(width);
  const inner = dense(width, width);
  const outer = dense(width, width, { kernel: zerosInit });
  const output = dense(width, size, { kernel: zerosInit });
  const block = (key: Tensor): Block => {
    const [k1, k2, k3, k4] = split(key, 4);
    return { norm: norm.init(k1), up: inner.init(k2), condition: inner.init(k3), down: outer.init(k4) };
  };
  return {
    init: (key) => {
      const [k1, k2, k3, k4, k5] = split(key, 5);
      const keys = [...split(k4, blocks)];
      return {
        input: input.init(k1),
        time: time.init(k2),
        label: label.init(k3),
        blocks: Array.from({ length: blocks }, (_, i) => block(keys[i])),
        output: output.init(k5),
      };
    },
    apply: (p, examples, t, labels) => {
      const x = toTensor(examples, "velocityNet");
      if (x.shape[x.shape.length - 1] !== size)
        throw new ShapeError("velocityNet", `examples must have ${size} entries on the last axis`, { x: x.shape });
      const shown = labels ?? (classes > 0 ? classes : undefined);
      const features = time.apply(p.time, timeEmbedding(t, timeFeatures));
      const condition = silu(shown === undefined ? features : add(features, label.apply(p.label, shown)));
      const h = p.blocks.reduce<Tensor>(
        (a, b) => {
          const u = add(inner.apply(b.up, norm.apply(b.norm, a)), inner.apply(b.condition, condition));
          return add(a, outer.apply(b.down, silu(u)));
        },
        input.apply(p.input, x),
      );
      return output.apply(p.output, silu(h));
    },
  };
};

/**
 * Classifier-free guidance: v = v(x, t, ∅) + w (v(x, t, label) − v(x, t, ∅)). w = 1 is the conditional field, w = 0 the unconditional;
 * w > 1 trades variety for adherence to the label, and is no longer the field of any known law.
 *
 * @see Ho & Salimans 2022, arXiv:2207.12598 (their w is our w − 1)
 * @example guided(gaussianVelocity(2, 0.5), gaussianVelocity(0, 1), 1.5) // towards N(2, 0.25), away from N(0, 1)
 */
export const guided =
  (conditional: VelocityField, unconditional: VelocityField, weight: number): VelocityField =>
  (x, t) =>
    weight === 1 ? conditional(x, t) : add(mul(1 - weight, unconditional(x, t)), mul(weight, conditional(x, t)));
