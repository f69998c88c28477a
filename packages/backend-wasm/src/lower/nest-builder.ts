import type { DType, Shape } from "@ansatz/backend";
import type { ScalarOp } from "../emit/scalar-op";
import type { Dynamic, Nest, Node, Reduction, ReductionKind, Store } from "../nest/ir";
import { at, type Buffer, type Ref } from "../plan/func";
import type { Index, Reduced, Stored, Value } from "./value";

/** Whoever can put a recipe into a buffer, for the values that a loop cannot take in. */
export interface Storer {
  /** The value's buffer if it already has one. */
  stored(v: Value): Stored | undefined;
  store(v: Value): Stored;
}

export interface BuiltNest {
  readonly nest: Nest;
  readonly operands: readonly Ref[];
}

/**
 * Builds one nest over the indices of `shape`: `value` reads a value at affine indices, taking its recipe into the nest; equal
 * nodes are made once. Reductions read at the nest's own indices become reductions of the nest (with what follows as an epilogue).
 */
export class NestBuilder {
  private readonly dims: number[];
  private readonly parallel: number;
  private readonly nodes: Node[] = [];
  private readonly known = new Map<string, number>();
  private readonly memo = new Map<Value, { index: readonly Index[]; node: number }[]>();
  private readonly operands: Buffer[] = [];
  private readonly dtypes: DType[] = [];
  private readonly reductions: Reduction[] = [];
  private readonly stores: { store: Store; index: Index }[] = [];
  private readonly maps: (Index | undefined)[] = [];
  /** The indices of the nest's own dims. */
  readonly identity: readonly Index[];

  constructor(
    shape: Shape,
    private readonly storer: Storer,
  ) {
    this.dims = [...shape];
    this.parallel = shape.length;
    this.identity = shape.map((_, k) => ({ offset: 0, coefs: shape.map((_, d) => (d === k ? 1 : 0)) }));
  }

  /** The node that is a value at an index; an index of no axes reads a scalar. */
  value(v: Value, index: readonly Index[]): number {
    if (v.kind === "constant") return this.constant(v.value, v.dtype);
    const seen = this.memo.get(v)?.find((m) => m.index === index);
    if (seen) return seen.node;
    const node = this.read(this.storer.stored(v) ?? v, index);
    let entries = this.memo.get(v);
    if (!entries) this.memo.set(v, (entries = []));
    entries.push({ index, node });
    return node;
  }

  private read(v: Value, index: readonly Index[]): number {
    switch (v.kind) {
      case "constant":
        return this.constant(v.value, v.dtype);
      case "stored":
        return this.load(v, index);
      case "pointwise": {
        const args = v.args.map((a) => this.value(a, a.shape.length === 0 ? none : index));
        return this.op(v.op, v.dtype, ...args);
      }
      case "coordinate":
        return this.index(index[v.axis]);
      case "remap":
        return this.value(v.arg, this.through(v.index, index));
      case "computed":
        return v.read(this, index);
      case "reduced":
        return this.reduced(v, index);
    }
  }

  constant(value: number, dtype: DType): number {
    return this.node(`${dtype}:${Object.is(value, -0) ? "-0" : value}`, { kind: "const", dtype, value });
  }

  op(op: ScalarOp, dtype: DType, ...args: number[]): number {
    return this.node(`${op.name}:${dtype}(${args.join()})`, { kind: "op", op, dtype, args });
  }

  size(value: number): number {
    return this.node(`#${value}`, { kind: "size", dtype: "int32", value });
  }

  index(index: Index): number {
    const id = this.node(`i${keyOf(index)}`, { kind: "index", dtype: "int32", affine: { offset: 0, coefs: [] } });
    this.maps[id] = index;
    return id;
  }

  /** One element of a buffer; guarded loads give `otherwise` where `guard` fails. */
  load(v: Stored, index: readonly Index[], dynamic: readonly Dynamic[] = [], guard = -1, otherwise = -1): number {
    const address = combine(v.strides, index, v.offset);
    const operand = this.operand(v.buffer, v.dtype);
    const key = `l${operand}[${keyOf(address)}${dynamic.map((d) => `@${d.node}*${d.stride}`).join("")}]${guard}:${otherwise}`;
    const id = this.node(key, {
      kind: "load",
      dtype: v.dtype,
      operand,
      address: { offset: 0, coefs: [] },
      dynamic,
      guard,
      otherwise,
    });
    this.maps[id] = address;
    return id;
  }

  private store(
    buffer: Buffer,
    dtype: DType,
    value: number,
    index: Index,
    more: Partial<Pick<Store, "dynamic" | "guard" | "combine">> = {},
  ): void {
    const { dynamic = [], guard = -1, combine } = more;
    const operand = this.operand(buffer, dtype);
    this.stores.push({
      index,
      store: { operand, value, address: { offset: 0, coefs: [] }, dynamic, guard, combine },
    });
  }

  /** Writes a node to an element of a stored value. */
  storeAt(
    out: Stored,
    value: number,
    index: readonly Index[],
    more?: Partial<Pick<Store, "dynamic" | "guard" | "combine">>,
  ): void {
    this.store(out.buffer, out.dtype, value, combine(out.strides, index, out.offset), more);
  }

  /** Adds a sequential dim and gives its index. */
  sequential(extent: number): Index {
    this.dims.push(extent);
    const coefs = new Array<number>(this.dims.length).fill(0);
    coefs[this.dims.length - 1] = 1;
    return { offset: 0, coefs };
  }

  reduction(kind: ReductionKind, value: number, dtype: DType): number {
    const key = `a${kind}${value}:${dtype}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.reductions.push({ kind, value });
    return this.node(key, { kind: "acc", dtype, reduction: this.reductions.length - 1 });
  }

  finish(running = false): BuiltNest {
    const rank = this.dims.length;
    const affine = (i: Index) => ({
      offset: i.offset,
      coefs: Array.from({ length: rank }, (_, d) => i.coefs[d] ?? 0),
    });
    const nodes = this.nodes.map((n, id): Node => {
      const map = this.maps[id];
      if (map === undefined) return n;
      return n.kind === "load"
        ? { ...n, address: affine(map) }
        : n.kind === "index"
          ? { ...n, affine: affine(map) }
          : n;
    });
    return {
      nest: {
        dims: this.dims,
        parallel: this.parallel,
        operands: this.dtypes,
        nodes,
        reductions: this.reductions,
        running,
        stores: this.stores.map(({ store, index }) => ({ ...store, address: affine(index) })),
      },
      operands: this.operands.map((b) => at(b)),
    };
  }

  private node(key: string, node: Node): number {
    let id = this.known.get(key);
    if (id === undefined) {
      id = this.nodes.push(node) - 1;
      this.known.set(key, id);
    }
    return id;
  }

  private operand(buffer: Buffer, dtype: DType): number {
    const found = this.operands.findIndex((b, i) => b === buffer && this.dtypes[i] === dtype);
    if (found >= 0) return found;
    this.dtypes.push(dtype);
    return this.operands.push(buffer) - 1;
  }

  private readonly composed = new Map<readonly Index[], Map<readonly Index[], readonly Index[]>>();

  /** The indices of an operand, from a map of the result's and the result's own. */
  private through(map: readonly Index[], index: readonly Index[]): readonly Index[] {
    let of = this.composed.get(map);
    if (!of) this.composed.set(map, (of = new Map()));
    let out = of.get(index);
    if (!out) of.set(index, (out = map.map((m) => combine(m.coefs, index, m.offset))));
    return out;
  }

  /** Whether the nest's parallel dims run through a value's elements, each once: then nothing of it is computed twice. */
  private visitsOnce(v: Value, index: readonly Index[]): boolean {
    const seen = new Set<number>();
    for (const [axis, i] of index.entries()) {
      let walked = -1;
      for (let d = 0; d < i.coefs.length; d++) {
        if (!i.coefs[d]) continue;
        if (i.coefs[d] !== 1 || walked >= 0 || d >= this.parallel || seen.has(d)) return false;
        walked = d;
      }
      if (i.offset !== 0 || (walked < 0 && v.shape[axis] !== 1)) return false;
      seen.add(walked);
    }
    for (let d = 0; d < this.parallel; d++) if (this.dims[d] !== 1 && !seen.has(d)) return false;
    return true;
  }

  private reduced(v: Reduced, index: readonly Index[]): number {
    const extents = v.axes.map((a) => v.arg.shape[a]);
    const mine = this.dims.slice(this.parallel);
    const fits =
      this.visitsOnce(v, index) &&
      (mine.length === 0 || (mine.length === extents.length && extents.every((n, j) => n === mine[j]))) &&
      !(this.reductions.length > 0 && (v.name === "argmax" || v.name === "argmin" || this.ordinal));
    if (!fits) return this.load(this.storer.store(v), index);
    if (v.name === "argmax" || v.name === "argmin") this.ordinal = true;
    if (mine.length === 0) for (const n of extents) this.dims.push(n);
    let outer = 0;
    const inner = v.arg.shape.map((_, a): Index => {
      const j = v.axes.indexOf(a);
      if (j < 0) return index[outer++];
      const coefs = new Array<number>(this.parallel + j + 1).fill(0);
      coefs[this.parallel + j] = 1;
      return { offset: 0, coefs };
    });
    return this.reduction(v.name, this.value(v.arg, inner), v.dtype);
  }
  private ordinal = false;
}

const none: readonly Index[] = [];

/** offset + Σ scale_a · index_a */
export const combine = (scales: readonly number[], index: readonly Index[], offset: number): Index => {
  const coefs: number[] = [];
  let sum = offset;
  for (let a = 0; a < index.length; a++) {
    const s = scales[a];
    if (s === 0) continue;
    const i = index[a];
    sum += s * i.offset;
    for (let d = 0; d < i.coefs.length; d++) coefs[d] = (coefs[d] ?? 0) + s * i.coefs[d];
  }
  return { offset: sum, coefs };
};

const keyOf = (i: Index): string => {
  let n = i.coefs.length;
  while (n > 0 && !i.coefs[n - 1]) n--;
  let key = String(i.offset);
  for (let d = 0; d < n; d++) key += `,${i.coefs[d] ?? 0}`;
  return key;
};
