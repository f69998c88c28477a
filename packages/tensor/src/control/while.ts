import { DomainError, DTypeError, showAval } from "@ansatz/backend";
import { scalar, type Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { bind } from "../core/trace";
import { argOf } from "../jit/signature";
import type { Like } from "../jit/types";
import { add } from "../ops/arithmetic";
import { convert, iota } from "../ops/choice";
import { lt } from "../ops/comparison";
import { broadcast } from "../ops/shape";
import { leafTensor } from "../trees/on-leaves";
import { flattenInto, unflattenFrom } from "../trees/structure";
import type { Tensors } from "../trees/types";
import { asCarry, type Body, betterCarry, checkCarry, traceBody } from "./body";
import { scan } from "./scan";
import { whileOp } from "./while-op";

/**
 * A loop of unknown length as one op: `body` as long as `cond` holds. Forward-mode differentiable; reverse mode is an error that says what
 * to use instead. Under vmap it runs until all members are done, and those that are keep their carry.
 *
 * @param cond  carry ↦ a scalar bool   @param body  carry ↦ carry of the same structure, shapes and dtypes
 * @example whileLoop((x) => less(x, 100), (x) => mul(x, 2), 1) // 128
 */
export const whileLoop = <C>(
  cond: (carry: Tensors<NoInfer<C>>) => TensorLike,
  body: (carry: Tensors<NoInfer<C>>) => Like<Tensors<NoInfer<C>>>,
  init: C,
): Tensors<C> => {
  const origin = "whileLoop";
  const raw: unknown[] = [];
  const structure = flattenInto(init, raw, origin, "carry");
  let carry = raw.map((x) => leafTensor(x, origin));
  const literal = raw.map((x) => typeof x === "number" && Number.isInteger(x));
  let step: Body;
  for (let round = 0; ; round++) {
    const args = carry.map(argOf);
    step = traceBody(body, [structure], args, origin, (ys) =>
      ys.map((y, i) => (i < args.length ? asCarry(y, args[i]) : y)),
    );
    const outs = step.program.outputs.map((a, i) => ({ ...a.aval, weak: step.weak[i] }));
    const better = round < 3 && outs.length === carry.length ? betterCarry(carry, outs, literal) : null;
    if (better === null) break;
    carry = better;
  }
  checkCarry(
    origin,
    structure,
    carry,
    step.out,
    step.program.outputs.map((a) => a.aval),
  );
  const test = traceBody(cond, [structure], carry.map(argOf), origin);
  const answer = test.program.outputs.map((a) => a.aval);
  if (answer.length !== 1 || answer[0].dtype !== "bool" || answer[0].shape.length !== 0)
    throw new DTypeError(
      origin,
      "the predicate must be one scalar bool",
      { predicate: answer.map(showAval) },
      "compare, and reduce with any() or all()",
    );
  const outs = bind(whileOp, [...test.captured, ...step.captured, ...carry], {
    cond: test.program,
    body: step.program,
    condConsts: test.captured.length,
    bodyConsts: step.captured.length,
  });
  return unflattenFrom(structure, outs, { at: 0 }) as Tensors<C>;
};

/**
 * A counted loop: carry ↦ body(i, carry) for i = from … to - 1. Bounds that are plain numbers make it a scan, which differentiates in
 * reverse; bounds that are tensors a while.
 *
 * @example fori(0, 10, (i, x) => mul(x, 2), 1) // 1024
 */
export const fori = <C>(
  from: TensorLike,
  to: TensorLike,
  body: (i: Tensor, carry: Tensors<NoInfer<C>>) => Like<Tensors<NoInfer<C>>>,
  init: C,
): Tensors<C> => {
  if (typeof from === "number" && typeof to === "number") {
    if (!Number.isInteger(from) || !Number.isInteger(to))
      throw new DomainError("fori", "bounds must be whole numbers", { from, to });
    const length = Math.max(0, to - from);
    const indices = add(iota([length], "int32", 0), broadcast(scalar(from, "int32"), [length], []));
    return scan((c, i) => [body(i, c), null] as const, init, indices)[0];
  }
  const end = convert(toTensor(to, "fori"), "int32");
  const start = convert(toTensor(from, "fori"), "int32");
  const loop = whileLoop as (c: unknown, b: unknown, init: unknown) => unknown;
  return (
    loop(
      (c: { i: Tensor }) => lt(c.i, end),
      (c: { i: Tensor; carry: Tensors<C> }) => ({ i: add(c.i, scalar(1, "int32")), carry: body(c.i, c.carry) }),
      { i: start, carry: init },
    ) as { carry: Tensors<C> }
  ).carry;
};

/** f over the leading axis of a tree, one entry after another (vmap does them all at once). */
export const map = <X, Y>(f: (x: Tensors<NoInfer<X>>) => Y, xs: X): Tensors<Y> =>
  scan((_, x) => [null, f(x)] as const, null, xs)[1];
