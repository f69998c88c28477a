import { bytesPer, type DType } from "@ansatz/backend";
import { i32, type Local } from "../asm";
import { buffersOf, type SortStep, type StepType } from "../plan/func";
import { argsortFunction, type SortKey, sortFunction } from "../runtime";
import type { Frame, ProgramEmitter } from "./program";
import { emitStore, pushLoad } from "./scalar-ops";

export const sortKeyOf = (d: DType): SortKey =>
  ({ float64: "f64", float32: "f32", int32: "i32", uint32: "u32", bool: "u8", key: "u32" })[d] as SortKey;

/** Elements from which threads share the lines; one takes some ten to a hundred nanoseconds. */
const elementsWorthThreads = 1 << 14;

/**
 * Sorts every line along an axis: values alone by the runtime's sort; with payload or several keys by an order that is found from
 * the last key to the first, and then applied.
 */
const emitSort = (p: ProgramEmitter, frame: Frame, s: SortStep): void => {
  const lines = (at: Frame): void => {
    p.pushSize(at, s.outer);
    p.pushSize(at, s.inner);
    at.f.i32.mul();
  };
  p.divide(frame, {
    end: () => lines(frame),
    grain: () => frame.f.i32.const(1),
    when: (end) => {
      frame.f.get(end).i32.const(1).i32.gt_u().get(end);
      p.pushSize(frame, s.length);
      frame.f.i32.mul().i32.const(elementsWorthThreads).i32.ge_u().i32.and();
    },
    scratch: { ref: s.scratch, bytes: s.scratchBytes },
    part: (at, from, to, scratch) => {
      const { f } = at;
      const line = f.local(i32);
      const sortLine = lineSorter(p, at, s, scratch);
      f.forRange(line, from, to, 1, () => sortLine(line));
    },
  });
};

/** What sorts one line, its number given. */
const lineSorter = (p: ProgramEmitter, frame: Frame, s: SortStep, scratch: () => void): ((line: Local) => void) => {
  const { f } = frame;
  const [columns, length, i, order] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
  p.pushSize(frame, s.inner);
  f.set(columns);
  p.pushSize(frame, s.length);
  f.set(length);
  const places = [...s.from, ...s.to].map(() => f.local(i32));
  const [from, to] = [places.slice(0, s.from.length), places.slice(s.from.length)];
  return (line) => {
    [...s.from, ...s.to].forEach((r, k) => {
      p.pushRef(frame, r);
      // line = outer · columns + inner begins at outer · length · columns + inner
      f.get(line).get(columns).i32.div_u().get(length).i32.const(1).i32.sub().i32.mul().get(columns).i32.mul();
      f.get(line).i32.add();
      f.i32
        .const(bytesPer[s.dtypes[k % s.dtypes.length]])
        .i32.mul()
        .i32.add()
        .set(places[k]);
    });
    if (s.dtypes.length === 1) {
      f.get(length).get(from[0]).get(columns).get(to[0]).get(columns);
      scratch();
      f.call(p.runtime(sortFunction(sortKeyOf(s.dtypes[0]))));
      return;
    }
    scratch();
    p.pushSize(frame, s.order!);
    f.i32.add().set(order);
    for (let k = s.keys - 1; k >= 0; k--) {
      f.get(length).get(from[k]).get(columns).get(order);
      f.i32.const(k === s.keys - 1 ? 1 : 0);
      scratch();
      f.call(p.runtime(argsortFunction(sortKeyOf(s.dtypes[k]))));
    }
    f.forRange(i, 0, length, 1, () => {
      s.dtypes.forEach((d, k) => {
        const width = bytesPer[d];
        f.get(to[k]).get(i).get(columns).i32.mul().i32.const(width).i32.mul().i32.add();
        f.get(from[k]).address(order, i, 2).i32.load().get(columns).i32.mul().i32.const(width).i32.mul().i32.add();
        pushLoad(f, d);
        emitStore(f, d);
      });
    });
  };
};

export const sortStep: StepType<SortStep> = {
  key: (s, k) =>
    `${s.dtypes.join()} ${s.keys} ${k.sizes([s.outer, s.length, s.inner, s.scratchBytes, s.order ?? 0])} ${k.refs(s.from)} ${k.refs(s.to)} ${k.ref(s.scratch)}`,
  uses: (s) => ({ reads: buffersOf(s.from), writes: buffersOf(s.to), scratch: buffersOf([s.scratch]) }),
  general: (s, g) => ({
    ...s,
    outer: g.number(s.outer),
    length: g.number(s.length),
    inner: g.number(s.inner),
    scratchBytes: g.number(s.scratchBytes),
    order: s.order === undefined ? undefined : g.number(s.order),
  }),
  emit: emitSort,
};
