import {
  add,
  arange,
  concatenate,
  cos,
  div,
  exp,
  expandDims,
  matmul,
  mean,
  mul,
  ones,
  rsqrt,
  ShapeError,
  sin,
  split,
  square,
  sub,
  type Tensor,
  type TensorLike,
  take,
  zeros as zeroTensor,
} from "@ansatz/tensor";
import { type Initializer, lecunNormal, normalInit, zeros } from "./initializers";
import type { Module } from "./module";

export interface DenseParams {
  /** [in, out] */
  readonly kernel: Tensor;
  /** [out] */
  readonly bias: Tensor;
}

/** The affine map y = xW + b on the last axis: [.., in] → [.., out]. */
export const dense = (
  inputs: number,
  outputs: number,
  options: { readonly kernel?: Initializer; readonly bias?: Initializer } = {},
): Module<DenseParams> => ({
  init: (key) => {
    const [k1, k2] = split(key);
    return {
      kernel: (options.kernel ?? lecunNormal)(k1, [inputs, outputs]),
      bias: (options.bias ?? zeros)(k2, [outputs]),
    };
  },
  apply: ({ kernel, bias }, x) => {
    if (x.shape[x.shape.length - 1] !== inputs)
      throw new ShapeError("dense", `the last axis of the input must have ${inputs} entries`, { input: x.shape });
    return add(matmul(x, kernel), bias);
  },
});

export interface LayerNormParams {
  readonly scale: Tensor;
  readonly offset: Tensor;
}

/**
 * (x − mean) / √(variance + ε) · scale + offset over the last axis.
 * @see Ba, Kiros & Hinton 2016, arXiv:1607.06450
 */
export const layerNorm = (size: number, { eps = 1e-5 }: { readonly eps?: number } = {}): Module<LayerNormParams> => ({
  init: () => ({ scale: ones([size], { dtype: "float32" }), offset: zeroTensor([size], { dtype: "float32" }) }),
  apply: ({ scale, offset }, x) => {
    const centred = sub(x, mean(x, -1, { keepDims: true }));
    const variance = mean(square(centred), -1, { keepDims: true });
    return add(mul(mul(centred, rsqrt(add(variance, eps))), scale), offset);
  },
});

/** A table of `count` vectors; integer indices [..] → [.., size]. */
export const embedding = (
  count: number,
  size: number,
  init: Initializer = normalInit(1),
): Module<{ readonly table: Tensor }, [indices: Tensor]> => ({
  init: (key: Tensor) => ({ table: init(key, [count, size]) }),
  apply: ({ table }, indices) => take(table, indices, 0),
});

/**
 * Sinusoidal features of a time t in [0, 1]: [n] → [n, size], cosines then sines of 2π·f_k·t… with frequencies f_k from 1 to `maxFrequency`
 * in geometric progression. Distinct times stay distinct, nearby times nearby.
 * @see Vaswani et al. 2017, arXiv:1706.03762, §3.5
 */
export const timeEmbedding = (
  t: TensorLike,
  size: number,
  { maxFrequency = 32 }: { readonly maxFrequency?: number } = {},
): Tensor => {
  if (size % 2 !== 0 || size < 2)
    throw new ShapeError("timeEmbedding", "the number of features must be even", { size });
  const half = size / 2;
  const exponents = div(arange(half, { dtype: "float32" }), Math.max(1, half - 1));
  const frequencies = mul(Math.PI, exp(mul(Math.log(maxFrequency), exponents)));
  const angles = mul(expandDims(t, -1), frequencies);
  return concatenate([cos(angles), sin(angles)], -1);
};
