import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "Convolution is a matrix",
  summary:
    "A sliding window is a linear map: its matrix repeats the kernel along the diagonal, and the Fourier transform makes it a product.",
  formula: String.raw`y_i = \sum_j k_j\,x_{i+j-1} = (A x)_i, \qquad A_{ij} = k_{j-i+1}`,
  spec: [
    "1.1.3-conv1d-valid",
    "1.1.3-conv-matrix",
    "1.1.3-eg1.1.1-conv2d-valid",
    "1.1.3-eg1.1.2-conv2d-4x4",
    "1.1.3-conv-tensor4",
    "1.1.3-conv-vs-tensor-ops",
  ],
  order: 3,
};
export default meta;
