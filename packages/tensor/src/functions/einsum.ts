import { ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import type { TensorLike } from "../core/tensor-like";
import { mul } from "../ops/arithmetic";
import { range } from "../ops/batching";
import { dotGeneral } from "../ops/contraction";
import { reduceSum } from "../ops/reductions";
import { broadcast, reshape, transpose } from "../ops/shape";
import { diagonal } from "./matmul";
import { promote } from "./promotion";

/** An operand with a name for each axis. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products in index notation: axes are letters, a repeated letter in one operand is a diagonal, letters missing from the output are
 * summed. `…` (three dots) stands for further axes, which broadcast. Without `->` the output is the letters that occur once, in
 * alphabetical order, behind the further axes. Any number of operands: they are contracted in pairs, in the cheapest order (exactly up to 8
 * operands, greedily beyond; `explainEinsum` shows it).
 *
 * @example einsum("ij,jk->ik", ones([2, 3]), ones([3, 4])) // matmul
 * @example einsum("...ii", ones([5, 3, 3])) // the trace of each matrix
 * @throws {ShapeError} a letter stands for two extents, or the operands do not fit the letters
 */
export const einsum = (spec: string, ...operands: readonly TensorLike[]): Tensor => {
  const tensors = promote("einsum", operands, "numeric");
  const { inputs, output } = parse(spec, tensors);
  const extents = extentsOf(spec, inputs, tensors);
  const prepared = tensors.map((t, i) => simplify({ tensor: t, labels: inputs[i] }, extents));
  const needed = prepared.map((x, i) => dropAlone(x, output, prepared, i));
  return arrange(contractAll(needed, output, extents), output);
};

const dots = "...";
/** Names of the axes behind the dots, counted from the last: they align there. */
const further = (n: number): string[] => range(n).map((i) => `.${n - i}`);

type Shaped = { readonly shape: readonly number[] };

export const parse = (spec: string, tensors: readonly Shaped[]): { inputs: string[][]; output: string[] } => {
  const text = spec.replace(/\s/g, "").replace(/…/g, dots);
  const [left, right, ...more] = text.split("->");
  const bad = (law: string): never => {
    throw new ShapeError("einsum", law, { spec, shapes: tensors.map((t) => [...t.shape]) });
  };
  if (more.length > 0) bad("has one arrow at most");
  const terms = left.split(",");
  if (terms.length !== tensors.length) bad(`names ${terms.length} operands`);
  let most = 0;
  const inputs = terms.map((term, i) => {
    const [before, after, ...rest] = term.split(dots);
    if (rest.length > 0 || !/^[A-Za-z]*$/.test(before) || !/^[A-Za-z]*$/.test(after ?? ""))
      bad(`cannot read "${term}"`);
    const named = before.length + (after?.length ?? 0);
    const rank = tensors[i].shape.length;
    if (after === undefined ? named !== rank : named > rank) bad(`"${term}" does not fit operand ${i} of rank ${rank}`);
    const extra = after === undefined ? 0 : rank - named;
    most = Math.max(most, extra);
    return [...before, ...further(extra), ...(after ?? "")];
  });
  const seen = inputs.flat();
  if (right === undefined) {
    const once = [...new Set(seen)].filter((l) => !l.startsWith(".") && seen.indexOf(l) === seen.lastIndexOf(l)).sort();
    return { inputs, output: [...further(most), ...once] };
  }
  const [before, after, ...rest] = right.split(dots);
  const output = [...before, ...(after === undefined ? [] : further(most)), ...(after ?? "")];
  if (rest.length > 0 || !/^[A-Za-z.\d]*$/.test(output.join(""))) bad(`cannot read "${right}"`);
  if (new Set(output).size !== output.length) bad("the output names an axis twice");
  for (const l of output) if (!seen.includes(l)) bad(`the output names "${l}", which no operand has`);
  return { inputs, output };
};

export const extentsOf = (
  spec: string,
  inputs: readonly string[][],
  tensors: readonly Shaped[],
): Map<string, number> => {
  const extents = new Map<string, number>();
  inputs.forEach((labels, i) =>
    labels.forEach((l, k) => {
      const d = tensors[i].shape[k];
      const known = extents.get(l) ?? 1;
      if (known !== 1 && d !== 1 && known !== d)
        throw new ShapeError("einsum", `"${l.replace(".", dots)}" stands for two extents`, {
          spec,
          extents: [known, d],
          shapes: tensors.map((t) => [...t.shape]),
        });
      extents.set(l, known === 1 ? d : known);
    }),
  );
  return extents;
};

/** Diagonals taken, and extents of 1 that others stretch left out. */
const simplify = (x: Labelled, extents: ReadonlyMap<string, number>): Labelled => {
  let { tensor, labels } = x;
  for (let i = 0; i < labels.length; i++) {
    const j = labels.indexOf(labels[i], i + 1);
    if (j < 0) continue;
    const label = labels[i];
    tensor = diagonal(tensor, { axes: [i, j] });
    labels = [...labels.filter((_, k) => k !== i && k !== j), label];
    i = -1;
  }
  const drop = labels.map((l, k) => tensor.shape[k] === 1 && extents.get(l) !== 1);
  if (!drop.includes(true)) return { tensor, labels };
  return {
    tensor: reshape(
      tensor,
      tensor.shape.filter((_, k) => !drop[k]),
    ),
    labels: labels.filter((_, k) => !drop[k]),
  };
};

/** Axes that only this operand has and nobody asked for, summed. */
const dropAlone = (x: Labelled, output: readonly string[], all: readonly Labelled[], self: number): Labelled => {
  const alone = (l: string): boolean => !output.includes(l) && !all.some((y, i) => i !== self && y.labels.includes(l));
  const axes = range(x.labels.length).filter((k) => alone(x.labels[k]));
  return { tensor: reduceSum(x.tensor, axes), labels: x.labels.filter((l) => !alone(l)) };
};

const pair = (a: Labelled, b: Labelled, keep: (l: string) => boolean): Labelled => {
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter(keep);
  const summed = shared.filter((l) => !keep(l));
  const at = (x: Labelled, ls: readonly string[]): number[] => ls.map((l) => x.labels.indexOf(l));
  const free = (x: Labelled): string[] => x.labels.filter((l) => !shared.includes(l));
  const labels = [...batch, ...free(a), ...free(b)];
  if (summed.length === 0) return { tensor: product(a, b, labels), labels };
  const tensor = dotGeneral(a.tensor, b.tensor, {
    lhsContract: at(a, summed),
    rhsContract: at(b, summed),
    lhsBatch: at(a, batch),
    rhsBatch: at(b, batch),
  });
  return { tensor, labels };
};

/** Nothing to sum: an elementwise product of broadcast operands. */
const product = (a: Labelled, b: Labelled, labels: readonly string[]): Tensor => {
  const extent = (l: string): number =>
    a.labels.includes(l) ? a.tensor.shape[a.labels.indexOf(l)] : b.tensor.shape[b.labels.indexOf(l)];
  const shape = labels.map(extent);
  const spread = (x: Labelled): Tensor => {
    const order = labels.filter((l) => x.labels.includes(l));
    const t = arrange(x, order);
    return order.length === labels.length
      ? t
      : broadcast(
          t,
          shape,
          order.map((l) => labels.indexOf(l)),
        );
  };
  return mul(spread(a), spread(b));
};

const arrange = (x: Labelled, order: readonly string[]): Tensor =>
  order.every((l, i) => x.labels[i] === l)
    ? x.tensor
    : transpose(
        x.tensor,
        order.map((l) => x.labels.indexOf(l)),
      );

const contractAll = (
  xs: readonly Labelled[],
  output: readonly string[],
  extents: ReadonlyMap<string, number>,
): Labelled => {
  const rest = [...xs];
  for (const [i, j] of contractionOrder(
    xs.map((x) => x.labels),
    output,
    extents,
  )) {
    const [b] = rest.splice(Math.max(i, j), 1);
    const [a] = rest.splice(Math.min(i, j), 1);
    rest.push(pair(a, b, (l) => output.includes(l) || rest.some((x) => x.labels.includes(l))));
  }
  return rest[0];
};

type Pairs = (readonly [number, number])[];
/** Beyond so many operands the search is greedy: subsets grow as 3ⁿ. */
export const exactUpTo = 8;

/**
 * Which two to contract, step by step; the result of a step joins at the end of the list. The cost of a pair is the product of the extents of
 * all its letters: the number of multiplications.
 */
export const contractionOrder = (
  terms: readonly (readonly string[])[],
  output: readonly string[],
  extents: ReadonlyMap<string, number>,
): Pairs => {
  if (terms.length < 3) return terms.length === 2 ? [[0, 1]] : [];
  const cost = (labels: Iterable<string>): number => {
    let n = 1;
    for (const l of labels) n *= extents.get(l) ?? 1;
    return n;
  };
  return terms.length <= exactUpTo ? exact(terms, output, cost) : greedy(terms, output, cost);
};

type Cost = (labels: Iterable<string>) => number;

/** Best binary tree over all subsets. */
const exact = (terms: readonly (readonly string[])[], output: readonly string[], cost: Cost): Pairs => {
  const n = terms.length;
  const full = (1 << n) - 1;
  const members = (set: number): number[] => range(n).filter((i) => (set >> i) & 1);
  const kept = new Array<string[]>(full + 1);
  for (let set = 1; set <= full; set++) {
    const inside = new Set(members(set).flatMap((i) => [...terms[i]]));
    const outside = new Set([...output, ...members(full & ~set).flatMap((i) => [...terms[i]])]);
    kept[set] = [...inside].filter((l) => outside.has(l));
  }
  const best = new Array<{ cost: number; left: number }>(full + 1);
  for (let set = 1; set <= full; set++) {
    if ((set & (set - 1)) === 0) {
      best[set] = { cost: 0, left: 0 };
      continue;
    }
    let choice = { cost: Number.POSITIVE_INFINITY, left: 0 };
    for (let left = (set - 1) & set; left > 0; left = (left - 1) & set) {
      const right = set & ~left;
      if (left < right) continue;
      const c = best[left].cost + best[right].cost + cost(new Set([...kept[left], ...kept[right]]));
      if (c < choice.cost) choice = { cost: c, left };
    }
    best[set] = choice;
  }
  const live = range(n).map((i) => 1 << i);
  const pairs: Pairs = [];
  const build = (set: number): void => {
    const { left } = best[set];
    if (left === 0) return;
    const right = set & ~left;
    build(left);
    build(right);
    const [i, j] = [live.indexOf(left), live.indexOf(right)];
    pairs.push([i, j]);
    live.splice(Math.max(i, j), 1);
    live.splice(Math.min(i, j), 1);
    live.push(set);
  };
  build(full);
  return pairs;
};

/** Always the pair that shrinks the data most. */
const greedy = (terms: readonly (readonly string[])[], output: readonly string[], cost: Cost): Pairs => {
  const live = terms.map((t) => [...t]);
  const pairs: Pairs = [];
  while (live.length > 1) {
    let choice: { i: number; j: number; gain: number; labels: string[] } | null = null;
    for (let j = 1; j < live.length; j++)
      for (let i = 0; i < j; i++) {
        const needed = (l: string): boolean =>
          output.includes(l) || live.some((t, k) => k !== i && k !== j && t.includes(l));
        const labels = [...new Set([...live[i], ...live[j]])].filter(needed);
        const gain = cost(labels) - cost(live[i]) - cost(live[j]);
        if (choice === null || gain < choice.gain) choice = { i, j, gain, labels };
      }
    const { i, j, labels } = choice as { i: number; j: number; labels: string[] };
    pairs.push([i, j]);
    live.splice(j, 1);
    live.splice(i, 1);
    live.push(labels);
  }
  return pairs;
};
