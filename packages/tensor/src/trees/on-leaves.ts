import { synchronous } from "../core/backends";
import { isTensor, type Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { flattenInto, type Structure, unflattenFrom } from "./structure";

export const leafTensor = (x: unknown, caller: string): Tensor => (isTensor(x) ? x : toTensor(x as TensorLike, caller));

/** The leaves of a tree as tensors, and its structure. */
export const tensorLeaves = (x: unknown, caller: string, path = ""): { leaves: Tensor[]; structure: Structure } => {
  const leaves: unknown[] = [];
  const structure = flattenInto(x, leaves, caller, path);
  return { leaves: leaves.map((y) => leafTensor(y, caller)), structure };
};

/** A function of trees as a function of lists of tensors. */
export interface OnLeaves {
  call(xs: readonly Tensor[]): Tensor[];
  /** The structure of the result; known once `call` has run. */
  result(): Structure;
}

/** `f` of arguments of the given structures. */
export const onLeaves = (
  f: (...args: never[]) => unknown,
  structures: readonly Structure[],
  caller: string,
): OnLeaves => {
  let result: Structure = { kind: "empty", value: undefined };
  return {
    call: (xs) => {
      const cursor = { at: 0 };
      const y = (f as (...a: unknown[]) => unknown)(...structures.map((s) => unflattenFrom(s, xs, cursor)));
      const out = tensorLeaves(synchronous(caller, y), caller, "result");
      result = out.structure;
      return out.leaves;
    },
    result: () => result,
  };
};
