import { i32, type Local } from "../asm";
import {
  type Buffer,
  buffersOf,
  type Carry,
  type CondStep,
  type Func,
  hostCallsOf,
  type Ref,
  type ScanStep,
  type StepType,
  type WhileStep,
} from "../plan/func";
import { funcKey, type KeyWriter } from "../plan/key";
import type { Frame, ProgramEmitter } from "./program";

// Loops and branches. Bodies are functions of their own: parents write pointers into their frames and call them.

/** The frame of a body, in the frame of its parent. */
class Child {
  readonly at: number;
  constructor(
    private readonly p: ProgramEmitter,
    private readonly frame: Frame,
    readonly body: Func,
    place: ScanStep["frame"],
  ) {
    this.at = frame.offsetOf(place) as number;
  }
  input(i: number): number {
    return this.at + 4 * i;
  }
  output(i: number): number {
    return this.at + 4 * (this.body.inputs.length + i);
  }
  /** Writes what `push` leaves on the stack into a slot of the child's pointers. */
  set(slot: number, push: () => unknown): void {
    const { f, base } = this.frame;
    f.get(base);
    push();
    f.i32.store(slot);
  }
  setRef(slot: number, ref: Ref): void {
    this.set(slot, () => this.p.pushRef(this.frame, ref));
  }
  get(slot: number): void {
    this.frame.f.get(this.frame.base).i32.load(slot);
  }
  /** Moves a pointer on by so many bytes. */
  advance(slot: number, bytes: number): void {
    this.set(slot, () => {
      this.get(slot);
      this.frame.f.i32.const(bytes).i32.add();
    });
  }
  address(): void {
    this.frame.f.get(this.frame.base).i32.const(this.at).i32.add();
  }
}

const emitScan = (p: ProgramEmitter, frame: Frame, s: ScanStep): void => {
  const { f } = frame;
  if (s.length === 0) {
    for (const c of s.carry) p.copy(frame, c.from, c.to, c.bytes);
    return;
  }
  const body = p.func(s.body);
  const child = new Child(p, frame, s.body, s.frame);
  const first = s.reverse ? s.length - 1 : 0;
  const away = (r: Ref, bytes: number): Ref => ({ buffer: r.buffer, offset: (r.offset as number) + first * bytes });
  const head = s.consts.length;
  s.consts.forEach((r, i) => child.setRef(child.input(i), r));
  // The carry stays in one place, or alternates between two so that the last turn writes the one where it must end.
  const endsFirst = s.length % 2 === 1;
  s.carry.forEach((c, j) => {
    if (!c.spare) p.copy(frame, c.from, c.to, c.bytes);
    child.setRef(child.input(head + j), c.spare ? c.from : c.to);
    child.setRef(child.output(j), endsFirst || !c.spare ? c.to : c.spare);
  });
  s.xs.forEach((x, j) => child.setRef(child.input(head + s.carry.length + j), away(x.ref, x.bytes)));
  s.ys.forEach((y, j) => child.setRef(child.output(s.carry.length + j), away(y.ref, y.bytes)));
  const i = f.local(i32);
  const sums = s.carry.map((c) => c.spare && sumOf(p, frame, c.to, c.spare));
  f.forRange(i, 0, s.length, 1, () => {
    child.address();
    f.call(body);
    sums.forEach((sum, j) => {
      if (sum) alternate(child, frame, child.input(head + j), child.output(j), sum);
    });
    const step = s.reverse ? -1 : 1;
    s.xs.forEach((x, j) => {
      if (x.bytes > 0) child.advance(child.input(head + s.carry.length + j), step * x.bytes);
    });
    s.ys.forEach((y, j) => {
      if (y.bytes > 0) child.advance(child.output(s.carry.length + j), step * y.bytes);
    });
  });
};

/** The sum of two addresses, by which each gives the other. */
const sumOf = (p: ProgramEmitter, frame: Frame, a: Ref, b: Ref): Local => {
  p.pushRef(frame, a);
  p.pushRef(frame, b);
  return frame.f.i32.add().keep(i32);
};

/** What was written is read next; the other place is written. */
const alternate = (child: Child, { f }: Frame, input: number, output: number, sum: Local): void => {
  child.set(input, () => child.get(output));
  child.set(output, () => {
    f.get(sum);
    child.get(output);
    f.i32.sub();
  });
};

const emitWhile = (p: ProgramEmitter, frame: Frame, s: WhileStep): void => {
  const { f } = frame;
  const cond = p.func(s.cond);
  const body = p.func(s.body);
  const test = new Child(p, frame, s.cond, s.condFrame);
  const turn = new Child(p, frame, s.body, s.bodyFrame);
  const nc = s.condConsts.length;
  const nb = s.bodyConsts.length;
  s.condConsts.forEach((r, i) => test.setRef(test.input(i), r));
  s.bodyConsts.forEach((r, i) => turn.setRef(turn.input(i), r));
  test.setRef(test.output(0), s.predicate);
  s.carry.forEach((c, j) => {
    if (!c.spare) p.copy(frame, c.from, c.to, c.bytes);
    const from = c.spare ? c.from : c.to;
    test.setRef(test.input(nc + j), from);
    turn.setRef(turn.input(nb + j), from);
    turn.setRef(turn.output(j), c.to);
  });
  const sums = s.carry.map((c) => c.spare && sumOf(p, frame, c.to, c.spare));
  f.block((done) => {
    f.loop((next) => {
      test.address();
      f.call(cond);
      p.pushRef(frame, s.predicate);
      f.i32.load8_u().i32.eqz().brIf(done);
      turn.address();
      f.call(body);
      sums.forEach((sum, j) => {
        if (!sum) return;
        alternate(turn, frame, turn.input(nb + j), turn.output(j), sum);
        test.set(test.input(nc + j), () => turn.get(turn.input(nb + j)));
      });
      f.br(next);
    });
  });
  // How many turns there were is not known before: the carry may have ended anywhere.
  s.carry.forEach((c, j) => {
    if (c.bytes === 0 || !c.spare) return;
    p.pushRef(frame, c.to);
    turn.get(turn.input(nb + j));
    f.i32.ne().if(() => {
      p.pushRef(frame, c.to);
      turn.get(turn.input(nb + j));
      f.i32.const(c.bytes).memoryCopy();
    });
  });
};

const emitCond = (p: ProgramEmitter, frame: Frame, s: CondStep): void => {
  const { f } = frame;
  const last = s.branches.length - 1;
  p.pushRef(frame, s.index);
  f.i32.load();
  const index = f.keep(i32);
  f.get(index).i32.const(0).get(index).i32.const(0).i32.gt_s().select().set(index);
  f.get(index).i32.const(last).get(index).i32.const(last).i32.lt_s().select().set(index);
  s.branches.forEach((branch, k) => {
    const body = p.func(branch);
    const child = new Child(p, frame, branch, s.frames[k]);
    f.get(index)
      .i32.const(k)
      .i32.eq()
      .if(() => {
        s.operands.forEach((r, i) => child.setRef(child.input(i), r));
        s.outputs.forEach((r, i) => child.setRef(child.output(i), r));
        child.address();
        f.call(body);
      });
  });
};

const carryKey = (carry: readonly Carry[], k: KeyWriter): string =>
  carry.map((c) => `${k.ref(c.from)} ${k.ref(c.to)} ${k.ref(c.spare)} ${c.bytes}`).join();

/** A carry of one place that begins where nothing else of the loop looks. */
const carriedInPlace = (carry: readonly Carry[], reads: readonly Buffer[], from: Buffer, to: Buffer): boolean =>
  from.bytes === to.bytes &&
  reads.filter((b) => b === from).length === 1 &&
  carry.find((c) => c.to.buffer === to && !c.spare)?.from.buffer === from;

export const scanStep: StepType<ScanStep> = {
  key: (s, k) =>
    [
      `${s.length}${s.reverse ? "r" : ""} ${k.refs(s.consts)} ${k.place(s.frame)}`,
      carryKey(s.carry, k),
      `${k.members(s.xs)},y,${k.members(s.ys)}`,
      funcKey(s.body),
    ].join(" "),
  uses: (s) => ({
    reads: buffersOf([...s.consts, ...s.carry.map((c) => c.from), ...s.xs.map((x) => x.ref)]),
    writes: buffersOf([...s.carry.map((c) => c.to), ...s.ys.map((y) => y.ref)]),
    scratch: [s.frame, ...buffersOf(s.carry.map((c) => c.spare))],
  }),
  inPlace: (s, from, to) => carriedInPlace(s.carry, scanStep.uses(s).reads, from, to),
  emit: emitScan,
  hostCalls: (s) => hostCallsOf(s.body),
};

export const whileStep: StepType<WhileStep> = {
  key: (s, k) =>
    [
      `${k.refs(s.condConsts)} ${k.refs(s.bodyConsts)} ${k.ref(s.predicate)} ${k.place(s.condFrame)} ${k.place(s.bodyFrame)}`,
      carryKey(s.carry, k),
      funcKey(s.cond),
      funcKey(s.body),
    ].join(" "),
  uses: (s) => ({
    reads: buffersOf([...s.condConsts, ...s.bodyConsts, ...s.carry.map((c) => c.from)]),
    writes: buffersOf(s.carry.map((c) => c.to)),
    scratch: [s.condFrame, s.bodyFrame, s.predicate.buffer, ...buffersOf(s.carry.map((c) => c.spare))],
  }),
  inPlace: (s, from, to) => carriedInPlace(s.carry, whileStep.uses(s).reads, from, to),
  emit: emitWhile,
  hostCalls: (s) => [...hostCallsOf(s.cond), ...hostCallsOf(s.body)],
};

export const condStep: StepType<CondStep> = {
  key: (s, k) =>
    `${k.ref(s.index)} ${k.refs(s.operands)} ${k.refs(s.outputs)} ${s.frames.map((b) => k.place(b)).join()} ${s.branches.map((b) => funcKey(b)).join()}`,
  uses: (s) => ({ reads: buffersOf([s.index, ...s.operands]), writes: buffersOf(s.outputs), scratch: s.frames }),
  emit: emitCond,
  hostCalls: (s) => s.branches.flatMap(hostCallsOf),
};
