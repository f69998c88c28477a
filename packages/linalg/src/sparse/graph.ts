import { DomainError, ShapeError } from "@ansatz/backend";
import {
  concatenate,
  div,
  equal,
  indexAdd,
  mul,
  neg,
  ones,
  rsqrt,
  sqrt,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  where,
  zeros,
} from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";
import type { Sparse } from "./pattern";
import { sparse } from "./sparse";

/** An undirected graph: edges {heads[e], tails[e]} with weights, none twice, no loops. */
export interface Graph {
  readonly vertices: number;
  readonly heads: Int32Array;
  readonly tails: Int32Array;
  readonly weights: Tensor;
  /** How many loops the list held: they cancel in the Laplacian and are left out. */
  readonly loops: number;
}
export interface GraphOptions {
  /** One for each edge of the list; 1 by default. They may be differentiated. */
  readonly weights?: TensorLike;
  /** Edges listed more than once: "sum" their weights, keep the "first" one (default), or "refuse". */
  readonly duplicates?: "sum" | "first" | "refuse";
}

/**
 * A graph from its list of edges, vertices counted from 0; {i, j} and {j, i} are one edge.
 *
 * @throws {DomainError} an edge names a vertex that is not there, or occurs twice where that is refused
 * @example graphOf(4, [[0, 1], [0, 2], [1, 2], [1, 3]]) // a triangle with a pendant vertex
 */
export const graphOf = (
  vertices: number,
  edges: readonly (readonly [number, number])[],
  { weights, duplicates = "first" }: GraphOptions = {},
): Graph => {
  if (!(Number.isInteger(vertices) && vertices >= 0))
    throw new DomainError("graphOf", "the number of vertices is a whole number", { vertices });
  const slots = new Map<string, number>();
  const [heads, tails]: number[][] = [[], []];
  const [from, to]: number[][] = [[], []];
  let loops = 0;
  edges.forEach(([i, j], e) => {
    if (![i, j].every((v) => Number.isInteger(v) && v >= 0 && v < vertices))
      throw new DomainError("graphOf", `edges join vertices 0 to ${vertices - 1}`, { [`edges[${e}]`]: [i, j] });
    if (i === j) {
      loops++;
      return;
    }
    const name = `${Math.min(i, j)} ${Math.max(i, j)}`;
    const slot = slots.get(name);
    if (slot === undefined) {
      slots.set(name, heads.length);
      from.push(e);
      to.push(heads.length);
      heads.push(i);
      tails.push(j);
    } else if (duplicates === "refuse") throw new DomainError("graphOf", "an edge occurs twice", { edge: [i, j] });
    else if (duplicates === "sum") {
      from.push(e);
      to.push(slot);
    }
  });
  const given = weights === undefined ? ones([edges.length]) : operand("graphOf", weights, "float");
  if (given.shape.length !== 1 || given.shape[0] !== edges.length)
    throw new ShapeError("graphOf", "needs one weight for each edge", { weights: given.shape, edges: edges.length });
  const into = zeros([heads.length], { dtype: given.dtype });
  const kept =
    from.length === 0 ? into : indexAdd(into, tensor(Int32Array.from(to)), take(given, tensor(Int32Array.from(from))));
  return { vertices, heads: Int32Array.from(heads), tails: Int32Array.from(tails), weights: kept, loops };
};

const both = (x: Int32Array, y: Int32Array): Int32Array => {
  const out = new Int32Array(x.length + y.length);
  out.set(x);
  out.set(y, x.length);
  return out;
};

/** A with A_ij = w_e for every edge e = {i, j}. */
export const adjacencyMatrix = ({ vertices, heads, tails, weights }: Graph): Sparse =>
  sparse({
    shape: [vertices, vertices],
    rows: both(heads, tails),
    columns: both(tails, heads),
    values: concatenate([weights, weights]),
  });

/** Degrees d_i = Σ_j A_ij, [vertices]. */
export const degrees = ({ vertices, heads, tails, weights }: Graph): Tensor =>
  indexAdd(zeros([vertices], { dtype: weights.dtype }), tensor(both(heads, tails)), concatenate([weights, weights]));

/**
 * The oriented incidence matrix B [vertices, edges]: column e is √w_e (head - tail), so that B Bᵀ is the Laplacian. Bᵀ x are the differences along edges. For
 * positive weights.
 */
export const incidenceMatrix = ({ vertices, heads, tails, weights }: Graph): Sparse => {
  const root = sqrt(weights);
  const edges = Int32Array.from(heads.keys());
  return sparse({
    shape: [vertices, heads.length],
    rows: both(heads, tails),
    columns: both(edges, edges),
    values: concatenate([root, neg(root)]),
  });
};

export type LaplacianKind = "combinatorial" | "normalised" | "randomWalk";
/**
 * The Laplacian of a graph as a sparse matrix, differentiable in the weights:
 *
 *   combinatorial   L = D - A,                 xᵀL x = Σ_{i,j} w_ij (x_i - x_j)²
 *   normalised      I - D^(-½) A D^(-½),       symmetric, eigenvalues in [0, 2]
 *   randomWalk      I - D⁻¹A,                  rows of D⁻¹A are probabilities
 *
 * The multiplicity of the eigenvalue 0 is the number of components. Isolated vertices have zero rows. Negative weights lose positive semidefiniteness.
 *
 * @example laplacianMatrix(graphOf(2, [[0, 1]])) // [[1, -1], [-1, 1]]
 */
export const laplacianMatrix = (graph: Graph, kind: LaplacianKind = "combinatorial"): Sparse => {
  const { vertices, heads, tails, weights } = graph;
  const d = degrees(graph);
  const lonely = equal(d, 0);
  const safe = where(lonely, 1, d);
  const present = where(lonely, 0, 1).astype(d.dtype);
  const at = (x: Tensor, places: Int32Array): Tensor => take(x, tensor(places));
  const all = Int32Array.from({ length: vertices }, (_, i) => i);
  let [diagonal, upper, lower] = [d, weights, weights];
  if (kind === "normalised") {
    const root = rsqrt(safe);
    diagonal = present;
    upper = lower = mul(mul(weights, at(root, heads)), at(root, tails));
  } else if (kind === "randomWalk") {
    diagonal = present;
    upper = div(weights, at(safe, heads));
    lower = div(weights, at(safe, tails));
  } else if (kind !== "combinatorial")
    throw new DomainError("laplacianMatrix", 'kind is "combinatorial", "normalised" or "randomWalk"', { kind });
  return sparse({
    shape: [vertices, vertices],
    rows: both(both(heads, tails), all),
    columns: both(both(tails, heads), all),
    values: concatenate([neg(upper), neg(lower), diagonal]),
  });
};

/** For every vertex the number of its connected component, counted from 0 in order of their least vertices (union–find). */
export const connectedComponents = ({
  vertices,
  heads,
  tails,
}: Pick<Graph, "vertices" | "heads" | "tails">): Int32Array => {
  const parent = Int32Array.from({ length: vertices }, (_, i) => i);
  const root = (i: number): number => {
    let r = i;
    while (parent[r] !== r) r = parent[r] = parent[parent[r]];
    return r;
  };
  heads.forEach((h, e) => {
    const [a, b] = [root(h), root(tails[e])];
    parent[Math.max(a, b)] = Math.min(a, b);
  });
  const labels = new Map<number, number>();
  return Int32Array.from(parent.keys(), (i) => {
    const r = root(i);
    const known = labels.get(r) ?? labels.size;
    labels.set(r, known);
    return known;
  });
};
