import { bytesPer } from "@ansatz/backend";
import { i32, type Local } from "../asm";
import { isParam, type Size } from "../nest/ir";
import { buffersOf, type MatmulStep, type Matrix } from "../plan/func";
import { gemmFunction, gemmScratchBytes } from "../runtime";
import { productsInStrips, worthThreads } from "./product-strips";
import type { Frame, ProgramEmitter } from "./program";

/** Rows or columns that a thread takes at a time, at least. */
const linesPerPart = 32;

/** Calls of the runtime's packed product for every member of the batch; threads share members, or else rows or columns. */
const emitMatmul = (p: ProgramEmitter, frame: Frame, s: MatmulStep): void => {
  const type = s.dtype === "float64" ? "f64" : "f32";
  const gemm = p.runtime(gemmFunction(type));
  const width = bytesPer[s.dtype];
  const divided = s.batch.length > 0 ? "batch" : !isParam(s.n) && !isParam(s.m) && s.n > s.m ? "columns" : "rows";
  const extent = divided === "batch" ? s.batch[0] : divided === "columns" ? s.n : s.m;

  const part = (at: Frame, from: Local, to: Local, scratch: () => void): void => {
    const { f } = at;
    const indices: Local[] = [];
    const step = (i: Local, stride: Size): void => {
      if (stride === 0) return;
      f.get(i);
      p.pushSize(at, stride);
      f.i32.mul().i32.const(width).i32.mul().i32.add();
    };
    const pointer = (x: Matrix, line: Size): void => {
      p.pushRef(at, x.ref);
      indices.forEach((i, d) => step(i, x.batch[d]));
      if (divided !== "batch") step(from, line);
    };
    const lines = (of: "rows" | "columns", n: Size): void => {
      if (divided === of) f.get(to).get(from).i32.sub();
      else p.pushSize(at, n);
    };
    const call = () => {
      const rows = divided === "rows";
      lines("rows", s.m);
      lines("columns", s.n);
      p.pushSize(at, s.k);
      pointer(s.a, rows ? s.a.row : 0);
      p.pushSize(at, s.a.row);
      p.pushSize(at, s.a.column);
      pointer(s.b, rows ? 0 : s.b.column);
      p.pushSize(at, s.b.row);
      p.pushSize(at, s.b.column);
      pointer(s.c, rows ? s.c.row : s.c.column);
      p.pushSize(at, s.c.row);
      f.i32.const(0);
      scratch();
      f.call(gemm);
    };
    const over = (d: number): void => {
      if (d === s.batch.length) {
        call();
        return;
      }
      const i = f.local(i32);
      indices[d] = i;
      if (d === 0) {
        f.forRange(i, from, to, 1, () => over(1));
        return;
      }
      const end = f.local(i32);
      p.pushSize(at, s.batch[d]);
      f.set(end);
      f.forRange(i, 0, end, 1, () => over(d + 1));
    };
    over(0);
  };

  p.divide(frame, {
    end: () => p.pushSize(frame, extent),
    grain: () => frame.f.i32.const(divided === "batch" ? 1 : linesPerPart),
    when: worthIt(p, frame, s, divided === "batch" ? 2 : 2 * linesPerPart),
    scratch: { ref: s.scratch, bytes: gemmScratchBytes(type, 1 << 20, 1 << 20, 1 << 20) },
    part,
  });
};

/** Whether a product is large, and can be cut in at least two; found now if the sizes are known. */
const worthIt = (p: ProgramEmitter, frame: Frame, s: MatmulStep, least: number): ((end: Local) => void) | undefined => {
  const { f } = frame;
  const sizes = [...s.batch, s.m, s.n, s.k];
  const known = sizes.reduce<number>((n, size) => n * (isParam(size) ? 1 : size), 1);
  const open = sizes.filter(isParam);
  if (open.length === 0 && known < worthThreads) return undefined;
  return (end) => {
    f.f64.const(known);
    for (const size of open) {
      p.pushSize(frame, size);
      f.f64.convert_i32_s().f64.mul();
    }
    f.f64.const(worthThreads).f64.ge();
    f.get(end).i32.const(least).i32.ge_s().i32.and();
  };
};

export const matmulStep: MatmulStep["type"] = {
  inStrips: productsInStrips,
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
