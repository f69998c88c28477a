import { DomainError, DTypeError, isFloat, isInteger, ShapeError, sameShape, showAval } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { bind } from "../core/trace";
import { argOf } from "../jit/signature";
import { convert } from "../ops/choice";
import { leafTensor } from "../trees/on-leaves";
import { difference, flattenInto, leafPaths, type Structure, unflattenFrom } from "../trees/structure";
import type { Tensors } from "../trees/types";
import { type Body, shareCaptured, traceBody } from "./body";
import { condOp } from "./cond-op";

type Branch<A extends readonly unknown[], R> = (...args: { [K in keyof A]: Tensors<NoInfer<A[K]>> }) => R;

/**
 * One of two functions, chosen by a value: only the chosen one runs (under vmap with a mapped predicate both run, and each member selects).
 * Both are staged, and must return the same structure, shapes and dtypes.
 *
 * @example cond(greater(2, 0), (x) => log(x), (x) => mul(x, 0), 2) // log 2
 */
export const cond = <A extends readonly unknown[], R>(
  predicate: TensorLike,
  onTrue: Branch<A, R>,
  onFalse: Branch<A, R>,
  ...args: A
): Tensors<R> => {
  const p = toTensor(predicate, "cond");
  if (p.dtype !== "bool" || p.shape.length !== 0)
    throw new DTypeError(
      "cond",
      "the predicate must be one scalar bool",
      { predicate: showAval(p) },
      "compare, and reduce with any() or all()",
    );
  return choose("cond", convert(p, "int32"), [onFalse, onTrue], args) as Tensors<R>;
};

/**
 * One of several functions, chosen by an integer (clamped into range).
 *
 * @example switchCase(1, [(x) => neg(x), (x) => mul(x, x), (x) => x], 3) // 9
 */
export const switchCase = <A extends readonly unknown[], R>(
  index: TensorLike,
  branches: readonly Branch<A, R>[],
  ...args: A
): Tensors<R> => {
  if (branches.length === 0) throw new DomainError("switchCase", "needs at least one branch");
  let i = toTensor(index, "switchCase");
  if (typeof index === "number") i = convert(i, "int32");
  if (!isInteger(i.dtype) || i.shape.length !== 0)
    throw new DTypeError("switchCase", "the index must be one scalar integer", { index: showAval(i) });
  return choose("switchCase", convert(i, "int32"), branches, args) as Tensors<R>;
};

const choose = (
  origin: string,
  index: Tensor,
  branches: readonly ((...args: never[]) => unknown)[],
  args: readonly unknown[],
): unknown => {
  const raw: unknown[] = [];
  const structures = args.map((a) => flattenInto(a, raw, origin));
  const operands = raw.map((x) => leafTensor(x, origin));
  const stage = (want?: readonly Want[]): Body[] =>
    branches.map((f) =>
      traceBody(f, structures, operands.map(argOf), origin, (ys) =>
        want === undefined
          ? ys
          : ys.map((y, i) => (y.dtype === want[i].dtype || !y.weak ? y : convert(y, want[i].dtype))),
      ),
    );
  let bodies = stage();
  const first = bodies[0];
  for (const b of bodies) {
    const d = difference(first.out, b.out);
    if (d !== null)
      throw new ShapeError(
        origin,
        `branches must return the same structure; they differ at result${dotted(d.path)}: ${d.seen}`,
      );
  }
  const want = first.program.outputs.map((_, i) => join(bodies, i));
  if (bodies.some((b) => b.program.outputs.some((a, i) => a.aval.dtype !== want[i].dtype))) bodies = stage(want);
  for (const b of bodies) agree(origin, first.out, bodies[0], b);
  const { programs, captured } = shareCaptured(bodies.map((b) => ({ ...b, weak: want.map((w) => w.weak) })));
  const outs = bind(condOp, [index, ...captured, ...operands], { branches: programs });
  return unflattenFrom(first.out, outs, { at: 0 });
};

interface Want {
  readonly dtype: Tensor["dtype"];
  readonly weak: boolean;
}

/** The dtype of a result: that of a branch where somebody asked for it. */
const join = (bodies: readonly Body[], i: number): Want => {
  const strong = bodies.find((b) => !b.weak[i]) ?? bodies[0];
  const { dtype } = strong.program.outputs[i].aval;
  return { dtype, weak: isFloat(dtype) && bodies.every((b) => b.weak[i]) };
};

const agree = (origin: string, s: Structure, a: Body, b: Body): void => {
  const k = a.program.outputs.findIndex((x, i) => {
    const y = b.program.outputs[i].aval;
    return x.aval.dtype !== y.dtype || !sameShape(x.aval.shape, y.shape);
  });
  if (k >= 0)
    throw new ShapeError(origin, "branches must return the same shapes and dtypes", {
      [leafPaths(s, "result")[k]]:
        `${showAval(a.program.outputs[k].aval)} against ${showAval(b.program.outputs[k].aval)}`,
    });
};

const dotted = (path: string): string => (path === "" || path.startsWith("[") ? path : `.${path}`);
