import {
  add,
  arange,
  concatenate,
  cos,
  div,
  exp,
  expandDims,
  less,
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
  toTensor,
  where,
  zeros,
} from "@ansatz/tensor";
import { type Initializer, lecunNormal, normalInit, zerosInit } from "./initializers";
import type { Module } from "./module";

export interface DenseParams {
  /** [in, out] */
  readonly kernel: Tensor;
  /** [out] */
  readonly bias: Tensor;
}

const checkLast = (caller: string, x: Tensor, size: number): void => {
  if (x.shape[x.shape.length - 1] !== size)
    throw new ShapeError(caller, `the last axis of the input must have ${size} entries`, { input: x.shape });
};

/**
 * The affine map y = xW + b on the last axis: [.., in] → [.., out]. W is normal with variance 1/in and b zero unless told.
 *
 * @throws {ShapeError} the last axis of x does not have `inputs` entries
 * @example
 * const layer = dense(3, 2);
 * layer.apply(layer.init(key(0)), ones([5, 3])); // [5, 2]
 */
export const dense = (
  inputs: number,
  outputs: number,
  options: { readonly kernel?: Initializer; readonly bias?: Initializer } = {},
): Module<DenseParams> => ({
  init: (key) => {
    const [k1, k2] = split(key);
    return {
      kernel: (options.kernel ?? lecunNormal)(k1, [inputs, outputs]),
      bias: (options.bias ?? zerosInit)(k2, [outputs]),
    };
  },
  apply: ({ kernel, bias }, input) => {
    const x = toTensor(input, "dense");
    checkLast("dense", x, inputs);
    return add(matmul(x, kernel), bias);
  },
});

export interface LayerNormParams {
  readonly scale: Tensor;
  readonly offset: Tensor;
}

/**
 * (x − mean) / √(variance + ε) · scale + offset over the last axis, with the population's variance. Blind to x ↦ ax + c up to ε. With
 * ε = 0 a constant row is 0/0.
 *
 * @throws {ShapeError} the last axis of x does not have `size` entries
 * @see Ba, Kiros & Hinton 2016, arXiv:1607.06450
 * @example
 * const norm = layerNorm(4);
 * norm.apply(norm.init(key(0)), [1, 2, 3, 4]); // [-1.3416…, -0.4472…, 0.4472…, 1.3416…]
 */
export const layerNorm = (size: number, { eps = 1e-5 }: { readonly eps?: number } = {}): Module<LayerNormParams> => ({
  init: () => ({ scale: ones([size], { dtype: "float32" }), offset: zeros([size], { dtype: "float32" }) }),
  apply: ({ scale, offset }, input) => {
    const x = toTensor(input, "layerNorm");
    checkLast("layerNorm", x, size);
    const centred = sub(x, mean(x, -1, { keepDims: true }));
    const variance = mean(square(centred), -1, { keepDims: true });
    return add(mul(mul(centred, rsqrt(add(variance, eps))), scale), offset);
  },
});

/**
 * A table of `count` vectors: integer indices [..] → [.., size], the rows named; as a product, onehot(i)ᵀ · table. The gradient adds up where
 * an index repeats. An index outside 0 … count − 1, negative ones too, gives NaN: it is never wrapped.
 *
 * @example
 * const words = embedding(1000, 16);
 * words.apply(words.init(key(0)), [3, 1, 3]); // [3, 16]
 */
export const embedding = (
  count: number,
  size: number,
  init: Initializer = normalInit(1),
): Module<{ readonly table: Tensor }, [indices: TensorLike]> => ({
  init: (key: Tensor) => ({ table: init(key, [count, size]) }),
  // take counts negative indices from the end: send them out of range first
  apply: ({ table }, indices) => take(table, where(less(indices, 0), count, indices), 0, { mode: "fill" }),
});

/**
 * Sinusoidal features of a time t in [0, 1]: [..] → [.., size], cos(πf_k t) then sin(πf_k t) with f_k from 1 to `maxFrequency` in geometric
 * progression, k = 1 … size/2. Since f_1 = 1, the first cosine alone tells all times of [0, 1] apart.
 *
 * @throws {ShapeError} size odd or below 2
 * @see Vaswani et al. 2017, arXiv:1706.03762, §3.5 (with frequencies for a time instead of a position)
 * @example timeEmbedding([0, 0.5, 1], 4, { maxFrequency: 2 }) // [[1, 1, 0, 0], [0, -1, 1, 0], [-1, 1, 0, 0]]
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
