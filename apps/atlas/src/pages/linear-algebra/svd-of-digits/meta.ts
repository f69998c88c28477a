import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "The SVD of a digit",
  summary:
    "A picture is a matrix, a pile of pictures too: their singular values say how many numbers they are really made of.",
  formula: String.raw`X = \sum_i \sigma_i\,u_i v_i^\top, \qquad \min_{\operatorname{rank} Y \le k}\lVert X - Y\rVert_F = \Bigl(\sum_{i>k}\sigma_i^2\Bigr)^{1/2}`,
  spec: [
    "1.2.1-svd",
    "1.2.1-ex1.2.1-svd-4x5",
    "1.2.1-truncated-svd",
    "1.2.2-svd-projection",
    "1.2.2-explained-variance",
    "1.2.2-eg1.2.1-mnist-svd",
    "1.2.2-fig1.3-mnist-spectra",
    "1.2.2-intrinsic-dimension",
  ],
  order: 2,
};
export default meta;
