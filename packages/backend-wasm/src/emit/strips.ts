import { i32 } from "../asm";
import type { Buffer, StepType, StripsStep } from "../plan/func";
import { accesses } from "../plan/rows";
import { callNest, nestStep } from "./loops";

/** The first member that writes a buffer. */
const writer = (s: StripsStep, b: Buffer): number =>
  s.members.findIndex(({ step }) => nestStep.uses(step).writes.includes(b));

/** Loops that take turns over a few rows at a time. */
export const stripsStep: StepType<StripsStep> = {
  key: (s, k) =>
    `${s.rows}/${s.strip} ${s.rolling.map((r) => `${k.place(r.buffer)}*${r.row}`).join()} ${s.members.map((m) => `${m.scale}:${nestStep.key(m.step, k)}`).join(" ")}`,
  uses: (s) => {
    const rolling = s.rolling.map((r) => r.buffer);
    const [reads, writes] = [new Set<Buffer>(), new Set<Buffer>()];
    for (const { step } of s.members) {
      const u = nestStep.uses(step);
      // What another member wrote is not read from outside.
      for (const b of u.reads) if (!writes.has(b) && !rolling.includes(b)) reads.add(b);
      for (const b of u.writes) if (!rolling.includes(b)) writes.add(b);
    }
    return { reads: [...reads], writes: [...writes], scratch: rolling };
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
    const { f } = frame;
    const [from, to] = [f.i32.const(0).keep(i32), f.local(i32)];
    f.loop((next) => {
      f.get(from).i32.const(s.strip).i32.add().tee(to).i32.const(s.rows).i32.gt_s();
      f.if(() => f.i32.const(s.rows).set(to));
      for (const { step, scale } of s.members)
        callNest(
          p,
          frame,
          step,
          (r) => {
            p.pushRef(frame, r);
            // A strip lies where its first row would be if there were all rows.
            const rolling = s.rolling.find((x) => x.buffer === r.buffer);
            if (rolling) f.get(from).i32.const(rolling.row).i32.mul().i32.sub();
          },
          () => {
            for (const end of [from, to]) {
              f.get(end);
              if (scale !== 1) f.i32.const(scale).i32.mul();
            }
          },
        );
      f.get(to).tee(from).i32.const(s.rows).i32.lt_s().brIf(next);
    });
  },
};
