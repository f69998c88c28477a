import { bytesPer, type DType } from "@ansatz/backend";
import { i32 } from "../asm";
import { buffersOf, type SortStep, type StepType } from "../plan/func";
import { argsortFunction, type SortKey, sortFunction } from "../runtime";
import type { Frame, ProgramEmitter } from "./program";
import { emitStore, pushLoad } from "./scalar-ops";

export const sortKeyOf = (d: DType): SortKey =>
  ({ float64: "f64", float32: "f32", int32: "i32", uint32: "u32", bool: "u8", key: "u32" })[d] as SortKey;

/**
 * Sorts every line along an axis: values alone by the runtime's sort; with payload or several keys by an order that is found from
 * the last key to the first, and then applied.
 */
const emitSort = (p: ProgramEmitter, frame: Frame, s: SortStep): void => {
  const { f } = frame;
  const [outer, inner, i] = [f.local(i32), f.local(i32), f.local(i32)];
  const [rows, columns, length] = [f.local(i32), f.local(i32), f.local(i32)];
  p.pushSize(frame, s.outer);
  f.set(rows);
  p.pushSize(frame, s.inner);
  f.set(columns);
  p.pushSize(frame, s.length);
  f.set(length);
  const lines = [...s.from, ...s.to].map(() => f.local(i32));
  const [from, to] = [lines.slice(0, s.from.length), lines.slice(s.from.length)];
  const order = f.local(i32);
  f.forRange(outer, 0, rows, 1, () => {
    f.forRange(inner, 0, columns, 1, () => {
      [...s.from, ...s.to].forEach((r, k) => {
        p.pushRef(frame, r);
        f.get(outer).get(length).i32.mul().get(columns).i32.mul().get(inner).i32.add();
        f.i32
          .const(bytesPer[s.dtypes[k % s.dtypes.length]])
          .i32.mul()
          .i32.add()
          .set(lines[k]);
      });
      const scratch = () => p.pushRef(frame, s.scratch);
      if (s.dtypes.length === 1) {
        f.get(length).get(from[0]).get(columns).get(to[0]).get(columns);
        scratch();
        f.call(p.runtime(sortFunction(sortKeyOf(s.dtypes[0]))));
        return;
      }
      p.pushRef(frame, s.order!);
      f.set(order);
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
    });
  });
};

export const sortStep: StepType<SortStep> = {
  key: (s, k) =>
    `${s.dtypes.join()} ${s.keys} ${k.sizes([s.outer, s.length, s.inner])} ${k.refs(s.from)} ${k.refs(s.to)} ${k.refs([s.scratch, s.order])}`,
  uses: (s) => ({ reads: buffersOf(s.from), writes: buffersOf(s.to), scratch: buffersOf([s.scratch, s.order]) }),
  general: (s, g) => ({ ...s, outer: g.number(s.outer), length: g.number(s.length), inner: g.number(s.inner) }),
  emit: emitSort,
};
