import { bytesPer } from "@ansatz/backend";
import { i32, type Local } from "../asm";
import { buffersOf, type MatmulStep, type Matrix, type StepType } from "../plan/func";
import { gemmFunction } from "../runtime";
import type { Frame, ProgramEmitter } from "./program";

/** A call of the runtime's packed product for every member of the batch. */
const emitMatmul = (p: ProgramEmitter, frame: Frame, s: MatmulStep): void => {
  const { f } = frame;
  const gemm = p.runtime(gemmFunction(s.dtype === "float64" ? "f64" : "f32"));
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

export const matmulStep: StepType<MatmulStep> = {
  key: (s, k) =>
    `${s.dtype} ${k.sizes([...s.batch, s.m, s.n, s.k])} ${[s.a, s.b, s.c].map((m) => k.matrix(m)).join(" ")} ${k.ref(s.scratch)}`,
  uses: (s) => ({ reads: buffersOf([s.a.ref, s.b.ref]), writes: [s.c.ref.buffer], scratch: [s.scratch.buffer] }),
  general: (s, g) => ({
    ...s,
    batch: s.batch.map((n) => g.number(n)),
    m: g.number(s.m),
    n: g.number(s.n),
    k: g.number(s.k),
    a: g.matrix(s.a),
    b: g.matrix(s.b),
    c: g.matrix(s.c),
  }),
  emit: emitMatmul,
};
