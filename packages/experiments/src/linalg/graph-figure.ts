import {
  adjacencyMatrix,
  degrees,
  eigh,
  type Graph,
  graphOf,
  laplacianMatrix,
  type Sparse,
  sparseToDense,
} from "@ansatz/linalg";
import { DomainError, index, type Tensor } from "@ansatz/tensor";

/** Fig. 1.4: a triangle with a pendant vertex (the paw graph), vertices counted from 0. */
export const pawGraph = (): Graph =>
  graphOf(4, [
    [0, 1],
    [0, 2],
    [1, 2],
    [1, 3],
  ]);

export interface GraphFigure {
  readonly vertices: readonly {
    readonly label: string;
    readonly degree: number;
    readonly x: number;
    readonly y: number;
  }[];
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly adjacency: Sparse;
  readonly laplacian: Sparse;
  /** Eigenvalues of the Laplacian, ascending. */
  readonly spectrum: Tensor;
}

/**
 * A picture of a connected graph by its spectral embedding (exercise 1.2.4): vertex i stands at (u₂(i), u₃(i)), the eigenvectors of the two smallest eigenvalues
 * of the Laplacian that are not 0. Where those repeat the picture is free up to a rotation. Signs: the first entry of each vector that is not 0 is positive.
 */
export const graphFigure = (graph: Graph): GraphFigure => {
  if (graph.vertices < 3)
    throw new DomainError("graphFigure", "needs three vertices for two coordinates", { vertices: graph.vertices });
  const laplacian = laplacianMatrix(graph);
  const { values, vectors } = eigh(sparseToDense(laplacian));
  const zeros = Array.from(values.dataSync(), Number).filter((v) => Math.abs(v) < 1e-9 * graph.vertices).length;
  if (zeros + 2 > graph.vertices)
    throw new DomainError("graphFigure", "the graph has too many components", { components: zeros });
  const coordinate = (k: number): number[] => {
    const v = Array.from(index(vectors, ":", zeros + k).dataSync(), Number);
    const sign = Math.sign(v.find((c) => Math.abs(c) > 1e-9) ?? 1);
    return v.map((c) => c * sign);
  };
  const [x, y] = [coordinate(0), coordinate(1)];
  const d = Array.from(degrees(graph).dataSync(), Number);
  return {
    vertices: d.map((degree, i) => ({ label: String(i + 1), degree, x: x[i], y: y[i] })),
    edges: Array.from(graph.heads, (h, e) => [h, graph.tails[e]] as const),
    adjacency: adjacencyMatrix(graph),
    laplacian,
    spectrum: values,
  };
};
