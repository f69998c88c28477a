import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "A function and its derivatives",
  summary: "Any formula, its derivatives up to the fourth, and the Taylor polynomial at a point that you drag.",
  formula: String.raw`f(a + h) = \sum_{k=0}^{n} \frac{f^{(k)}(a)}{k!}\,h^k + O(h^{n+1})`,
  spec: ["2.1.1-eg2.1.2a-scalar-derivative", "2.1-eg2.1.1-sin-over-x", "2.1.1-vjp"],
  order: 2,
};
export default meta;
