import { DomainError, split, type Tensor, toTensor } from "@ansatz/tensor";
import { type Activation, relu } from "./activations";
import type { Initializer } from "./initializers";
import { type DenseParams, dense } from "./layers";
import type { Module } from "./module";

export interface MlpParams {
  readonly layers: readonly DenseParams[];
}

export interface MlpOptions {
  readonly activation?: Activation;
  /** Applied to the last layer too (default: none). */
  readonly outputActivation?: Activation;
  readonly kernel?: Initializer;
}

/**
 * Multi-layer perceptron x ← σ(xW + b), affine at the end: widths [in, hidden…, out], Σ (wᵢ + 1) wᵢ₊₁ parameters; σ is relu unless told.
 * With σ the identity it collapses to one affine map.
 *
 * @throws {DomainError} fewer than two widths, or one that is no positive integer
 * @example
 * const net = mlp([2, 10, 1], { activation: tanh });
 * net.apply(net.init(key(0)), [[0, 1], [1, 1]]); // [2, 1]
 */
export const mlp = (widths: readonly number[], options: MlpOptions = {}): Module<MlpParams> => {
  if (widths.length < 2 || widths.some((w) => !Number.isInteger(w) || w < 1))
    throw new DomainError("mlp", "needs at least two positive integer widths", { widths });
  const activation = options.activation ?? relu;
  const layers = widths.slice(1).map((w, i) => dense(widths[i], w, options.kernel ? { kernel: options.kernel } : {}));
  return {
    init: (key: Tensor) => {
      const keys = [...split(key, layers.length)];
      return { layers: layers.map((l, i) => l.init(keys[i])) };
    },
    apply: (params, x) =>
      layers.reduce<Tensor>(
        (h, l, i) => {
          const y = l.apply(params.layers[i], h);
          return i < layers.length - 1 ? activation(y) : (options.outputActivation?.(y) ?? y);
        },
        toTensor(x, "mlp"),
      ),
  };
};
