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
import { add, DomainError, mul, split, type Tensor } from "@ansatz/tensor";

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
 */
export const velocityNet = (
  options: VelocityNetOptions,
): Module<VelocityNetParams, [x: Tensor, t: Tensor, label?: Tensor]> => {
  const { size, width = 256, blocks = 3, timeFeatures = 64, classes = 0 } = options;
  for (const [name, v] of Object.entries({ size, width, blocks }))
    if (!Number.isInteger(v) || v < 1)
      throw new DomainError("velocityNet", `${name} must be a positive integer`, { [name]: v });
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
    apply: (p, x, t, labels) => {
      const features = time.apply(p.time, timeEmbedding(t, timeFeatures));
      const condition = silu(labels === undefined ? features : add(features, label.apply(p.label, labels)));
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
 * Classifier-free guidance: v = v(x, t, ∅) + w (v(x, t, label) − v(x, t, ∅)); w = 1 is the conditional field.
 * @see Ho & Salimans 2022, arXiv:2207.12598
 */
export const guided =
  (
    conditional: (x: Tensor, t: Tensor) => Tensor,
    unconditional: (x: Tensor, t: Tensor) => Tensor,
    weight: number,
  ): ((x: Tensor, t: Tensor) => Tensor) =>
  (x, t) =>
    weight === 1 ? conditional(x, t) : add(mul(1 - weight, unconditional(x, t)), mul(weight, conditional(x, t)));
