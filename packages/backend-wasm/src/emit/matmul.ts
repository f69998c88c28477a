import { bytesPer } from "@ansatz/backend";
import { i32, type Local } from "../asm";
import type { MatmulStep, Matrix } from "../plan/func";
import type { Frame, ProgramEmitter } from "./program";

/** A call of the runtime's packed product for every member of the batch. */
export const emitMatmul = (p: ProgramEmitter, frame: Frame, s: MatmulStep): void => {
  const { f } = frame;
  const gemm = p.runtime(s.dtype === "float64" ? "gemm_f64" : "gemm_f32");
  const width = bytesPer[s.dtype];
  const indices: Local[] = [];
  const pointer = (x: Matrix): void => {
    p.pushRef(frame, x.ref);
    indices.forEach((i, d) => {
      if (x.batch[d] === 0) return;
      f.get(i);
      p.pushSize(frame, x.batch[d]);
      f.i32.mul().i32.const(width).i32.mul().i32.add();
    });
  };
  const call = () => {
    for (const n of [s.m, s.n, s.k]) p.pushSize(frame, n);
    for (const x of [s.a, s.b]) {
      pointer(x);
      p.pushSize(frame, x.row);
      p.pushSize(frame, x.column);
    }
    pointer(s.c);
    p.pushSize(frame, s.c.row);
    f.i32.const(0);
    p.pushRef(frame, s.scratch);
    f.call(gemm);
  };
  const over = (d: number): void => {
    if (d === s.batch.length) {
      call();
      return;
    }
    const end = f.local(i32);
    p.pushSize(frame, s.batch[d]);
    f.set(end);
    indices[d] = f.local(i32);
    f.forRange(indices[d], 0, end, 1, () => over(d + 1));
  };
  over(0);
};
