import { isLinearInput, type LinearInput, type Tangent } from "../core/op";
import type { Tensor } from "../core/tensor";

/** Spreads values over the places where `mask` holds; null elsewhere. */
export const spread = <T>(mask: readonly boolean[], values: readonly T[]): (T | null)[] => {
  let k = 0;
  return mask.map((m) => (m ? values[k++] : null));
};

/** Takes from `yes` where `mask` holds, else from `no`, each in order. */
export const merge = <T>(mask: readonly boolean[], yes: readonly T[], no: readonly T[]): T[] => {
  let y = 0;
  let n = 0;
  return mask.map((m) => (m ? yes[y++] : no[n++]));
};

export const present = <T>(xs: readonly (T | null)[]): T[] =>
  xs.filter((x): x is NonNullable<typeof x> => x !== null) as T[];
export const isPresent = (x: unknown): boolean => x !== null;

/** For each input of an equation, its cotangent: those of the linear ones, where one came back. */
export const cotangentsOf = (
  inputs: readonly (Tensor | LinearInput)[],
  given: readonly boolean[],
  gs: readonly Tensor[],
): Tangent[] => {
  const back = spread(given, gs);
  let k = 0;
  return inputs.map((x) => (isLinearInput(x) ? back[k++] : null));
};

export const or = (a: readonly boolean[], b: readonly boolean[]): boolean[] => a.map((x, i) => x || b[i]);
export const same = (a: readonly boolean[], b: readonly boolean[]): boolean => a.every((x, i) => x === b[i]);
export const only = <T>(mask: readonly boolean[], xs: readonly T[]): T[] => xs.filter((_, i) => mask[i]);
export const not = (mask: readonly boolean[]): boolean[] => mask.map((m) => !m);
