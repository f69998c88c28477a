import { type Aval, isFloat, isInteger, type Program, ShapeError, sameShape, showAval } from "@ansatz/backend";
import { type Tensor, withWeak } from "../core/tensor";
import { convert } from "../ops/choice";
import { cse } from "../transforms/cse";
import { dce } from "../transforms/dce";
import { setWeak } from "../transforms/memo";
import { traceFlat } from "../transforms/program-trace";
import type { Arg } from "../transforms/staging";
import { onLeaves } from "../trees/on-leaves";
import { difference, leafPaths, type Structure } from "../trees/structure";

/** A function of trees, staged: its captured tensors come first among the inputs. */
export interface Body {
  readonly program: Program;
  readonly captured: readonly Tensor[];
  readonly weak: readonly boolean[];
  readonly out: Structure;
}

/** Stages `f` on arguments of the given structures; `finish` may adjust the leaves of the result. */
export const traceBody = (
  f: (...args: never[]) => unknown,
  structures: readonly Structure[],
  args: readonly Arg[],
  origin: string,
  finish: (leaves: Tensor[], out: Structure) => readonly Tensor[] = (xs) => xs,
): Body => {
  const { call, result } = onLeaves(f, structures, origin);
  const t = traceFlat((xs) => finish(call(xs), result()), args, origin);
  return { program: setWeak(cse(dce(t.program)), t.weak), captured: t.captured, weak: t.weak, out: result() };
};

/** A result of a loop body as the carry it becomes: weak floats take its dtype. */
export const asCarry = (y: Tensor, carry: Arg): Tensor =>
  y.weak && y.dtype !== carry.dtype && isFloat(y.dtype) && !carry.weak && isFloat(carry.dtype)
    ? convert(y, carry.dtype)
    : y;

/**
 * What the carry has to be, given what the body made of it: an initial value nobody asked a dtype for follows the body. Null where they
 * agree.
 */
export const betterCarry = (
  init: readonly Tensor[],
  outs: readonly Arg[],
  literal: readonly boolean[],
): Tensor[] | null => {
  let changed = false;
  const next = init.map((x, i) => {
    const y = outs[i];
    const soft = x.weak && isFloat(x.dtype);
    if (soft && x.dtype !== y.dtype && (isFloat(y.dtype) || (literal[i] && isInteger(y.dtype)))) {
      changed = true;
      return convert(x, y.dtype);
    }
    if (soft && !y.weak && x.dtype === y.dtype) {
      changed = true;
      return withWeak(x, false);
    }
    return x;
  });
  return changed ? next : null;
};

/** Throws unless the body returned a carry of the structure, shapes and dtypes it was given. */
export const checkCarry = (
  caller: string,
  structure: Structure,
  init: readonly Aval[],
  out: Structure,
  outs: readonly Aval[],
): void => {
  const d = difference(structure, out);
  if (d !== null)
    throw new ShapeError(
      caller,
      `the body must return a carry of the structure it takes; they differ at carry${dotted(d.path)}: ${d.seen}`,
    );
  const k = init.findIndex((x, i) => x.dtype !== outs[i].dtype || !sameShape(x.shape, outs[i].shape));
  if (k >= 0)
    throw new ShapeError(
      caller,
      "the carry must keep its shape and dtype",
      { [leafPaths(structure, "carry")[k]]: `${showAval(init[k])} in, ${showAval(outs[k])} out` },
      "start from a value of the shape and dtype that the body returns",
    );
};

const dotted = (path: string): string => (path === "" || path.startsWith("[") ? path : `.${path}`);

/** Gives programs staged apart one list of captured tensors, in front of their other inputs. */
export const shareCaptured = (bodies: readonly Body[]): { programs: Program[]; captured: Tensor[] } => {
  const places = new Map<object, number>();
  const captured: Tensor[] = [];
  for (const b of bodies)
    for (const t of b.captured) {
      const identity = t.cell ?? t;
      if (places.has(identity)) continue;
      places.set(identity, captured.length);
      captured.push(t);
    }
  const programs = bodies.map((b) => {
    const n = b.captured.length;
    const own = new Map(b.captured.map((t, i) => [places.get(t.cell ?? t) as number, b.program.inputs[i]]));
    const front = captured.map(
      (t, i) => own.get(i) ?? { kind: "var" as const, aval: { shape: t.shape, dtype: t.dtype } },
    );
    return setWeak({ ...b.program, inputs: [...front, ...b.program.inputs.slice(n)] }, b.weak);
  });
  return { programs, captured };
};
