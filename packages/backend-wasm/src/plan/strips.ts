import { stripsStep } from "../emit/strips";
import { aligned } from "../memory/heap";
import {
  type Buffer,
  buffersOf,
  type Func,
  isProduct,
  type MatmulStep,
  membersOf,
  type NestStep,
  type Ref,
  type Step,
  type StripMember,
  scratchBuffer,
  typeOf,
} from "./func";
import { accesses } from "./rows";
import { Touched } from "./touched";

/** Bytes that the loops of a strip may touch, so that what they share stays in the first cache. */
const stripBytes = 24 << 10;
/** Bytes of temporaries in one row beyond which strips do not help. */
const mostRowBytes = 64 << 10;

/**
 * Runs of loops and products over the same rows are walked strip by strip: each does a few rows, then the next few. What one leaves for
 * another is still in the cache then, and what nobody else reads is only ever as large as a strip. Rows are whatever the outermost dims
 * have in common: the rows of a matrix, or single elements. A product takes part with the rows of its left operand, where the right one
 * is there before.
 */
export const inStrips = (func: Func): Func => {
  const { steps } = func;
  const spans = spansOf(steps);
  const out: Step[] = [];
  for (let at = 0; at < steps.length; ) {
    const all = runFrom(steps, at, true);
    const loops = all.members.some(isProduct) ? runFrom(steps, at, false) : all;
    const [run, made] = [all, loops]
      .filter((r) => r.members.length > 1)
      .map((r) => [r, strips(r, at, func, spans)] as const)
      .find(([, made]) => made) ?? [loops, undefined];
    const length = Math.max(1, run.members.length);
    out.push(...(made ? [made] : steps.slice(at, at + length)));
    at += length;
  }
  return out.length === steps.length ? func : { ...func, steps: out };
};

/** The first and the last step that uses a buffer. */
type Spans = ReadonlyMap<Buffer, readonly [first: number, last: number]>;

const spansOf = (steps: readonly Step[]): Spans => {
  const spans = new Map<Buffer, readonly [first: number, last: number]>();
  steps.forEach((s, i) => {
    for (const b of Object.values(typeOf(s).uses(s)).flat()) spans.set(b, [spans.get(b)?.[0] ?? i, i]);
  });
  return spans;
};

interface Run {
  readonly members: readonly StripMember[];
  readonly rows: number;
}

/** The longest run that begins at a step. */
const runFrom = (steps: readonly Step[], at: number, products: boolean): Run => {
  let members: StripMember[] = [];
  let rows = 0;
  let touched = new Touched();
  let product = false;
  for (let i = at; i < steps.length; i++) {
    const step = steps[i];
    if (!fits(step, products)) break;
    const extent = step.kind === "nest" ? (step.nest.dims[0] as number) : membersOf(step) * (step.m as number);
    const both = members.length === 0 ? extent : Math.min(rows, extent);
    if (rows % both !== 0 || extent % both !== 0) break;
    // With fewer rows than before, those of all members are so many times as long.
    const scaled = rows > both ? members.map((m) => ({ ...m, scale: (m.scale * rows) / both })) : members;
    if (scaled !== members) touched = touchedBy(scaled);
    const member = { step, scale: extent / both };
    product ||= isProduct(member);
    if (product && members.length > 0 && !touched.meets(member)) break;
    touched.add(member);
    if (touched.crossed || touched.bytes > mostRowBytes) break;
    members = [...scaled, member];
    rows = both;
  }
  return { members, rows };
};

const fits = (step: Step, products: boolean): step is NestStep | MatmulStep =>
  step.kind === "nest"
    ? step.nest.parallel > 0
    : products && step.kind === "matmul" && step.type.inStrips.divides(step);

const touchedBy = (members: readonly StripMember[]): Touched => {
  const touched = new Touched();
  for (const m of members) touched.add(m);
  return touched;
};

/** A run as one step, if that makes temporaries smaller. */
const strips = (run: Run, at: number, func: Func, spans: Spans): Step | undefined => {
  const { members, rows } = run;
  const elsewhere = (b: Buffer): boolean => {
    const [first, last] = spans.get(b)!;
    return first < at || last >= at + members.length;
  };
  const { shared } = touchedBy(members);
  const inner = shared.filter(([b]) => b.home === "temp" && !elsewhere(b) && !func.inputs.includes(b));
  const { slots, of } = slotsFor(new Map(inner), members);
  const streams = rowsOf(members, of);
  // Strips pay where something gets smaller, or is read again.
  if (slots.length === 0 && !streams.again) return undefined;
  const perRow = slots.reduce((n, s) => n + s.row, 0) + streams.bytes;
  const products = members.filter(isProduct);
  const rules = products[0]?.step.type.inStrips;
  const strip = rules ? rules.stripOf(perRow, rows) : stripOfLoops(perRow);
  if (strip === undefined || strip >= rows) return undefined;
  const packed = members.map((m) => (isProduct(m) ? m.step.type.inStrips.packing(m.step) : undefined));
  const saved = slots.reduce((n, s) => n + s.row, 0) * rows;
  if (rules && !rules.worthPacking(packed, saved)) return undefined;
  let bytes = 0;
  const rolling = slots.map((s, i) => {
    const at = bytes;
    bytes += aligned(s.row * strip);
    return { buffer: { ...s.from, bytes: s.row * strip, slot: i }, row: s.row, at };
  });
  const inStrip = (r: Ref): Ref => {
    const slot = of.get(r.buffer);
    return slot === undefined ? r : { ...r, buffer: rolling[slot].buffer };
  };
  const gemm = products.map((m) => m.step.type.inStrips.scratchBytes(m, strip));
  return {
    kind: "strips",
    type: stripsStep,
    members: members.map(({ step, scale }, i) => ({
      scale,
      step: withRefs(step, inStrip),
      ...(packed[i] && { packed: packed[i] }),
    })),
    rows,
    strip,
    rolling,
    scratch: scratchBuffer(bytes + Math.max(0, ...gemm)),
    productScratch: bytes,
  };
};

const stripOfLoops = (perRow: number): number => {
  const most = Math.max(1, Math.floor(stripBytes / perRow));
  return most >= 64 ? most & -64 : most;
};

const refsOf = (step: NestStep | MatmulStep): readonly Ref[] =>
  step.kind === "nest" ? step.operands : [step.a.ref, step.b.ref, step.c.ref];

const withRefs = (step: NestStep | MatmulStep, f: (r: Ref) => Ref): NestStep | MatmulStep => {
  if (step.kind === "nest") return { ...step, operands: step.operands.map(f) };
  const [a, b, c] = [step.a, step.b, step.c].map((x) => ({ ...x, ref: f(x.ref) }));
  return { ...step, a, b, c };
};

/** The bytes of a row of everything else that is walked by rows, and whether more than one member does so with any of it. */
const rowsOf = (members: readonly StripMember[], without: ReadonlyMap<Buffer, number>) => {
  const rows = new Map<Buffer, number>();
  let again = false;
  for (const m of members) {
    const mine = new Map(
      accesses(m).flatMap(({ buffer, row }) => (row && !without.has(buffer) ? [[buffer, row]] : [])),
    );
    for (const [b, row] of mine) {
      again ||= rows.has(b);
      rows.set(b, Math.max(row, rows.get(b) ?? 0));
    }
  }
  return { bytes: [...rows.values()].reduce((n, r) => n + r, 0), again };
};

/** Places for temporaries inside a strip: one is taken again when whoever had it is read no more, or by what may be written over it. */
const slotsFor = (rows: ReadonlyMap<Buffer, number>, members: readonly StripMember[]) => {
  const slots: { readonly row: number; readonly from: Buffer; free: boolean }[] = [];
  const of = new Map<Buffer, number>();
  const last = new Map<Buffer, number>();
  const touched = members.map(({ step }) => buffersOf(refsOf(step)).filter((b) => rows.has(b)));
  touched.forEach((bs, i) => {
    for (const b of bs) last.set(b, i);
  });
  touched.forEach((bs, i) => {
    const { step } = members[i];
    const dying = bs.filter((b) => of.has(b) && last.get(b) === i);
    const taken = new Set<Buffer>();
    for (const b of bs) {
      if (of.has(b)) continue;
      const row = rows.get(b)!;
      const over = dying.find((d) => !taken.has(d) && rows.get(d) === row && typeOf(step).inPlace?.(step, d, b));
      if (over) taken.add(over);
      let slot = over ? of.get(over)! : slots.findIndex((s) => s.free && s.row === row);
      if (slot < 0) slot = slots.push({ row, from: b, free: false }) - 1;
      slots[slot].free = false;
      of.set(b, slot);
    }
    for (const b of bs) if (last.get(b) === i && !taken.has(b)) slots[of.get(b)!].free = true;
  });
  return { slots, of };
};
