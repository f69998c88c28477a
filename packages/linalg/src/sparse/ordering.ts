/**
 * Orders of elimination for a symmetric pattern that keep its Cholesky factor sparse. A graph is given by compressed rows; the diagonal is ignored.
 */
export interface Neighbours {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly columns: Int32Array;
}

/** Lists of numbered things by degree, each doubly linked: the one of least degree is found at once. */
class Buckets {
  private readonly head: Int32Array;
  private readonly next: Int32Array;
  private readonly last: Int32Array;
  private least = 0;
  readonly degree: Int32Array;
  constructor(n: number) {
    this.head = new Int32Array(n + 1).fill(-1);
    this.next = new Int32Array(n).fill(-1);
    this.last = new Int32Array(n).fill(-1);
    this.degree = new Int32Array(n);
  }
  add(i: number, degree: number): void {
    this.degree[i] = degree;
    const first = this.head[degree];
    this.next[i] = first;
    this.last[i] = -1;
    if (first >= 0) this.last[first] = i;
    this.head[degree] = i;
    if (degree < this.least) this.least = degree;
  }
  remove(i: number): void {
    const [before, after] = [this.last[i], this.next[i]];
    if (before >= 0) this.next[before] = after;
    else this.head[this.degree[i]] = after;
    if (after >= 0) this.last[after] = before;
  }
  takeLeast(): number {
    while (this.head[this.least] < 0) this.least++;
    const i = this.head[this.least];
    this.remove(i);
    return i;
  }
}

/**
 * Approximate minimum degree: eliminates, again and again, a vertex with about the fewest neighbours. The graph that elimination makes is never written out:
 * each eliminated vertex stays as an element, the clique of its neighbours then; elements within others are absorbed; vertices with the same neighbours go
 * together; and degrees are bounded from above by what the elements hold.
 *
 * @see Amestoy, Davis and Duff 1996, SIAM J. Matrix Anal. Appl. 17, 886–905, of which this follows sections 2 to 4
 */
export const minimumDegree = ({ n, pointers, columns }: Neighbours): Int32Array => {
  // of a live vertex: its neighbours that no element covers, and its elements; of an element: its vertices
  const vertices: number[][] = [];
  const elements: number[][] = [];
  const cliques: number[][] = new Array(n);
  /** How many vertices one stands for: 0 once it is eliminated or joined to another. */
  const weight = new Int32Array(n).fill(1);
  const joined: number[][] = new Array(n);
  const dead = new Uint8Array(n); // elements that were absorbed
  const buckets = new Buckets(n);
  for (let i = 0; i < n; i++) {
    const row: number[] = [];
    for (let p = pointers[i]; p < pointers[i + 1]; p++) if (columns[p] !== i) row.push(columns[p]);
    vertices.push(row);
    elements.push([]);
    buckets.add(i, row.length);
  }
  const mark = new Int32Array(n).fill(-1);
  /** How much of an element lies outside of the clique at hand; valid where `seen` is the step. */
  const outside = new Int32Array(n);
  const seen = new Int32Array(n).fill(-1);
  const sizeOf = (e: number): number => {
    let size = 0;
    let kept = 0;
    const c = cliques[e];
    for (const v of c)
      if (weight[v] > 0) {
        size += weight[v];
        c[kept++] = v;
      }
    c.length = kept;
    return size;
  };
  const order = new Int32Array(n);
  let done = 0;
  const emit = (i: number): void => {
    order[done++] = i;
    for (const j of joined[i] ?? []) emit(j);
  };
  for (let step = 0; done < n; step++) {
    const pivot = buckets.takeLeast();
    const clique: number[] = [];
    mark[pivot] = step;
    let total = 0;
    const meet = (v: number): void => {
      if (weight[v] === 0 || mark[v] === step) return;
      mark[v] = step;
      total += weight[v];
      clique.push(v);
    };
    vertices[pivot].forEach(meet);
    for (const e of elements[pivot]) {
      cliques[e].forEach(meet);
      dead[e] = 1;
      cliques[e] = [];
    }
    weight[pivot] = 0;
    emit(pivot);
    cliques[pivot] = clique;
    vertices[pivot] = elements[pivot] = [];
    for (const v of clique) {
      buckets.remove(v);
      for (const e of elements[v]) {
        if (dead[e]) continue;
        if (seen[e] !== step) {
          seen[e] = step;
          outside[e] = sizeOf(e);
        }
        outside[e] -= weight[v];
      }
    }
    const bySum = new Map<number, number[]>();
    for (const v of clique) {
      let degree = 0;
      let sum = pivot;
      const mine: number[] = [];
      for (const e of elements[v])
        if (!dead[e] && outside[e] > 0) {
          degree += outside[e];
          sum += e;
          mine.push(e);
        }
      mine.push(pivot);
      elements[v] = mine;
      const rest: number[] = [];
      for (const u of vertices[v])
        if (weight[u] > 0 && mark[u] !== step) {
          degree += weight[u];
          sum += u;
          rest.push(u);
        }
      vertices[v] = rest;
      buckets.degree[v] = Math.min(n - done, degree, buckets.degree[v]) + total - weight[v];
      const same = bySum.get(sum);
      if (same) same.push(v);
      else bySum.set(sum, [v]);
    }
    for (const group of bySum.values()) if (group.length > 1) unite(group, vertices, elements, weight, joined);
    for (const e of clique.flatMap((v) => (weight[v] > 0 ? elements[v] : [])))
      if (seen[e] === step && outside[e] === 0) dead[e] = 1;
    let kept = 0;
    for (const v of clique)
      if (weight[v] > 0) {
        clique[kept++] = v;
        buckets.add(v, Math.max(0, Math.min(n - done - weight[v], buckets.degree[v])));
      }
    clique.length = kept;
  }
  return order;
};

/** Vertices with equal neighbours and elements become one. */
const unite = (
  group: readonly number[],
  vertices: readonly number[][],
  elements: readonly number[][],
  weight: Int32Array,
  joined: number[][],
): void => {
  for (let a = 0; a < group.length; a++) {
    const i = group[a];
    if (weight[i] === 0) continue;
    const own = new Set([...vertices[i], ...elements[i].map((e) => -1 - e)]);
    for (let b = a + 1; b < group.length; b++) {
      const j = group[b];
      if (weight[j] === 0 || vertices[j].length !== vertices[i].length || elements[j].length !== elements[i].length)
        continue;
      if (!vertices[j].every((v) => own.has(v)) || !elements[j].every((e) => own.has(-1 - e))) continue;
      weight[i] += weight[j];
      weight[j] = 0;
      joined[i] = [...(joined[i] ?? []), j];
    }
  }
};

/**
 * Reverse Cuthill–McKee: breadth first from a vertex far out, neighbours by degree, turned round. It makes the matrix narrow.
 *
 * @see Cuthill and McKee 1969; George and Liu 1979 for the start
 */
export const reverseCuthillMckee = ({ n, pointers, columns }: Neighbours): Int32Array => {
  const degree = (i: number): number => pointers[i + 1] - pointers[i];
  const order = new Int32Array(n);
  const level = new Int32Array(n).fill(-1);
  const placed = new Uint8Array(n);
  let done = 0;
  /** The vertices reached from `root`, level by level, into `order` from `done` on; how many, and the last level. */
  const search = (root: number): { end: number; depth: number } => {
    let end = done;
    order[end++] = root;
    level[root] = 0;
    for (let k = done; k < end; k++) {
      const i = order[k];
      const found: number[] = [];
      for (let p = pointers[i]; p < pointers[i + 1]; p++) {
        const j = columns[p];
        if (level[j] >= 0 || placed[j]) continue;
        level[j] = level[i] + 1;
        found.push(j);
      }
      found.sort((a, b) => degree(a) - degree(b) || a - b);
      for (const j of found) order[end++] = j;
    }
    return { end, depth: level[order[end - 1]] };
  };
  const forget = (end: number): void => {
    for (let k = done; k < end; k++) level[order[k]] = -1;
  };
  const byDegree = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => degree(a) - degree(b) || a - b);
  for (const first of byDegree) {
    if (placed[first]) continue;
    let root = first;
    let now = search(root);
    // towards an end of the component: the last level's vertex of least degree, while that makes more levels
    for (;;) {
      let far = order[now.end - 1];
      for (let k = now.end - 1; k >= done && level[order[k]] === now.depth; k--)
        if (degree(order[k]) < degree(far)) far = order[k];
      forget(now.end);
      const next = search(far);
      if (next.depth <= now.depth) {
        forget(next.end);
        now = search(root);
        break;
      }
      root = far;
      now = next;
    }
    for (let k = done; k < now.end; k++) placed[order[k]] = 1;
    done = now.end;
  }
  return order.reverse();
};
