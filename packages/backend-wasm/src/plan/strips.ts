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
  const out: Step[] = [];
  for (let at = 0; at < steps.length; ) {
    const all = runFrom(steps, at, true);
    const loops = all.members.some(isProduct) ? runFrom(steps, at, false) : all;
    const [run, made] = [all, loops]
      .filter((r) => r.members.length > 1)
      .map((r) => [r, strips(r, steps, at, func)] as const)
      .find(([, made]) => made) ?? [loops, undefined];
    const length = Math.max(1, run.members.length);
    out.push(...(made ? [made] : steps.slice(at, at + length)));
    at += length;
  }
  return out.length === steps.length ? func : { ...func, steps: out };
};

interface Run {
  readonly members: readonly StripMember[];
  readonly rows: number;
}

/** The longest run that begins at a step. */
const runFrom = (steps: readonly Step[], at: number, products: boolean): Run => {
  let run: Run = { members: [], rows: 0 };
  for (let i = at; i < steps.length; i++) {
    const step = steps[i];
    const fits =
      step.kind === "nest"
        ? step.nest.parallel > 0
        : products && step.kind === "matmul" && step.type.inStrips.divides(step);
    const longer = fits && joined(run, step as NestStep | MatmulStep);
    if (!longer) break;
    run = longer;
  }
  return run;
};

const joined = ({ members, rows }: Run, step: NestStep | MatmulStep): Run | undefined => {
  const extent = step.kind === "nest" ? (step.nest.dims[0] as number) : membersOf(step) * (step.m as number);
  if (members.length === 0) return { members: [{ step, scale: 1 }], rows: extent };
  const both = Math.min(rows, extent);
  if (rows % both !== 0 || extent % both !== 0) return undefined;
  const more = rows / both;
  const member = { step, scale: extent / both };
  const run = { members: [...members.map((m) => ({ ...m, scale: m.scale * more })), member], rows: both };
  if (run.members.some(isProduct) && !related(member, run.members.slice(0, -1))) return undefined;
  return sharedRows(run) ? run : undefined;
};

/** Whether a member touches rows that others touch, too. */
const related = (m: StripMember, others: readonly StripMember[]): boolean => {
  const rows = new Set(others.flatMap((o) => accesses(o).flatMap(({ buffer, row }) => (row ? [buffer] : []))));
  return accesses(m).some(({ buffer, row }) => row !== undefined && rows.has(buffer));
};

/** The bytes of a row of each buffer that is written in a run and touched twice; undefined if a row of it is read from another. */
const sharedRows = ({ members }: Run): Map<Buffer, number> | undefined => {
  const written = new Set(members.flatMap(({ step }) => typeOf(step).uses(step).writes));
  const touched = new Map<Buffer, Set<StripMember>>();
  const rows = new Map<Buffer, number | undefined>();
  for (const m of members)
    for (const { buffer, row } of accesses(m)) {
      if (!written.has(buffer)) continue;
      const by = touched.get(buffer) ?? new Set();
      touched.set(buffer, by.add(m));
      rows.set(buffer, rows.has(buffer) && rows.get(buffer) !== row ? undefined : row);
    }
  const shared = new Map<Buffer, number>();
  for (const [b, by] of touched) {
    if (by.size < 2) continue;
    const row = rows.get(b);
    if (row === undefined) return undefined;
    shared.set(b, row);
  }
  const bytes = [...shared].reduce((n, [b, row]) => n + (b.home === "temp" ? row : 0), 0);
  return bytes <= mostRowBytes ? shared : undefined;
};

/** A run as one step, if that makes temporaries smaller. */
const strips = (run: Run, steps: readonly Step[], at: number, func: Func): Step | undefined => {
  const { members, rows } = run;
  const shared = sharedRows(run)!;
  const others = [...steps.slice(0, at), ...steps.slice(at + members.length)];
  const elsewhere = new Set(others.flatMap((s) => Object.values(typeOf(s).uses(s)).flat()));
  const inner = [...shared].filter(([b]) => b.home === "temp" && !elsewhere.has(b) && !func.inputs.includes(b));
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
