import { det, eig, matrixRank, svd } from "@ansatz/linalg";
import { matmul, matrixTranspose, ShapeError, stack, type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";

/** Chapters 1.1.2, 1.2.1 and 1.2.3: what a matrix of the plane does, and its orbits. */

export type PlaneVector = readonly [x: number, y: number];

export interface PlaneEigen {
  readonly re: number;
  readonly im: number;
  /** Of length 1, where λ is real. */
  readonly vector: PlaneVector | undefined;
}

export interface PlaneMap {
  /** The signed area of the image of the unit square. */
  readonly determinant: number;
  readonly trace: number;
  readonly rank: number;
  /** A vᵢ = σᵢ uᵢ: the unit circle becomes the ellipse with half axes σᵢ uᵢ. */
  readonly singular: readonly { readonly sigma: number; readonly u: PlaneVector; readonly v: PlaneVector }[];
  readonly eigen: readonly PlaneEigen[];
  /** A double eigenvalue with one direction only: A is not diagonalizable. */
  readonly defective: boolean;
}

const square2 = (caller: string, a: TensorLike): Tensor => {
  const m = toTensor(a, caller);
  if (m.shape.join() !== "2,2") throw new ShapeError(caller, "needs a matrix [2, 2]", { A: m.shape });
  return m;
};

/** Determinant, rank, singular and eigen decompositions of A [2, 2]. */
export const planeMap = (a: TensorLike): PlaneMap => {
  const m = square2("planeMap", a);
  const { u, s, vt } = svd(m);
  const [left, sigma, right] = [u, s, vt].map((t) => t.toArray()) as [number[][], number[], number[][]];
  const { values, vectors, info } = eig(m);
  const [re, im] = [values.re.toArray(), values.im.toArray()] as [number[], number[]];
  const columns = vectors.re.toArray() as number[][];
  const entries = m.toArray() as number[][];
  return {
    determinant: det(m).item() as number,
    trace: entries[0][0] + entries[1][1],
    rank: matrixRank(m).item() as number,
    singular: sigma.map((value, i) => ({
      sigma: value,
      u: [left[0][i], left[1][i]],
      v: [right[i][0], right[i][1]],
    })),
    eigen: re.map((real, i) => ({
      re: real,
      im: im[i],
      vector: im[i] === 0 ? ([columns[0][i], columns[1][i]] as const) : undefined,
    })),
    defective: info.item() !== 0,
  };
};

/** x₀, A x₀, …, A^steps x₀ by repeated products: [steps + 1, 2]; or of many starts [n, 2] at once: [steps + 1, n, 2]. */
export const orbit = (a: TensorLike, x0: TensorLike, steps: number): Tensor => {
  const step = matrixTranspose(square2("orbit", a));
  const points = [toTensor(x0, "orbit")];
  for (let t = 0; t < steps; t++) points.push(matmul(points[t], step));
  return stack(points);
};

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(b));

/** What the orbits x_{t+1} = A x_t do, by the eigenvalues: |λ| against 1 decides between staying, coming in and going out. */
export const orbitKind = ({ eigen, defective }: Pick<PlaneMap, "eigen" | "defective">): string => {
  const [p, q] = eigen.map(({ re, im }) => Math.hypot(re, im)).sort((x, y) => x - y);
  if (eigen[0].im !== 0)
    return near(q, 1) ? "elliptic: orbits stay on ellipses" : q < 1 ? "spiral to the origin" : "spiral to infinity";
  if (defective)
    return near(q, 1) ? "shear: orbits drift on lines" : q < 1 ? "one-way node, to the origin" : "one-way node";
  if (near(p, 1) && near(q, 1)) return "every orbit repeats";
  if (near(q, 1)) return p < 1e-12 ? "projection: at once on a line" : "contraction to a line of fixed points";
  if (near(p, 1)) return "stretching away from a line of fixed points";
  if (q < 1) return "node: all orbits to the origin";
  return p > 1 ? "node: all orbits to infinity" : "saddle: in along one line, out along the other";
};

/** How many of the points are different, to a tolerance: q for a rotation by 2πp/q. */
export const distinctPoints = (points: readonly PlaneVector[], tolerance = 1e-6): number => {
  const kept: PlaneVector[] = [];
  for (const [x, y] of points) if (!kept.some((k) => Math.hypot(k[0] - x, k[1] - y) <= tolerance)) kept.push([x, y]);
  return kept.length;
};
