import { argsOf, type Nest } from "../nest/ir";

/**
 * Where each node of a nest is computed: as far outside as its operands allow, after the reductions if it needs one; in a variable
 * if it is read more than once or further inside, else where its only reader wants it.
 */
export class Arrangement {
  private readonly depths: number[] = [];
  private readonly after: boolean[] = [];
  private readonly needed: boolean[] = [];
  private readonly keeps: boolean[] = [];

  constructor(private readonly nest: Nest) {
    const { nodes } = nest;
    const deepest = (coefs: readonly unknown[]): number => {
      let d = coefs.length;
      while (d > 0 && coefs[d - 1] === 0) d--;
      return d;
    };
    nodes.forEach((n) => {
      let depth = n.kind === "load" ? deepest(n.address.coefs) : n.kind === "index" ? deepest(n.affine.coefs) : 0;
      let after = n.kind === "acc";
      for (const a of argsOf(n)) {
        depth = Math.max(depth, this.depths[a]);
        after ||= this.after[a];
      }
      this.depths.push(after ? nest.parallel : depth);
      this.after.push(after);
    });
    this.mark();
  }

  private mark(): void {
    const { nest } = this;
    const readers = nest.nodes.map(() => 0);
    const place = (id: number): string => (this.after[id] ? "after" : String(this.depths[id]));
    const inner = String(nest.dims.length);
    const elsewhere = nest.nodes.map(() => false);
    const read = (id: number, from: string): void => {
      readers[id]++;
      if (place(id) !== from) elsewhere[id] = true;
    };
    const last = nest.reductions.length > 0 ? "after" : String(nest.parallel);
    for (const s of nest.stores) {
      read(s.value, last);
      if (s.guard >= 0) read(s.guard, last);
      for (const d of s.dynamic) read(d.node, last);
    }
    for (const r of nest.reductions) read(r.value, inner);
    for (let id = nest.nodes.length - 1; id >= 0; id--) {
      this.needed[id] = readers[id] > 0;
      if (!this.needed[id]) continue;
      for (const a of argsOf(nest.nodes[id])) read(a, place(id));
    }
    nest.nodes.forEach((_, id) => {
      this.keeps[id] = this.needed[id] && !this.isImmediate(id) && (readers[id] > 1 || elsewhere[id]);
    });
  }

  /** Loops around the node. */
  depth(id: number): number {
    return this.depths[id];
  }
  afterReduction(id: number): boolean {
    return this.after[id];
  }
  isNeeded(id: number): boolean {
    return this.needed[id];
  }
  /** In a variable of its own. */
  isKept(id: number): boolean {
    return this.keeps[id];
  }
  /** Cheaper to repeat than to keep. */
  isImmediate(id: number): boolean {
    const { kind } = this.nest.nodes[id];
    return kind === "const" || kind === "size" || kind === "acc";
  }
}
