import { isTensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { contractionOrder, exactUpTo, extentsOf, parse } from "./einsum";

export interface EinsumStep {
  /** Which two of the operands at hand are contracted; the result joins at the end of the list. */
  readonly pair: readonly [number, number];
  /** The step by itself, as einsum would write it: "ij,jk->ik". */
  readonly spec: string;
  readonly multiplications: number;
  /** Entries of the result. */
  readonly size: number;
}
export interface EinsumPlan {
  readonly steps: readonly EinsumStep[];
  /** Multiplications of all steps together. */
  readonly multiplications: number;
  /** Multiplications of one loop over all letters: the product of all extents, times one less than the number of operands. */
  readonly naive: number;
  /** Entries of the largest intermediate result. */
  readonly largest: number;
  /** Whether no order of pairs multiplies less; beyond 8 operands the search is greedy. */
  readonly optimal: boolean;
  /** A table for people. */
  toString(): string;
}

/**
 * The order in which `einsum` contracts its operands, and what it costs. Operands may be tensors or bare shapes { shape }.
 *
 * @example
 * explainEinsum("ij,jk,kl->il", { shape: [10, 100] }, { shape: [100, 5] }, { shape: [5, 50] }).multiplications // (10·100·5) + (10·5·50) = 7500
 */
export const explainEinsum = (
  spec: string,
  ...operands: readonly (TensorLike | { readonly shape: readonly number[] })[]
): EinsumPlan => {
  const shaped = operands.map((x) =>
    typeof x === "object" && !isTensor(x) && "shape" in x ? x : toTensor(x as TensorLike, "explainEinsum"),
  );
  const { inputs, output } = parse(spec, shaped);
  const extents = extentsOf(spec, inputs, shaped);
  const count = (labels: Iterable<string>): number => {
    let n = 1;
    for (const l of labels) n *= extents.get(l) ?? 1;
    return n;
  };
  const alone = (l: string, i: number): boolean =>
    !output.includes(l) && !inputs.some((other, j) => j !== i && other.includes(l));
  // as einsum does: diagonals and lone letters go first, extents of 1 that others stretch are left out
  const live: string[][] = inputs.map((labels, i) =>
    [...new Set(labels)].filter((l) => !alone(l, i) && !(shaped[i].shape[labels.indexOf(l)] === 1 && count([l]) !== 1)),
  );
  const write = (labels: readonly string[]): string => labels.map((l) => (l.startsWith(".") ? "…" : l)).join("");
  const steps = contractionOrder(
    live.map((l) => [...l]),
    output,
    extents,
  ).map((pair): EinsumStep => {
    const [i, j] = [Math.min(...pair), Math.max(...pair)];
    const [b] = live.splice(j, 1);
    const [a] = live.splice(i, 1);
    const all = [...new Set([...a, ...b])];
    const kept =
      live.length === 0 ? [...output] : all.filter((l) => output.includes(l) || live.some((x) => x.includes(l)));
    live.push(kept);
    return { pair, spec: `${write(a)},${write(b)}->${write(kept)}`, multiplications: count(all), size: count(kept) };
  });
  const multiplications = steps.reduce((n, s) => n + s.multiplications, 0);
  const naive = count(extents.keys()) * Math.max(1, operands.length - 1);
  const largest = Math.max(0, ...steps.map((s) => s.size));
  const lines = (): string =>
    [
      `${spec}: ${multiplications} multiplications in pairs, ${naive} in one loop`,
      ...steps.map((s) => `  ${s.spec}   ${s.multiplications} multiplications, ${s.size} entries`),
    ].join("\n");
  return { steps, multiplications, naive, largest, optimal: operands.length <= exactUpTo, toString: lines };
};
