import { type Aval, type Shape, sizeOf, type TypedArray } from "@ansatz/backend";
import type { Tensor, Tf } from "../tf";
import { maximum, minimum } from "./elementwise";
import { type Call, composed, reshape, type Table } from "./kernel";
import { transposed } from "./movement";

interface Indexing {
  readonly [k: string]: number | string | readonly number[];
  readonly batch: number;
  readonly axes: readonly number[];
}

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1);

/**
 * An operand [B…, D…] seen as a table of rows: batch and indexed axes in front, the axes taken whole behind. Indices live on the
 * host, so the row of every place is worked out there; -1 where an index is out of range.
 */
const rowsOf = (operand: Shape, indices: Aval, data: TypedArray, p: Indexing, clip: boolean) => {
  const rest = [...operand.keys()].filter((k) => k >= p.batch && !p.axes.includes(k));
  const order = [...Array(p.batch).keys(), ...p.axes, ...rest];
  const rows = product(order.slice(0, p.batch + p.axes.length).map((k) => operand[k]));
  const width = product(rest.map((k) => operand[k]));
  const lead = indices.shape.slice(0, -1);
  const inBatch = product(lead.slice(p.batch));
  const perBatch = product(p.axes.map((k) => operand[k]));
  const k = p.axes.length;
  const at = new Int32Array(sizeOf(lead));
  for (let place = 0; place < at.length; place++) {
    let row = Math.floor(place / inBatch) * perBatch;
    let step = perBatch;
    for (const [j, axis] of p.axes.entries()) {
      const d = operand[axis];
      step /= d;
      let i = Number(data[place * k + j]);
      if (clip) i = Math.max(0, Math.min(i, d - 1));
      if (i < 0 || i >= d) {
        row = -1;
        break;
      }
      row += i * step;
    }
    at[place] = row;
  }
  return { order, rows, width, at, lead };
};

/** Operand as [rows, width]. Bools travel as numbers: not every engine gathers them. */
const tableOf = ({ tf, ins, avals }: Call, order: readonly number[], rows: number, width: number): Tensor => {
  const x = avals[0].dtype === "bool" ? tf.cast(ins[0], "float32") : ins[0];
  return reshape(tf, transposed(tf, x, avals[0].shape, order), [rows, width]);
};

const back = (c: Call, y: Tensor): Tensor => (c.avals[0].dtype === "bool" ? c.tf.cast(y, "bool") : y);

const gather = composed<Indexing & { mode: "clip" | "fill"; fillValue: number }>(
  (c) => {
    const { tf, params: p } = c;
    const { order, rows, width, at } = rowsOf(c.avals[0].shape, c.avals[1], c.host[1], p, p.mode === "clip");
    let table = tableOf(c as never, order, rows, width);
    // One row of the fill value stands behind the others for every index out of range.
    if (at.includes(-1)) {
      const fill = Number.isFinite(p.fillValue) || c.avals[0].dtype !== "bool" ? p.fillValue : 1;
      table = tf.concat([table, tf.fill([1, width], fill)], 0);
      for (let i = 0; i < at.length; i++) if (at[i] < 0) at[i] = rows;
    }
    return back(c as never, take(tf, table, at));
  },
  { host: (place) => place === 1 },
);

/** The inverse of a transposition. */
const restored = (tf: Tf, x: Tensor, shape: Shape, order: readonly number[]): Tensor => {
  const inverse = order.map((_, k) => order.indexOf(k));
  return transposed(
    tf,
    x,
    order.map((k) => shape[k]),
    inverse,
  );
};

/**
 * Indices are known on the host, so scattering is gathering: updates stand as further rows behind the operand's, and every row picks
 * itself or one update. For "set" that is the last one that falls on it; for extrema the updates of a row are first halved among
 * themselves until one is left; sums go through the engine's own ScatterNd, which adds duplicates.
 */
const scatter = composed<Indexing & { kind: "add" | "set" | "min" | "max" }>(
  (c) => {
    const { tf, params: p, avals } = c;
    const { order, rows, width, at } = rowsOf(avals[0].shape, avals[1], c.host[1], p, false);
    const table = tableOf(c as never, order, rows, width);
    const raw = avals[0].dtype === "bool" ? tf.cast(c.ins[2], "float32") : c.ins[2];
    const updates = reshape(tf, transposed(tf, raw, avals[2].shape, [...avals[2].shape.keys()]), [at.length, width]);
    const done = (y: Tensor): Tensor => {
      const z = back(c as never, restored(tf, y, avals[0].shape, order));
      return z === c.ins[0] ? tf.clone(z) : z;
    };
    const inside = [...at.keys()].filter((u) => at[u] >= 0);
    if (inside.length === 0) return done(table);
    if (p.kind === "add") {
      const some = inside.length < at.length ? take(tf, updates, inside) : updates;
      const places = tf.tensor2d(
        Int32Array.from(inside, (u) => at[u]),
        [inside.length, 1],
        "int32",
      );
      return done(tf.add(table, tf.scatterND(places, some, [rows, width])));
    }
    if (p.kind === "set") return done(take(tf, tf.concat([table, updates], 0), pick(lasts(at, rows), rows)));
    const f = p.kind === "min" ? minimum : maximum;
    const lists = new Map<number, number[]>();
    for (const u of inside) lists.set(at[u], [...(lists.get(at[u]) ?? []), u]);
    let now = updates;
    while ([...lists.values()].some((l) => l.length > 1)) {
      const left: number[] = [];
      const right: number[] = [];
      for (const [row, list] of lists) {
        const next: number[] = [];
        for (let i = 0; i < list.length; i += 2) {
          next.push(left.length);
          left.push(list[i]);
          right.push(list[Math.min(i + 1, list.length - 1)]);
        }
        lists.set(row, next);
      }
      now = f(tf, take(tf, now, left), take(tf, now, right));
    }
    const winner = new Int32Array(rows).fill(-1);
    for (const [row, [u]] of lists) winner[row] = u;
    return done(f(tf, table, take(tf, tf.concat([table, now], 0), pick(winner, rows))));
  },
  { host: (place) => place === 1 },
);

const take = (tf: Tf, x: Tensor, rows: ArrayLike<number>): Tensor =>
  tf.gather(x, tf.tensor1d(Int32Array.from(rows), "int32") as never, 0);

const pick = (round: Int32Array, rows: number): Int32Array => round.map((u, row) => (u < 0 ? row : rows + u));

/** For each row the last update that falls on it, or -1. */
const lasts = (at: Int32Array, rows: number): Int32Array => {
  const last = new Int32Array(rows).fill(-1);
  for (const [u, row] of at.entries()) if (row >= 0) last[row] = u;
  return last;
};

export const indexing: Table = { gather, scatter };
