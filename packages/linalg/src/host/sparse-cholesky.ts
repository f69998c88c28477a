/** The elimination tree of a symmetric matrix, from its lower triangle by rows (Liu 1990): parents, -1 for roots. */
export const eliminationTree = (n: number, pointers: Int32Array, columns: Int32Array): Int32Array => {
  const parent = new Int32Array(n).fill(-1);
  const ancestor = new Int32Array(n).fill(-1);
  for (let k = 0; k < n; k++)
    for (let p = pointers[k]; p < pointers[k + 1]; p++) {
      let j = columns[p];
      while (j >= 0 && j < k) {
        const next = ancestor[j];
        ancestor[j] = k;
        if (next < 0) parent[j] = k;
        j = next;
      }
    }
  return parent;
};

/** Calls `each` with the columns j < k of L where row k is not zero, descendants in the tree first. */
const overRow = (
  k: number,
  pointers: ArrayLike<number>,
  columns: ArrayLike<number>,
  parent: ArrayLike<number>,
  mark: Int32Array,
  stack: Int32Array,
): number => {
  let top = stack.length;
  mark[k] = k;
  for (let p = pointers[k]; p < pointers[k + 1]; p++) {
    let j = columns[p];
    let length = 0;
    while (j < k && mark[j] !== k) {
      stack[length++] = j;
      mark[j] = k;
      j = parent[j];
    }
    while (length > 0) stack[--top] = stack[--length];
  }
  return top;
};

/** The places of R = Lᵀ by rows, the diagonal first. */
export const factorPlaces = (
  n: number,
  pointers: Int32Array,
  columns: Int32Array,
  parent: Int32Array,
): { rows: Int32Array; columns: Int32Array } => {
  const count = new Int32Array(n + 1);
  const mark = new Int32Array(n).fill(-1);
  const stack = new Int32Array(n);
  for (let k = 0; k < n; k++) {
    count[k + 1]++;
    for (let t = overRow(k, pointers, columns, parent, mark, stack); t < n; t++) count[stack[t] + 1]++;
  }
  for (let k = 0; k < n; k++) count[k + 1] += count[k];
  const out = { rows: new Int32Array(count[n]), columns: new Int32Array(count[n]) };
  mark.fill(-1);
  const put = (row: number, column: number): void => {
    const at = count[row]++;
    out.rows[at] = row;
    out.columns[at] = column;
  };
  for (let k = 0; k < n; k++) {
    for (let t = overRow(k, pointers, columns, parent, mark, stack); t < n; t++) put(stack[t], k);
    put(k, k);
  }
  return out;
};

/**
 * R with A = RᵀR, row by row of the lower triangle of A (up-looking): row k of L is the solution of a triangular system with what was found before. Rows of R hold
 * their diagonal first. Returns 0, or the pivot, from 1, that was not positive.
 *
 * @see Davis 2006, Direct Methods for Sparse Linear Systems, section 4.7
 */
export const factorCholesky = (
  n: number,
  values: Float64Array,
  pointers: Float64Array,
  columns: Float64Array,
  tree: Float64Array,
  starts: Float64Array,
  places: Float64Array,
  r: Float64Array,
): number => {
  const [parent, at, free] = [Int32Array.from(tree), Int32Array.from(places), Int32Array.from(starts)];
  const x = new Float64Array(n);
  const mark = new Int32Array(n).fill(-1);
  const stack = new Int32Array(n);
  for (let k = 0; k < n; k++) {
    const top = overRow(k, pointers, columns, parent, mark, stack);
    let d = 0;
    for (let p = pointers[k]; p < pointers[k + 1]; p++)
      if (columns[p] === k) d += values[p];
      else x[columns[p]] += values[p];
    for (let t = top; t < n; t++) {
      const j = stack[t];
      const start = starts[j];
      const l = x[j] / r[start];
      x[j] = 0;
      const end = free[j]++;
      for (let p = start + 1; p < end; p++) x[at[p]] -= r[p] * l;
      d -= l * l;
      r[end] = l;
    }
    if (!(d > 0)) return k + 1;
    r[free[k]++] = Math.sqrt(d);
  }
  return 0;
};
