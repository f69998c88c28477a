import { bytesPer } from "@ansatz/backend";
import { type FunctionBuilder, i32, type Local } from "../asm";
import { aligned } from "../memory/heap";
import {
  type Access,
  at,
  type MatmulStep,
  type Matrix,
  membersOf,
  type ProductMember,
  type ProductsInStrips,
  type Ref,
  type StripMember,
  scratchBuffer,
} from "../plan/func";
import {
  gemmFunction,
  gemmPackFunction,
  gemmScratchBytes,
  isThin,
  packedBytes,
  packedStride,
  packingOf,
} from "../runtime";
import type { Frame, ProgramEmitter } from "./program";

/** Multiplications that make threads worth their waking. */
export const worthThreads = 2 ** 21;

/** With products among them: what a strip touches, well inside a second cache, or at most; rows that tiles of four and of six divide. */
const productBytes = { wanted: 128 << 10, most: 1 << 20 } as const;
const productRows = 24;
/** What a second cache holds anyway; and the most of a right operand that is packed for all strips, as each reads it again. */
const nearBytes = 256 << 10;
const packedMost = 2 << 20;

const laneOf = ({ dtype }: MatmulStep): "f64" | "f32" => (dtype === "float64" ? "f64" : "f32");

/** Whether its strips give the bits of the whole: inner products are summed by the place of their row among four. */
const divides = (s: MatmulStep): boolean =>
  s.batch.length === 0 || (s.m as number) % productRows === 0 || !isThin(laneOf(s), s.n as number);

/** Rows of the left operand make rows of the result, and all of the right operand is read for each; members of a batch follow each other. */
const accesses = ({ a, b, c, batch, m, n, k, dtype }: MatmulStep, scale: number): Access[] => {
  const rows = (x: Matrix, columns: number): Access => {
    const [step, across] = [x.row as number, x.column as number];
    let reach = step * (m as number);
    let inOrder = true;
    for (let d = batch.length - 1; d >= 0; d--) {
      inOrder &&= x.batch[d] === reach;
      reach *= batch[d] as number;
    }
    const within = inOrder && x.ref.offset === 0 && step > 0 && across >= 0 && (columns - 1) * across < step;
    return { buffer: x.ref.buffer, row: within ? step * scale * bytesPer[dtype] : undefined };
  };
  return [rows(a, k as number), { buffer: b.ref.buffer, row: undefined }, rows(c, n as number)];
};

/** Undefined where all of it stays in the second cache anyway, or not even the fewest rows do. */
const stripOf = (perRow: number, rows: number): number | undefined => {
  if (rows * perRow <= nearBytes || productRows * perRow > productBytes.most) return undefined;
  return Math.max(1, Math.floor(productBytes.wanted / perRow / productRows)) * productRows;
};

const packing = (s: MatmulStep): StripMember["packed"] => {
  const [type, n, k] = [laneOf(s), s.n as number, s.k as number];
  const as = packingOf(type, n, k, s.a.column as number, { row: s.b.row as number, column: s.b.column as number });
  const bytes = aligned(packedBytes(type, n, k));
  return as === "not" ? undefined : { as, to: scratchBuffer(bytes * membersOf(s)), bytes };
};

const worthPacking = (members: readonly StripMember["packed"][], saved: number): boolean =>
  members.every((b) => !b || b.bytes <= packedMost) &&
  members.reduce((n, b) => n + (b?.to.bytes ?? 0), 0) <= Math.max(packedMost, saved);

/** Pushes a place of a matrix plus that of a member of the batch, and of a row. */
const pushMatrix = (
  f: FunctionBuilder,
  step: MatmulStep,
  x: Matrix,
  push: (r: Ref) => void,
  member: readonly Local[],
  row?: Local,
) => {
  push(x.ref);
  const advance = (i: Local, stride: number) => {
    if (stride !== 0)
      f.get(i)
        .i32.const(stride * bytesPer[step.dtype])
        .i32.mul()
        .i32.add();
  };
  member.forEach((i, d) => advance(i, x.batch[d] as number));
  if (row) advance(row, x.row as number);
};

/** The indices in a batch of the member of a number. */
const indicesOf = (f: FunctionBuilder, { batch }: MatmulStep, number: Local): Local[] => {
  const indices: Local[] = [];
  let rest = number;
  for (let d = batch.length - 1; d > 0; d--) {
    const n = batch[d] as number;
    indices[d] = f.get(rest).i32.const(n).i32.rem_u().keep(i32);
    rest = f.get(rest).i32.const(n).i32.div_u().keep(i32);
  }
  indices[0] = rest;
  return indices;
};

const pack = (p: ProgramEmitter, frame: Frame, { step, packed }: ProductMember): void => {
  if (!packed) return;
  const { f } = frame;
  const one = (number?: Local): void => {
    f.i32.const(step.n as number).i32.const(step.k as number);
    pushMatrix(f, step, step.b, (r) => p.pushRef(frame, r), number ? indicesOf(f, step, number) : []);
    f.i32.const(step.b.row as number).i32.const(step.b.column as number);
    pushPacked(p, frame, packed, number);
    f.call(p.runtime(gemmPackFunction(laneOf(step))));
  };
  const number = f.local(i32);
  if (step.batch.length === 0) one();
  else f.forRange(number, 0, membersOf(step), 1, () => one(number));
};

const pushPacked = (
  p: ProgramEmitter,
  frame: Frame,
  packed: NonNullable<StripMember["packed"]>,
  number?: Local,
): void => {
  p.pushRef(frame, at(packed.to));
  if (number) frame.f.get(number).i32.const(packed.bytes).i32.mul().i32.add();
};

/** The rows [from, to) of a product; those of a batch are all its members' rows, one member after the other. */
const call = (
  p: ProgramEmitter,
  frame: Frame,
  { step, scale, packed }: ProductMember,
  [from, to]: readonly [Local, Local],
  push: (r: Ref) => void,
  scratch: () => void,
): void => {
  const { f } = frame;
  const times = (x: Local) => {
    f.get(x);
    if (scale !== 1) f.i32.const(scale).i32.mul();
    return f.keep(i32);
  };
  const rows = (count: () => void, row: Local, number?: Local) => {
    const member = number ? indicesOf(f, step, number) : [];
    count();
    f.i32.const(step.n as number).i32.const(step.k as number);
    pushMatrix(f, step, step.a, push, member, row);
    f.i32.const(step.a.row as number).i32.const(step.a.column as number);
    if (packed) {
      pushPacked(p, frame, packed, number);
      if (packed.as === "lines") f.i32.const(1).i32.const(step.k as number);
      else f.i32.const(packedStride).i32.const(0);
    } else {
      pushMatrix(f, step, step.b, push, member);
      f.i32.const(step.b.row as number).i32.const(step.b.column as number);
    }
    pushMatrix(f, step, step.c, push, member, row);
    f.i32.const(step.c.row as number).i32.const(0);
    scratch();
    f.call(p.runtime(gemmFunction(laneOf(step))));
  };
  const [first, end] = [times(from), times(to)];
  if (step.batch.length === 0) {
    rows(() => void f.get(end).get(first).i32.sub(), first);
    return;
  }
  const m = step.m as number;
  const [number, row, stop] = [f.local(i32), f.local(i32), f.local(i32)];
  f.loop((next) => {
    f.get(first).i32.const(m).i32.div_u().set(number);
    f.get(first).get(number).i32.const(m).i32.mul().i32.sub().set(row);
    // up to the end of this member
    f.get(first).get(row).i32.sub().i32.const(m).i32.add().tee(stop).get(end);
    f.get(stop).get(end).i32.lt_s().select().set(stop);
    rows(() => void f.get(stop).get(first).i32.sub(), row, number);
    f.get(stop).tee(first).get(end).i32.lt_s().brIf(next);
  });
};

const matrixKey = ({ ref, row, column, batch }: Matrix, place: (r: Ref) => string): string =>
  `${place(ref)}:${row},${column},${batch.join()}`;

/** How products take turns with the loops around them. */
export const productsInStrips: ProductsInStrips = {
  divides,
  accesses,
  stripOf,
  packing,
  worthPacking,
  scratchBytes: ({ step, scale }, strip) =>
    gemmScratchBytes(laneOf(step), strip * scale, step.n as number, step.k as number),
  key: ({ step, packed }, place, k) =>
    `product ${step.dtype} ${step.batch.join()} ${step.m} ${step.n} ${step.k} ${[step.a, step.b, step.c].map((x) => matrixKey(x, place)).join(" ")} ${packed ? packed.as + k.place(packed.to) : "-"}`,
  worthThreads: ({ step, scale }, strip) =>
    Math.ceil(worthThreads / (strip * scale * (step.n as number) * (step.k as number))),
  pack,
  call,
};
