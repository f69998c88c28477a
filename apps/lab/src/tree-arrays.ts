import { arrayFromTensor, type NdArray, tensorFromArray } from "@ansatz/datasets";
import { type Tensor, tree } from "@ansatz/tensor";
import { LabError } from "./errors";

/** The tensors of a tree by their paths, such as params.layers[0].w. */
export const arraysOf = async (state: unknown): Promise<Record<string, NdArray>> => {
  const { leaves } = tree.flatten(state);
  const arrays = await Promise.all((leaves as readonly Tensor[]).map(arrayFromTensor));
  return Object.fromEntries(tree.paths(state).map((path, i) => [path, arrays[i] as NdArray]));
};

const told = (a: { readonly dtype: string; readonly shape: readonly number[] }): string =>
  `${a.dtype} [${a.shape.join(", ")}]`;

/** A tree like `template` with the tensors of a file, which must be exactly those: names, shapes and types. */
export const restore = <T>(template: T, arrays: Readonly<Record<string, NdArray>>): T => {
  const { leaves, structure } = tree.flatten(template);
  const paths = tree.paths(template);
  const refuse = (why: string): never => {
    throw new LabError("input", `the checkpoint does not fit the model: ${why}`);
  };
  const strange = Object.keys(arrays).find((name) => !paths.includes(name));
  if (strange !== undefined) refuse(`it holds ${strange}, which the model does not have`);
  const found = paths.map((path, i) => {
    const a = Object.hasOwn(arrays, path) ? arrays[path] : undefined;
    const expected = leaves[i] as Tensor;
    if (!a) return refuse(`${path} is missing`);
    if (told(a) !== told(expected)) refuse(`${path} is ${told(a)}, the model has ${told(expected)}`);
    return tensorFromArray(a);
  });
  return tree.unflatten(structure, found) as T;
};
