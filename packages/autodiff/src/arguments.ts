import { DTypeError, isFloat, ShapeError, showAval } from "@ansatz/backend";
import type { Tensor } from "@ansatz/tensor";
import {
  convertLike,
  flattenAs,
  flattenInto,
  leafPaths,
  leafTensor,
  type Structure,
  synchronous,
  unflattenFrom,
} from "@ansatz/tensor/transforms";

/** A function of trees as a function of lists of tensors. */
export interface Flat {
  /** The leaves of the differentiated argument(s). */
  readonly primals: readonly Tensor[];
  readonly structure: Structure;
  call(xs: readonly Tensor[]): Tensor[];
  /** The structure of the result; known once `call` has run. */
  result(): Structure;
}

export const nameOf = (verb: string, f: { readonly name: string }): string =>
  `${verb}(${f.name === "" ? "function" : f.name})`;

/** Takes apart the first argument (`rest` are constants of the differentiation) and the result. */
export const flatFunction = (
  f: (...args: never[]) => unknown,
  primal: unknown,
  rest: readonly unknown[],
  caller: string,
  name = "argument 0",
): Flat => {
  const raw: unknown[] = [];
  const structure = flattenInto(primal, raw, caller);
  const primals = raw.map((x) => leafTensor(x, caller));
  requireFloats(primals, structure, caller, name);
  const constants = rest.map(tensorsOf(caller));
  let result: Structure = { kind: "empty", value: undefined };
  return {
    primals,
    structure,
    result: () => result,
    call: (xs) => {
      const y = (f as (...a: unknown[]) => unknown)(unflattenFrom(structure, xs, { at: 0 }), ...constants);
      const leaves: unknown[] = [];
      result = flattenInto(synchronous(caller, y), leaves, caller);
      return leaves.map((x) => leafTensor(x, caller));
    },
  };
};

/** As flatFunction with all arguments differentiated: the structure is an array. */
export const flatArguments = (f: (...args: never[]) => unknown, args: readonly unknown[], caller: string): Flat => {
  const raw: unknown[] = [];
  const structure: Structure = {
    kind: "array",
    children: args.map((a) => flattenInto(a, raw, caller)),
  };
  const primals = raw.map((x) => leafTensor(x, caller));
  let result: Structure = { kind: "empty", value: undefined };
  return {
    primals,
    structure,
    result: () => result,
    call: (xs) => {
      const values = unflattenFrom(structure, xs, { at: 0 }) as unknown[];
      const leaves: unknown[] = [];
      result = flattenInto(synchronous(caller, (f as (...a: unknown[]) => unknown)(...values)), leaves, caller);
      return leaves.map((x) => leafTensor(x, caller));
    },
  };
};

/** The tree with tensors for leaves. */
export const tensorsOf = (caller: string) => (tree: unknown) => {
  const leaves: unknown[] = [];
  const s = flattenInto(tree, leaves, caller);
  return unflattenFrom(
    s,
    leaves.map((x) => leafTensor(x, caller)),
    { at: 0 },
  );
};

/** Throws at the first leaf that has no derivative. */
export const requireFloats = (xs: readonly Tensor[], s: Structure, caller: string, name: string): void => {
  const k = xs.findIndex((x) => !isFloat(x.dtype));
  if (k >= 0)
    throw new DTypeError(
      caller,
      "differentiates with respect to floats only",
      { [leafPaths(s, name)[k]]: showAval(xs[k]) },
      "convert it to a float dtype, or pass it as a later argument",
    );
};

/** The leaves of a tangent or cotangent tree, which must look like the values it belongs to. */
export const likeLeaves = (
  tree: unknown,
  s: Structure,
  like: readonly Tensor[],
  caller: string,
  what: string,
): Tensor[] => {
  const raw: unknown[] = [];
  flattenAs(s, tree, raw, caller, what);
  return raw.map((x, i) => {
    const t = convertLike(leafTensor(x, caller), like[i]);
    if (
      t.dtype !== like[i].dtype ||
      t.shape.length !== like[i].shape.length ||
      t.shape.some((d, k) => d !== like[i].shape[k])
    )
      throw new ShapeError(caller, `${what} must have the shape and dtype of what it belongs to`, {
        [leafPaths(s, what)[i]]: showAval(t),
        expected: showAval(like[i]),
      });
    return t;
  });
};
