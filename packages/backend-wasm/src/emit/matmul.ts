import type { MatmulStep } from "../plan/func";
import type { Frame, ProgramEmitter } from "./program";

export const emitMatmul = (p: ProgramEmitter, frame: Frame, s: MatmulStep): void => {
  void p;
  void frame;
  throw new Error(`no matmul ${s.dtype}`);
};
