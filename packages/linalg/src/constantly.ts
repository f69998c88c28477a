import type { Tensor } from "@ansatz/tensor";
import { evalProgram, state, stop, traceFlat } from "@ansatz/tensor/transforms";

/** f evaluated where neither what it is given nor what it captures is differentiated. */
export const constantly = (
  caller: string,
  f: (...xs: Tensor[]) => readonly Tensor[],
  ...xs: readonly Tensor[]
): readonly Tensor[] => {
  if (state.trace === null) return f(...xs);
  const t = traceFlat((ys) => f(...ys), xs, caller);
  return evalProgram(t.program, [...t.captured, ...xs].map(stop));
};
