import { ShapeError } from "@ansatz/backend";
import { indexAdd, mul, type Tensor, take, tensor, zeros } from "@ansatz/tensor";
import { promote } from "@ansatz/tensor/transforms";
import { fromSorted, type Sparse, type SparsePattern } from "./pattern";

/** Which values meet in a product, and where: value from[i] of A times value by[i] of B goes to place to[i]. */
interface Meetings {
  readonly pattern: SparsePattern;
  readonly from: Tensor;
  readonly by: Tensor;
  readonly to: Tensor;
}
const known = new WeakMap<SparsePattern, WeakMap<SparsePattern, Meetings>>();

/** Row by row (Gustavson 1978): the columns of row i of A B are those of the rows of B that row i of A meets. */
const meetingsOf = (a: SparsePattern, b: SparsePattern): Meetings => {
  const before = known.get(a)?.get(b);
  if (before !== undefined) return before;
  const [m, n] = [a.shape[0], b.shape[1]];
  let count = 0;
  for (const k of a.columns) count += b.pointers[k + 1] - b.pointers[k];
  const [from, by, to] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  const [rows, columns]: number[][] = [[], []];
  const place = new Int32Array(n);
  const mark = new Int32Array(n).fill(-1);
  let at = 0;
  for (let i = 0; i < m; i++) {
    const found: number[] = [];
    for (let p = a.pointers[i]; p < a.pointers[i + 1]; p++)
      for (let q = b.pointers[a.columns[p]]; q < b.pointers[a.columns[p] + 1]; q++)
        if (mark[b.columns[q]] !== i) {
          mark[b.columns[q]] = i;
          found.push(b.columns[q]);
        }
    found.sort((x, y) => x - y);
    for (const j of found) {
      place[j] = rows.length;
      rows.push(i);
      columns.push(j);
    }
    for (let p = a.pointers[i]; p < a.pointers[i + 1]; p++)
      for (let q = b.pointers[a.columns[p]]; q < b.pointers[a.columns[p] + 1]; q++) {
        from[at] = p;
        by[at] = q;
        to[at++] = place[b.columns[q]];
      }
  }
  const pattern = fromSorted([m, n], Int32Array.from(rows), Int32Array.from(columns));
  const made = { pattern, from: tensor(from), by: tensor(by), to: tensor(to) };
  const forA = known.get(a) ?? new WeakMap<SparsePattern, Meetings>();
  forA.set(b, made);
  known.set(a, forA);
  return made;
};

/**
 * A B for sparse A [m, k] and B [k, n], as a sparse matrix: its places are those where the patterns meet, whatever the values (sums that cancel stay as zeros). The
 * pattern is found once for a pair of patterns; differentiable in both matrices to every order.
 *
 * @throws {ShapeError} A has not as many columns as B has rows
 * @example sparseToDense(sparseProduct(sparseFromDense([[0, 2]]), sparseFromDense([[1], [3]]))) // [[6]]
 */
export const sparseProduct = (a: Sparse, b: Sparse): Sparse => {
  if (a.pattern.shape[1] !== b.pattern.shape[0])
    throw new ShapeError("sparseProduct", "inner dimensions must agree", { a: a.pattern.shape, b: b.pattern.shape });
  const [v, w] = promote("sparseProduct", [a.values, b.values], "float");
  const { pattern, from, by, to } = meetingsOf(a.pattern, b.pattern);
  const terms = mul(take(v, from), take(w, by));
  return pattern(indexAdd(zeros([pattern.places], { dtype: v.dtype }), to, terms));
};
