import { i32 } from "../asm";
import { nestKey } from "../nest/ir";
import { at, type Buffer, type Ref, type StepType, type StripsStep } from "../plan/func";
import { accesses } from "../plan/rows";
import { callNest, nestStep, tilesWorthThreads } from "./loops";

/** The first member that writes a buffer. */
const writer = (s: StripsStep, b: Buffer): number =>
  s.members.findIndex(({ step }) => nestStep.uses(step).writes.includes(b));

/** Loops that take turns over a few rows at a time. */
export const stripsStep: StepType<StripsStep> = {
  key: (s, k) => {
    const place = (r: Ref) => {
      const at = s.rolling.findIndex((x) => x.buffer === r.buffer);
      return at < 0 ? k.ref(r) : `s${at}`;
    };
    const members = s.members.map((m) => `${m.scale} ${m.step.operands.map(place).join()} ${nestKey(m.step.nest)}`);
    return `${s.rows}/${s.strip} ${k.place(s.scratch)} ${s.rolling.map((r) => `${r.at}*${r.row}`).join()} ${members.join(" ")}`;
  },
  uses: (s) => {
    const rolling = s.rolling.map((r) => r.buffer);
    const [reads, writes] = [new Set<Buffer>(), new Set<Buffer>()];
    for (const { step } of s.members) {
      const u = nestStep.uses(step);
      // What another member wrote is not read from outside.
      for (const b of u.reads) if (!writes.has(b) && !rolling.includes(b)) reads.add(b);
      for (const b of u.writes) if (!rolling.includes(b)) writes.add(b);
    }
    return { reads: [...reads], writes: [...writes], scratch: [s.scratch] };
  },
  // Whoever reads `from` must have done so when its rows are overwritten, and have read those rows only.
  inPlace: (s, from, to) => {
    const at = writer(s, to);
    const rows = s.members.flatMap((m) => accesses(m).filter(({ buffer }) => buffer === from || buffer === to));
    return (
      from.bytes === to.bytes &&
      rows.every(({ row }) => row !== undefined && row === rows[0].row) &&
      s.members.every(
        ({ step }, i) =>
          !nestStep.uses(step).reads.includes(from) || i < at || (i === at && nestStep.inPlace!(step, from, to)),
      )
    );
  },
  emit: (p, frame, s) => {
    const worth = s.members.map((m) => tilesWorthThreads(m.step.nest));
    p.divide(frame, {
      end: () => frame.f.i32.const(s.rows),
      grain: () => frame.f.i32.const(s.strip),
      when: worth.includes(undefined)
        ? undefined
        : (end) =>
            frame.f
              .get(end)
              .i32.const(s.strip * Math.max(...(worth as number[])))
              .i32.ge_u(),
      scratch: { ref: at(s.scratch), bytes: s.scratch.bytes },
      part: (inner, from, end, scratch) => {
        const { f } = inner;
        const to = f.local(i32);
        f.loop((next) => {
          f.get(from).i32.const(s.strip).i32.add().tee(to).get(end).i32.gt_s();
          f.if(() => f.get(end).set(to));
          for (const { step, scale } of s.members)
            callNest(
              p,
              inner,
              step,
              (r) => {
                const rolling = s.rolling.find((x) => x.buffer === r.buffer);
                if (!rolling) return void p.pushRef(inner, r);
                // A strip lies where its first row would be if there were all rows.
                scratch();
                f.i32.const(rolling.at).i32.add().get(from).i32.const(rolling.row).i32.mul().i32.sub();
              },
              () => {
                for (const end of [from, to]) {
                  f.get(end);
                  if (scale !== 1) f.i32.const(scale).i32.mul();
                }
              },
            );
          f.get(to).tee(from).get(end).i32.lt_s().brIf(next);
        });
      },
    });
  },
};
