import { type Shape, sizeOf, stridesOf, type TypedArray } from "@ansatz/backend";
import type { Fold } from "../fold";
import { byElement, type Shader } from "../shader";
import { coordinates, number, offset, product } from "./text";

type FoldOf = (size: number) => Fold;

export interface Indexing {
  readonly batch: number;
  readonly axes: readonly number[];
}

const wholeAxes = (x: Shape, p: Indexing): number[] => [...x.keys()].filter((k) => k >= p.batch && !p.axes.includes(k));

/** The offset in the operand that each place of the indices names, or -1; worked out on the host, where indices live. */
export const placesOf = (x: Shape, indices: Shape, data: TypedArray, p: Indexing, clip: boolean): Float32Array => {
  const strides = stridesOf(x);
  const lead = indices.slice(0, -1);
  const inBatch = product(lead.slice(p.batch));
  const batchStride = product(x.slice(p.batch));
  const k = p.axes.length;
  return Float32Array.from({ length: product(lead) }, (_, place) => {
    let at = Math.floor(place / inBatch) * batchStride;
    for (const [j, axis] of p.axes.entries()) {
      let i = Number(data[place * k + j]);
      if (clip) i = Math.max(0, Math.min(i, x[axis] - 1));
      if (i < 0 || i >= x[axis]) return -1;
      at += i * strides[axis];
    }
    return at;
  });
};

/** gather: operand, places → [place, rest]. */
export const gather = (foldOf: FoldOf, x: Shape, places: number, p: Indexing, fill: number): Shader => {
  const rest = wholeAxes(x, p);
  const s = stridesOf(x);
  const width = product(rest.map((k) => x[k]));
  const within = offset(
    "r",
    rest.map((k) => x[k]),
    rest.map((k) => s[k]),
  );
  return {
    inputs: [foldOf(sizeOf(x)), foldOf(places)],
    ints: [],
    out: foldOf(places * width),
    vector: [],
    scalar: [],
    before: `float pick(int i) {
int r = i % ${width};
int at = int(e1(i / ${width}));
return at < 0 ? ${number(fill)} : e0(at + ${within});
}`,
    body: byElement((i) => `pick(${i})`),
  };
};

/**
 * Updates sorted by the row of the operand they fall on, so that each element can walk through its own: for every row where its
 * updates begin (one more entry ends the last), and the updates in order.
 */
export const updatesByRow = (
  x: Shape,
  places: Float32Array,
  p: Indexing,
): { starts: Float32Array; order: Float32Array } => {
  const rows = rowCount(x, p);
  const rowAt = rowOfOffset(x, p);
  const starts = new Float32Array(rows + 1);
  const row = Int32Array.from(places, (at) => (at < 0 ? -1 : rowAt(at)));
  for (const r of row) if (r >= 0) starts[r + 1]++;
  for (let r = 0; r < rows; r++) starts[r + 1] += starts[r];
  const next = starts.slice();
  const order = new Float32Array(Math.max(1, starts[rows]));
  for (const [u, r] of row.entries()) if (r >= 0) order[next[r]++] = u;
  return { starts, order };
};

const leadAxes = (p: Indexing): number[] => [...Array(p.batch).keys(), ...p.axes];
const rowCount = (x: Shape, p: Indexing): number => product(leadAxes(p).map((k) => x[k]));

const rowOfOffset = (x: Shape, p: Indexing): ((at: number) => number) => {
  const s = stridesOf(x);
  const lead = leadAxes(p);
  const own = stridesOf(lead.map((k) => x[k]));
  return (at) => lead.reduce((row, k, j) => row + (Math.floor(at / s[k]) % x[k]) * own[j], 0);
};

const combine: { readonly [kind: string]: string } = {
  add: "acc = acc + u;",
  set: "acc = u;",
  min: "acc = min_(acc, u);",
  max: "acc = max_(acc, u);",
};

/** scatter: operand, updates, starts, order → operand. */
export const scatter = (
  foldOf: FoldOf,
  x: Shape,
  updates: number,
  order: number,
  p: Indexing,
  kind: string,
): Shader => {
  const lead = leadAxes(p);
  const rest = wholeAxes(x, p);
  const width = product(rest.map((k) => x[k]));
  const own = stridesOf(lead.map((k) => x[k]));
  const col = stridesOf(rest.map((k) => x[k]));
  const row = lead.map((k, j) => `c${k} * ${own[j]}`).join(" + ") || "0";
  const within = rest.map((k, j) => `c${k} * ${col[j]}`).join(" + ") || "0";
  return {
    inputs: [foldOf(sizeOf(x)), foldOf(updates), foldOf(rowCount(x, p) + 1), foldOf(order)],
    ints: [],
    out: foldOf(sizeOf(x)),
    vector: [],
    scalar: kind === "min" || kind === "max" ? [`${kind}_`] : [],
    before: `float settle(int i) {
${coordinates("i", x)}
int row = ${row}; int col = ${within};
int end = int(e2(row + 1));
float acc = e0(i);
for (int t = int(e2(row)); t < end; t++) {
  float u = e1(int(e3(t)) * ${width} + col);
  ${combine[kind]}
}
return acc;
}`,
    body: byElement((i) => `settle(${i})`),
  };
};
