import { i32 } from "../asm";
import { nestKey } from "../nest/ir";
import {
  at,
  type Buffer,
  isProduct,
  type Ref,
  type StepType,
  type StripMember,
  type StripsStep,
  typeOf,
} from "../plan/func";
import { accesses } from "../plan/rows";
import { callNest, tilesWorthThreads } from "./loops";

const usesOf = ({ step }: StripMember) => typeOf(step).uses(step);

/** The first member that writes a buffer. */
const writer = (s: StripsStep, b: Buffer): number => s.members.findIndex((m) => usesOf(m).writes.includes(b));

/** How many strips make threads worth their waking: the products alone, or else the loops; undefined where strips depend on each other. */
const stripsWorthThreads = (s: StripsStep): number | undefined => {
  const loops = s.members.map(({ step }) => (step.kind === "nest" ? tilesWorthThreads(step.nest) : 0));
  if (loops.includes(undefined)) return undefined;
  const products = s.members.filter(isProduct).map((m) => m.step.type.inStrips.worthThreads(m, s.strip));
  return products.length > 0 ? Math.max(2, Math.min(...products)) : Math.max(...(loops as number[]));
};

/** Loops and products that take turns over a few rows at a time. */
export const stripsStep: StepType<StripsStep> = {
  key: (s, k) => {
    const place = (r: Ref) => {
      const at = s.rolling.findIndex((x) => x.buffer === r.buffer);
      return at < 0 ? k.ref(r) : `s${at}`;
    };
    const members = s.members.map((m) => {
      const { step, scale } = m;
      return step.kind === "nest"
        ? `${scale} ${step.operands.map(place).join()} ${nestKey(step.nest)}`
        : `${scale} ${step.type.inStrips.key({ ...m, step }, place, k)}`;
    });
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
    for (const m of s.members.filter(isProduct)) m.step.type.inStrips.pack(p, frame, m);
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
              step.type.inStrips.call(p, inner, { ...m, step }, [from, to], push, () => {
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
