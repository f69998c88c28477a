/** Columns that grow. */
class Columns {
  readonly starts: Int32Array;
  rows = new Int32Array(1024);
  values = new Float64Array(1024);
  size = 0;
  constructor(n: number) {
    this.starts = new Int32Array(n + 1);
  }
  push(row: number, value: number): void {
    if (this.size === this.rows.length) {
      const [rows, values] = [this.rows, this.values];
      this.rows = new Int32Array(2 * this.size);
      this.values = new Float64Array(2 * this.size);
      this.rows.set(rows);
      this.values.set(values);
    }
    this.rows[this.size] = row;
    this.values[this.size++] = value;
  }
}

/** P M Q = L U for a square M by columns: `pivot` says which step took a row, `order` which column a step takes. */
export interface SparseLu {
  readonly n: number;
  readonly l: Columns;
  readonly u: Columns;
  readonly pivot: Int32Array;
  readonly order: Int32Array;
  /** 0, or the step, from 1, that found no pivot. */
  readonly failed: number;
}
/** A diagonal entry within this factor of the largest of its column is taken, for the order was chosen for it. */
const threshold = 0.1;

/**
 * Left-looking elimination with threshold pivoting: column k of L and U solves a triangular system with the columns before it, whose pattern is found first by
 * depth-first search, so the work is that of the numbers that are not zero.
 *
 * @see Gilbert and Peierls 1988, SIAM J. Sci. Stat. Comput. 9, 862–874
 */
export const factorLu = (
  n: number,
  values: ArrayLike<number>,
  starts: ArrayLike<number>,
  rows: ArrayLike<number>,
  order: Int32Array,
): SparseLu => {
  const [l, u] = [new Columns(n), new Columns(n)];
  const pivot = new Int32Array(n).fill(-1);
  const x = new Float64Array(n);
  const mark = new Int32Array(n).fill(-1);
  const [found, path, next] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)];
  for (let k = 0; k < n; k++) {
    const column = order[k];
    // rows that will not be zero, in an order in which each comes before those it changes
    let top = n;
    for (let p = starts[column]; p < starts[column + 1]; p++) {
      if (mark[rows[p]] === k) continue;
      let depth = 0;
      path[0] = rows[p];
      mark[rows[p]] = k;
      next[0] = pivot[rows[p]] < 0 ? -1 : l.starts[pivot[rows[p]]];
      while (depth >= 0) {
        const i = path[depth];
        const j = pivot[i];
        let deeper = false;
        if (j >= 0)
          for (let q = next[depth]; q < l.starts[j + 1]; q++) {
            const below = l.rows[q];
            if (mark[below] === k) continue;
            mark[below] = k;
            next[depth++] = q + 1;
            path[depth] = below;
            next[depth] = pivot[below] < 0 ? -1 : l.starts[pivot[below]];
            deeper = true;
            break;
          }
        if (!deeper) {
          found[--top] = i;
          depth--;
        }
      }
    }
    for (let p = starts[column]; p < starts[column + 1]; p++) x[rows[p]] += values[p];
    for (let t = top; t < n; t++) {
      const i = found[t];
      const j = pivot[i];
      if (j < 0) continue;
      const factor = x[i];
      u.push(j, factor);
      for (let q = l.starts[j]; q < l.starts[j + 1]; q++) x[l.rows[q]] -= l.values[q] * factor;
    }
    let [best, size] = [-1, 0];
    for (let t = top; t < n; t++)
      if (pivot[found[t]] < 0 && Math.abs(x[found[t]]) > size) [best, size] = [found[t], Math.abs(x[found[t]])];
    if (best < 0) return { n, l, u, pivot, order, failed: k + 1 };
    if (pivot[column] < 0 && mark[column] === k && Math.abs(x[column]) >= threshold * size) best = column;
    const top0 = x[best];
    u.push(k, top0);
    pivot[best] = k;
    for (let t = top; t < n; t++) {
      const i = found[t];
      if (pivot[i] < 0 && x[i] !== 0) l.push(i, x[i] / top0);
      x[i] = 0;
    }
    l.starts[k + 1] = l.size;
    u.starts[k + 1] = u.size;
  }
  return { n, l, u, pivot, order, failed: 0 };
};

/** M x = b, or Mᵀ x = b, in place of one column of b (stride k). */
export const solveLu = (
  { n, l, u, pivot, order }: SparseLu,
  b: Float64Array,
  at: number,
  k: number,
  transposed: boolean,
): void => {
  const y = new Float64Array(n);
  if (!transposed) {
    // L U (Qᵀ x) = P b; rows of L are kept by their numbers in M
    for (let i = 0; i < n; i++) y[pivot[i]] = b[i * k + at];
    for (let j = 0; j < n; j++) {
      const v = y[j];
      if (v !== 0) for (let q = l.starts[j]; q < l.starts[j + 1]; q++) y[pivot[l.rows[q]]] -= l.values[q] * v;
    }
    for (let j = n - 1; j >= 0; j--) {
      const end = u.starts[j + 1] - 1; // the diagonal comes last
      const v = (y[j] /= u.values[end]);
      for (let q = u.starts[j]; q < end; q++) y[u.rows[q]] -= u.values[q] * v;
    }
    for (let j = 0; j < n; j++) b[order[j] * k + at] = y[j];
    return;
  }
  for (let j = 0; j < n; j++) {
    let s = b[order[j] * k + at];
    const end = u.starts[j + 1] - 1;
    for (let q = u.starts[j]; q < end; q++) s -= u.values[q] * y[u.rows[q]];
    y[j] = s / u.values[end];
  }
  for (let j = n - 1; j >= 0; j--) {
    let s = y[j];
    for (let q = l.starts[j]; q < l.starts[j + 1]; q++) s -= l.values[q] * y[pivot[l.rows[q]]];
    y[j] = s;
  }
  for (let i = 0; i < n; i++) b[i * k + at] = y[pivot[i]];
};
