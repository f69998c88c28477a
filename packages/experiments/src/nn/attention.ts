import { type Activation, relu } from "@ansatz/nn";
import {
  add,
  concatenate,
  einsum,
  less,
  matmul,
  matrixTranspose,
  mean,
  mul,
  onesLike,
  rsqrt,
  ShapeError,
  softmax,
  square,
  sub,
  type Tensor,
  type TensorLike,
  toTensor,
  tril,
  where,
} from "@ansatz/tensor";

/** Chapter 1.1.5 and P0: attention as the texts write it. Tokens are the rows of X [n, d]. */

export interface HeadWeights {
  readonly query: TensorLike;
  readonly key: TensorLike;
  readonly value: TensorLike;
}

export interface Attended {
  /** α [n], nonnegative with sum 1. */
  readonly weights: Tensor;
  /** z, in the convex hull of the values. */
  readonly output: Tensor;
}

/**
 * Attention of one query t̂ [d] to tokens X [n, d]: α = softmax(s · QKᵀ), z = αV with Q = t̂W_Q, K = XW_K, V = XW_V; s = 1/√(width of Q) unless told.
 */
export const attendOne = (t: TensorLike, X: TensorLike, w: HeadWeights, scale?: number): Attended => {
  const q = matmul(t, w.query);
  const k = matmul(X, w.key);
  const weights = softmax(mul(scale ?? 1 / Math.sqrt(q.shape[0]), matmul(k, q)));
  return { weights, output: matmul(weights, matmul(X, w.value)) };
};

/** Several heads for one query, joined and mapped by W_O. (ERRATUM of the text: for one query, Q is 1 × d_h.) */
export const attendMany = (
  t: TensorLike,
  X: TensorLike,
  heads: readonly HeadWeights[],
  output: TensorLike,
  scale?: number,
): { readonly heads: readonly Attended[]; readonly output: Tensor } => {
  const attended = heads.map((h) => attendOne(t, X, h, scale));
  return { heads: attended, output: matmul(concatenate(attended.map((a) => a.output)), output) };
};

/** (x − mean) / √(variance + ε), with no gain and no offset. */
export const normalized = (x: TensorLike, eps = 0): Tensor => {
  const c = sub(x, mean(x, -1, { keepDims: true }));
  return mul(c, rsqrt(add(mean(square(c), -1, { keepDims: true }), eps)));
};

export interface UpdateWeights {
  readonly first: TensorLike;
  readonly second: TensorLike;
  readonly bias: TensorLike;
}

/** LN(σ(W₂ σ(W₁ z) + b)): as the text writes it, with an outer σ, one bias, no residual and no expansion. */
export const tokenUpdate = (z: TensorLike, w: UpdateWeights, activation: Activation = relu, eps = 0): Tensor =>
  normalized(activation(add(matmul(w.second, activation(matmul(w.first, z))), w.bias)), eps);

export interface TokenModel {
  readonly heads: readonly HeadWeights[];
  readonly output: TensorLike;
  readonly update: UpdateWeights;
  readonly scale?: number;
  readonly eps?: number;
}

/**
 * t̂ ← update(attention(t̂; X)) from t̂⁽⁰⁾ = mean of the tokens until the change is at most `tol`, or `maxSteps` are made: nothing promises convergence,
 * so `converged` says.
 */
export const tokenFixedPoint = (
  X: TensorLike,
  model: TokenModel,
  { tol = 1e-12, maxSteps = 100 }: { readonly tol?: number; readonly maxSteps?: number } = {},
) => {
  let t = mean(X, 0);
  const residuals: number[] = [];
  for (let step = 0; step < maxSteps; step++) {
    const z = attendMany(t, X, model.heads, model.output, model.scale).output;
    const next = tokenUpdate(z, model.update, relu, model.eps);
    residuals.push(Math.max(...(sub(next, t).toArray() as number[]).map(Math.abs)));
    t = next;
    if (residuals[step] <= tol) return { token: t, residuals, converged: true };
  }
  return { token: t, residuals, converged: false };
};

/** softmax(W_out t̂ + b): W_out is [v, d]. (ERRATUM of the text, which says d × v.) */
export const vocabulary = (t: TensorLike, output: TensorLike, bias: TensorLike = 0): Tensor =>
  softmax(add(matmul(output, t), bias));

/** Exercise 1.1.4: two heads of prescribed weights over the alphabet {a, b, c}. (ERRATUM: its heads have width 2, not d/H = 1; it scales by 1.) */
export const ternary = {
  tokens: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  model: {
    heads: [
      {
        query: [
          [1, 0],
          [0, 1],
        ],
        key: [
          [1, 1],
          [1, -1],
        ],
        value: [
          [1, 0],
          [0, 1],
        ],
      },
      {
        query: [
          [0, 1],
          [1, 0],
        ],
        key: [
          [1, -1],
          [-1, 1],
        ],
        value: [
          [2, 0],
          [0, 2],
        ],
      },
    ],
    output: [
      [1, 0],
      [0, 1],
      [0, 1],
      [1, 0],
    ],
    update: {
      first: [
        [1, 0],
        [0, 1],
      ],
      second: [
        [1, 0],
        [0, 1],
      ],
      bias: [0, 0],
    },
    scale: 1,
  },
  vocabulary: [
    [1, 0],
    [0, 1],
    [1, -1],
  ],
} as const;

/**
 * P0 (13): A(X)_p = Σ_q M_pq V x_q with M_pq ∝ exp⟨Q x_p, K x_q⟩, for Q, K [k, d] and V [d, d]; no 1/√d; `causal` masks q > p. It is equivariant
 * under permutations of the tokens. (ERRATUM: the text says invariant.)
 */
export const attentionLayer = (
  X: TensorLike,
  { query, key, value }: HeadWeights,
  { causal = false }: { readonly causal?: boolean } = {},
): { readonly weights: Tensor; readonly output: Tensor } => {
  const x = toTensor(X, "attentionLayer");
  if (x.shape.length !== 2) throw new ShapeError("attentionLayer", "tokens are the rows of X [n, d]", { X: x.shape });
  const logits = einsum("kd,pd,ke,qe->pq", query, x, key, x);
  const seen = causal ? where(less(tril(onesLike(logits)), 0.5), Number.NEGATIVE_INFINITY, logits) : logits;
  const weights = softmax(seen, -1);
  return { weights, output: matmul(weights, matmul(x, matrixTranspose(value))) };
};
