import { bytesPer } from "@ansatz/backend";
import { i32, type Local } from "../asm";
import { nestKey } from "../nest/ir";
import {
  at,
  type Buffer,
  type MatmulStep,
  type Matrix,
  type Ref,
  type StepType,
  type StripMember,
  type StripsStep,
  typeOf,
} from "../plan/func";
import { accesses } from "../plan/rows";
import { gemmFunction, gemmPackFunction, packedStride } from "../runtime";
import { callNest, tilesWorthThreads } from "./loops";
import { worthThreads } from "./matmul";
import type { Frame, ProgramEmitter } from "./program";

const usesOf = ({ step }: StripMember) => typeOf(step).uses(step);
const laneOf = ({ dtype }: MatmulStep) => (dtype === "float64" ? "f64" : "f32");

/** The first member that writes a buffer. */
const writer = (s: StripsStep, b: Buffer): number => s.members.findIndex((m) => usesOf(m).writes.includes(b));

/** How many strips make threads worth their waking: the products alone, or else the loops; undefined where strips depend on each other. */
const stripsWorthThreads = (s: StripsStep): number | undefined => {
  const loops = s.members.map(({ step }) => (step.kind === "nest" ? tilesWorthThreads(step.nest) : 0));
  if (loops.includes(undefined)) return undefined;
  const products = s.members.flatMap(({ step, scale }) =>
    step.kind === "matmul"
      ? [Math.ceil(worthThreads / (s.strip * scale * (step.n as number) * (step.k as number)))]
      : [],
  );
  return products.length > 0 ? Math.max(2, Math.min(...products)) : Math.max(...(loops as number[]));
};

/** Packs the right operand of a product, before the first strip. */
const pack = (p: ProgramEmitter, frame: Frame, { step, packed }: StripMember): void => {
  if (step.kind !== "matmul" || !packed) return;
  p.pushSize(frame, step.n);
  p.pushSize(frame, step.k);
  p.pushRef(frame, step.b.ref);
  p.pushSize(frame, step.b.row);
  p.pushSize(frame, step.b.column);
  p.pushRef(frame, at(packed.to));
  frame.f.call(p.runtime(gemmPackFunction(laneOf(step))));
};

/** The rows [from, to) of a product. */
const callProduct = (
  p: ProgramEmitter,
  frame: Frame,
  { step, scale, packed }: StripMember & { readonly step: MatmulStep },
  [from, to]: readonly [Local, Local],
  push: (r: Ref) => void,
  scratch: () => void,
): void => {
  const { f } = frame;
  const rowsOf = ({ ref, row }: Matrix) => {
    push(ref);
    f.get(from)
      .i32.const(scale * (row as number) * bytesPer[step.dtype])
      .i32.mul()
      .i32.add();
  };
  f.get(to).get(from).i32.sub();
  if (scale !== 1) f.i32.const(scale).i32.mul();
  p.pushSize(frame, step.n);
  p.pushSize(frame, step.k);
  rowsOf(step.a);
  p.pushSize(frame, step.a.row);
  p.pushSize(frame, step.a.column);
  if (packed) {
    p.pushRef(frame, at(packed.to));
    if (packed.as === "lines") f.i32.const(1).i32.const(step.k as number);
    else f.i32.const(packedStride).i32.const(0);
  } else {
    push(step.b.ref);
    p.pushSize(frame, step.b.row);
    p.pushSize(frame, step.b.column);
  }
  rowsOf(step.c);
  p.pushSize(frame, step.c.row);
  f.i32.const(0);
  scratch();
  f.call(p.runtime(gemmFunction(laneOf(step))));
};

const matrixKey = ({ ref, row, column }: Matrix, place: (r: Ref) => string): string => `${place(ref)}:${row},${column}`;

/** Loops and products that take turns over a few rows at a time. */
export const stripsStep: StepType<StripsStep> = {
  key: (s, k) => {
    const place = (r: Ref) => {
      const at = s.rolling.findIndex((x) => x.buffer === r.buffer);
      return at < 0 ? k.ref(r) : `s${at}`;
    };
    const members = s.members.map(({ step, scale, packed }) =>
      step.kind === "nest"
        ? `${scale} ${step.operands.map(place).join()} ${nestKey(step.nest)}`
        : `${scale} product ${step.dtype} ${step.n} ${step.k} ${[step.a, step.b, step.c].map((x) => matrixKey(x, place)).join(" ")} ${packed ? packed.as + k.place(packed.to) : "-"}`,
    );
    return `${s.rows}/${s.strip} ${k.place(s.scratch)}+${s.productScratch} ${s.rolling.map((r) => `${r.at}*${r.row}`).join()} ${members.join(" ")}`;
  },
  uses: (s) => {
    const rolling = s.rolling.map((r) => r.buffer);
    const [reads, writes] = [new Set<Buffer>(), new Set<Buffer>()];
    for (const m of s.members) {
      const u = usesOf(m);
      // What another member wrote is not read from outside.
      for (const b of u.reads) if (!writes.has(b) && !rolling.includes(b)) reads.add(b);
      for (const b of u.writes) if (!rolling.includes(b)) writes.add(b);
    }
    const packed = s.members.flatMap((m) => (m.packed ? [m.packed.to] : []));
    return { reads: [...reads], writes: [...writes], scratch: [s.scratch, ...packed] };
  },
  // Whoever reads `from` must have done so when its rows are overwritten, and have read those rows only.
  inPlace: (s, from, to) => {
    const at = writer(s, to);
    const rows = s.members.flatMap((m) => accesses(m).filter(({ buffer }) => buffer === from || buffer === to));
    return (
      from.bytes === to.bytes &&
      rows.every(({ row }) => row !== undefined && row === rows[0].row) &&
      s.members.every(
        (m, i) =>
          !usesOf(m).reads.includes(from) ||
          i < at ||
          (i === at && (typeOf(m.step).inPlace?.(m.step, from, to) ?? false)),
      )
    );
  },
  emit: (p, frame, s) => {
    const worth = stripsWorthThreads(s);
    for (const m of s.members) pack(p, frame, m);
    p.divide(frame, {
      end: () => frame.f.i32.const(s.rows),
      grain: () => frame.f.i32.const(s.strip),
      when:
        worth === undefined
          ? undefined
          : (end) =>
              frame.f
                .get(end)
                .i32.const(s.strip * worth)
                .i32.ge_u(),
      scratch: { ref: at(s.scratch), bytes: s.scratch.bytes },
      part: (inner, from, end, scratch) => {
        const { f } = inner;
        const to = f.local(i32);
        f.loop((next) => {
          f.get(from).i32.const(s.strip).i32.add().tee(to).get(end).i32.gt_s();
          f.if(() => f.get(end).set(to));
          const push = (r: Ref) => {
            const rolling = s.rolling.find((x) => x.buffer === r.buffer);
            if (!rolling) return void p.pushRef(inner, r);
            // A strip lies where its first row would be if there were all rows.
            scratch();
            f.i32.const(rolling.at).i32.add().get(from).i32.const(rolling.row).i32.mul().i32.sub();
          };
          for (const m of s.members) {
            const { step, scale } = m;
            if (step.kind === "nest")
              callNest(p, inner, step, push, () => {
                for (const end of [from, to]) {
                  f.get(end);
                  if (scale !== 1) f.i32.const(scale).i32.mul();
                }
              });
            else
              callProduct(p, inner, { ...m, step }, [from, to], push, () => {
                scratch();
                f.i32.const(s.productScratch).i32.add();
              });
          }
          f.get(to).tee(from).get(end).i32.lt_s().brIf(next);
        });
      },
    });
  },
};
