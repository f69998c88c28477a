import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "Differentiation by program",
  summary:
    "Type a function. It becomes a program; a sweep down carries values and tangents, a sweep up carries adjoints.",
  formula: String.raw`\dot w_k = \sum_{j \to k} \frac{\partial \varphi_k}{\partial w_j}\,\dot w_j, \qquad \bar w_j = \sum_{j \to k} \bar w_k\,\frac{\partial \varphi_k}{\partial w_j}`,
  spec: [
    "2.1-computational-graph",
    "2.1-eg2.1.1-sin-over-x",
    "2.1-fig2.1-forward-reverse",
    "2.1.1-jvp",
    "2.1.1-vjp",
    "2.1.1-eg2.1.2b-grad3",
    "2.1.1-ex2.1.1-1-grad-check",
    "2.1.1-ex2.1.1-3-own-graph",
  ],
  order: 1,
};
export default meta;
