import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "Linear maps",
  summary:
    "Drag the columns of a matrix and watch what it does to a grid, a shape, a digit, the unit circle, and to itself, again and again.",
  formula: String.raw`A\begin{bmatrix}x\\y\end{bmatrix} = x\,a_1 + y\,a_2, \qquad x_{t+1} = A\,x_t`,
  spec: [
    "1.1.2-linear-map-matrix",
    "1.1.2-matmul",
    "1.1.2-scaling",
    "1.1.2-projection",
    "1.1.2-rotation-z",
    "1.1.2-matrix-power",
    "1.1.2-ex1.1.1-elliptic-orbit",
    "1.2.1-svd",
    "1.2.3-eig",
  ],
  order: 1,
};
export default meta;
