import { concatenate, einsum, mean, mul, softmax, type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";
import { type TokenModel, ternary, tokenUpdate, vocabulary } from "../nn/attention";

/** One stage of a computation, written as a contraction, with what came out. */
export interface ContractionStep {
  /** The field's letter: Q₁, α₂, z, … */
  readonly symbol: string;
  /** The stage in index notation. */
  readonly formula: string;
  /** The contraction that made it, for `einsum`; absent where the stage is not one (softmax, normalisation). */
  readonly spec?: string;
  readonly value: Tensor;
}

const digits = "₀₁₂₃₄₅₆₇₈₉";
const subscript = (h: number): string => [...String(h)].map((d) => digits[Number(d)]).join("");

/**
 * Chapter 1.1.5 stage by stage: one pass of multi-head attention for one query, every product an `einsum`. Letters: i tokens, d token entries, e entries of
 * a head. The last two stages are the token after the pointwise update and the distribution over the vocabulary.
 *
 * @param query  t̂ [d]; the mean of the tokens where none is given
 */
export const attentionSteps = (
  tokens: TensorLike,
  model: TokenModel,
  output: TensorLike,
  query?: TensorLike,
): readonly ContractionStep[] => {
  const X = toTensor(tokens, "attentionSteps");
  const t = query === undefined ? mean(X, 0) : toTensor(query, "attentionSteps");
  const steps: ContractionStep[] = [{ symbol: "t̂", formula: "t̂_d = (1/n) Σ_i X_id", value: t }];
  const contract = (symbol: string, formula: string, spec: string, ...operands: readonly TensorLike[]): Tensor => {
    const value = einsum(spec, ...operands);
    steps.push({ symbol, formula, spec, value });
    return value;
  };
  const heads = model.heads.map((w, k) => {
    const h = subscript(k + 1);
    const q = contract(`Q${h}`, "Q_e = Σ_d t̂_d W_de", "d,de->e", t, w.query);
    const K = contract(`K${h}`, "K_ie = Σ_d X_id W_de", "id,de->ie", X, w.key);
    const V = contract(`V${h}`, "V_ie = Σ_d X_id W_de", "id,de->ie", X, w.value);
    const scale = model.scale ?? 1 / Math.sqrt(q.shape[0]);
    const logits = mul(scale, contract(`s${h}`, "s_i = Σ_e Q_e K_ie", "e,ie->i", q, K));
    const alpha = softmax(logits);
    steps.push({ symbol: `α${h}`, formula: "α_i = exp(c s_i) / Σ_j exp(c s_j)", value: alpha });
    return contract(`z${h}`, "z_e = Σ_i α_i V_ie", "i,ie->e", alpha, V);
  });
  const joined = concatenate(heads);
  steps.push({ symbol: "z₁ ‖ … ‖ z_H", formula: "the heads, one behind the other", value: joined });
  const z = contract("z", "z_d = Σ_e (z₁ ‖ … ‖ z_H)_e W_ed", "e,ed->d", joined, model.output);
  const token = tokenUpdate(z, model.update, undefined, model.eps);
  steps.push({ symbol: "t̂′", formula: "LN(σ(W₂ σ(W₁ z) + b))", value: token });
  steps.push({ symbol: "p", formula: "p = softmax(W_out t̂′)", value: vocabulary(token, output) });
  return steps;
};

/** Exercise 1.1.4, stage by stage, from any query. */
export const ternarySteps = (query?: TensorLike): readonly ContractionStep[] =>
  attentionSteps(
    ternary.tokens as unknown as TensorLike,
    ternary.model,
    ternary.vocabulary as unknown as TensorLike,
    query,
  );
