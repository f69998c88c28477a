import { DomainError, ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { argOf, leafTensor } from "../jit/signature";
import type { Like } from "../jit/types";
import { countLeaves, flattenInto, leafPaths, type Structure, unflattenFrom } from "../trees/structure";
import type { Tensors } from "../trees/types";
import { asCarry, type Body, betterCarry, checkCarry, traceBody } from "./body";
import { scanOp } from "./scan-op";
import type { ScanParams } from "./scan-rules";

export interface ScanOptions {
  /** The number of rounds; needed only where there are no xs. */
  readonly length?: number;
  /** From the last x to the first; ys stay beside their xs. */
  readonly reverse?: boolean;
}

/**
 * A loop with a state, as one op:
 *
 *   cₖ₊₁, yₖ = f(cₖ, xₖ)   for k = 0 … n-1
 *
 * Compiled once for all rounds, differentiable in both modes, and batched by vmap.
 *
 * @param f     (carry, x) ↦ [carry, y]; carry keeps its structure, shapes and dtypes
 * @param init  the first carry, any tree
 * @param xs    a tree whose leaves are sliced along axis 0, or null (then give `length`)
 * @returns [the last carry, the ys stacked along axis 0]
 * @throws {ShapeError} xs of different lengths, or a carry that changes
 * @example const [total, partial] = scan((c, x) => [add(c, x), add(c, x)], 0, [1, 2, 3])   // 6, [1, 3, 6]
 */
export const scan = <C, X, Y>(
  f: (carry: Tensors<NoInfer<C>>, x: Tensors<NoInfer<X>>) => readonly [Like<Tensors<NoInfer<C>>>, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [Tensors<C>, Tensors<Y>] => {
  const staged = stageScan("scan", f as (...args: never[]) => unknown, init, xs, options);
  return staged.results(bind(scanOp, staged.inputs, staged.params)) as [Tensors<C>, Tensors<Y>];
};

/** A scan ready to be bound, for ops that compute the same in other ways. */
export interface StagedScan {
  readonly inputs: readonly Tensor[];
  readonly params: ScanParams;
  results(outs: readonly Tensor[]): [unknown, unknown];
}

export const stageScan = (
  origin: string,
  f: (...args: never[]) => unknown,
  init: unknown,
  xs: unknown,
  options: ScanOptions,
): StagedScan => {
  const rawCarry: unknown[] = [];
  const carryStructure = flattenInto(init, rawCarry, origin, "carry");
  const rawXs: unknown[] = [];
  const xsStructure = flattenInto(xs, rawXs, origin, "xs");
  const slices = rawXs.map((x) => leafTensor(x, origin));
  const length = lengthOf(origin, slices, xsStructure, options.length);
  const xArgs = slices.map((x) => ({ shape: x.shape.slice(1), dtype: x.dtype, weak: x.weak }));
  const n = rawCarry.length;
  let carry = rawCarry.map((x) => leafTensor(x, origin));
  const literal = rawCarry.map((x) => typeof x === "number" && Number.isInteger(x));
  let body: Body;
  for (let round = 0; ; round++) {
    const args = carry.map(argOf);
    body = traceBody(f, [carryStructure, xsStructure], [...args, ...xArgs], origin, (ys, out) => {
      if (out.kind !== "array" || out.children.length !== 2)
        throw new DomainError(
          origin,
          "the function must return [carry, y]",
          undefined,
          "return [carry, null] where there is no y",
        );
      return ys.map((y, i) => (i < n && i < countLeaves(out.children[0]) ? asCarry(y, args[i]) : y));
    });
    const outs = body.program.outputs.map((a, i) => ({ ...a.aval, weak: body.weak[i] }));
    const better =
      round < 3 && countLeaves(resultOf(body.out, 0)) === n ? betterCarry(carry, outs.slice(0, n), literal) : null;
    if (better === null) break;
    carry = better;
  }
  const m = countLeaves(resultOf(body.out, 0));
  checkCarry(
    origin,
    carryStructure,
    carry,
    resultOf(body.out, 0),
    body.program.outputs.slice(0, m).map((a) => a.aval),
  );
  return {
    inputs: [...body.captured, ...carry, ...slices],
    params: {
      body: body.program,
      length,
      consts: body.captured.length,
      carry: n,
      reverse: options.reverse ?? false,
    },
    results: (outs) => [
      unflattenFrom(carryStructure, outs.slice(0, n), { at: 0 }),
      unflattenFrom(resultOf(body.out, 1), outs.slice(n), { at: 0 }),
    ],
  };
};

const resultOf = (s: Structure, i: number): Structure => (s.kind === "array" ? s.children[i] : s);

const lengthOf = (origin: string, xs: readonly Tensor[], s: Structure, asked: number | undefined): number => {
  let n = asked;
  xs.forEach((x, i) => {
    if (x.shape.length === 0)
      throw new ShapeError(origin, "xs are sliced along axis 0, so they need one", {
        [leafPaths(s, "xs")[i]]: "a scalar",
      });
    if (n !== undefined && x.shape[0] !== n)
      throw new ShapeError(origin, "xs must have one length on axis 0", {
        [leafPaths(s, "xs")[i]]: x.shape[0],
        expected: n,
      });
    n = x.shape[0];
  });
  if (n === undefined) throw new DomainError(origin, "needs a length", undefined, "pass xs, or { length: n }");
  if (!Number.isInteger(n) || n < 0)
    throw new DomainError(origin, "the length must be a whole number ≥ 0", { length: n });
  return n;
};
