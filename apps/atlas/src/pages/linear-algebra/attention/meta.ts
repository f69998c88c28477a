import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "Attention as contractions",
  summary:
    "Tokens, queries, keys, scores, weights, output: six sums over one index each. Point at a number and see what it is made of.",
  formula: String.raw`\alpha_i = \operatorname{softmax}_i\Bigl(c \sum_e Q_e K_{ie}\Bigr), \qquad z_e = \sum_i \alpha_i V_{ie}`,
  spec: [
    "1.1.4-contraction",
    "1.1.4-ex1.1.3-einsum",
    "1.1.5-mean-init",
    "1.1.5-softmax",
    "1.1.5-attention-single-query",
    "1.1.5-multihead",
    "1.1.5-token-fixed-point",
    "1.1.5-output-head",
    "1.1.5-ex1.1.4-mha-ternary",
  ],
  order: 4,
};
export default meta;
