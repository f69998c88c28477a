import { DomainError, ShapeError } from "@ansatz/backend";
import { type Tensor, tensor } from "@ansatz/tensor";
import { eliminationTree, factorPlaces } from "../host/sparse-cholesky";
import { minimumDegree, type Neighbours, reverseCuthillMckee } from "./ordering";
import { fromSorted, type SparsePattern, sparsePattern } from "./pattern";

/** Which unknowns are eliminated first: by approximate minimum degree (the least fill), in the order that makes the matrix narrow, or as they come. */
export type Ordering = "amd" | "rcm" | "natural";

const known = new WeakMap<SparsePattern, Map<string, unknown>>();
/** What is found out of a pattern alone, once. */
const once = <T>(pattern: SparsePattern, what: string, make: () => T): T => {
  let all = known.get(pattern);
  if (all === undefined) {
    all = new Map();
    known.set(pattern, all);
  }
  if (!all.has(what)) all.set(what, make());
  return all.get(what) as T;
};

const squareOf = (caller: string, pattern: SparsePattern): number => {
  const [n, m] = pattern.shape;
  if (n !== m) throw new ShapeError(caller, "takes a square matrix", { a: [n, m] });
  return n;
};
/** The graph of A + Aᵀ. */
const graphOf = (pattern: SparsePattern): Neighbours => {
  const n = pattern.shape[0];
  const { rows, columns } = pattern;
  const join = (x: Int32Array, y: Int32Array): Int32Array => {
    const out = new Int32Array(2 * x.length);
    out.set(x);
    out.set(y, x.length);
    return out;
  };
  const both = isSymmetric(pattern)
    ? pattern
    : sparsePattern({ shape: [n, n], rows: join(rows, columns), columns: join(columns, rows) });
  return { n, pointers: both.pointers, columns: both.columns };
};
export const isSymmetric = (pattern: SparsePattern): boolean =>
  once(pattern, "symmetric", () => {
    const { columns, pointers } = pattern.transposed.pattern;
    return pattern.pointers.every((p, i) => p === pointers[i]) && pattern.columns.every((c, i) => c === columns[i]);
  });

/** The order of elimination: step k takes unknown order[k]. */
export const orderOf = (caller: string, pattern: SparsePattern, ordering: Ordering): Int32Array =>
  once(pattern, `order ${ordering}`, () => {
    const n = squareOf(caller, pattern);
    if (ordering === "natural") return Int32Array.from({ length: n }, (_, i) => i);
    if (ordering === "amd") return minimumDegree(graphOf(pattern));
    if (ordering === "rcm") return reverseCuthillMckee(graphOf(pattern));
    throw new DomainError(caller, 'ordering is "amd", "rcm" or "natural"', { ordering });
  });

/** All that a Cholesky factorization needs but the numbers. */
export interface Symbolic {
  readonly order: Int32Array;
  /** Which places of A make the lower triangle of P A Pᵀ, by rows; and the row pointers, columns and elimination tree of that. */
  readonly source: Tensor;
  readonly lower: readonly [pointers: Tensor, columns: Tensor, tree: Tensor];
  /** The pattern of R with P A Pᵀ = RᵀR. */
  readonly r: SparsePattern;
}
/** For a symmetric pattern. */
export const symbolicCholesky = (caller: string, pattern: SparsePattern, ordering: Ordering): Symbolic =>
  once(pattern, `cholesky ${ordering}`, () => {
    const n = squareOf(caller, pattern);
    const order = orderOf(caller, pattern, ordering);
    const rank = new Int32Array(n);
    for (let k = 0; k < n; k++) rank[order[k]] = k;
    const pointers = new Int32Array(n + 1);
    const [source, columns]: number[][] = [[], []];
    for (let k = 0; k < n; k++) {
      for (let p = pattern.pointers[order[k]]; p < pattern.pointers[order[k] + 1]; p++) {
        const j = rank[pattern.columns[p]];
        if (j > k) continue;
        source.push(p);
        columns.push(j);
      }
      pointers[k + 1] = source.length;
    }
    const at = Int32Array.from(columns);
    const tree = eliminationTree(n, pointers, at);
    const places = factorPlaces(n, pointers, at, tree);
    return {
      order,
      source: tensor(Int32Array.from(source)),
      lower: [tensor(pointers), tensor(at), tensor(tree)],
      r: fromSorted([n, n], places.rows, places.columns),
    } satisfies Symbolic;
  });
