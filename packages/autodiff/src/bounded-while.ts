import { DomainError } from "@ansatz/backend";
import { cond, logicalAnd, scan, type TensorLike, tensor, toTensor } from "@ansatz/tensor";
import { checkpointScan } from "./checkpoint-scan";
import type { Like, Tensors } from "./types";

export interface BoundedWhileOptions {
  /** The most rounds it may take. Where the predicate still holds after them, the carry is returned as it is. */
  readonly maxSteps: number;
  /** How many carries the reverse pass keeps (checkpointScan); all `maxSteps` unless told. */
  readonly snapshots?: number;
}

/**
 * A while loop with a bound on its rounds, so that reverse mode knows the memory it needs:
 *
 *   while (predicate(carry)) carry = body(carry),   at most maxSteps times
 *
 * A scan of `maxSteps` rounds in which those after the last do nothing. Differentiable in both modes to every order; the derivative is that of the
 * rounds taken. With `snapshots` the reverse pass keeps so few carries and computes the others again.
 *
 * @param predicate carry ↦ a scalar bool   @param body carry ↦ carry of the same structure, shapes and dtypes
 * @example
 * // Newton's method for √a, differentiated through its rounds
 * const root = (a) => boundedWhile(
 *   (x) => greater(abs(sub(mul(x, x), a)), 1e-12),
 *   (x) => mul(0.5, add(x, div(a, x))),
 *   1, { maxSteps: 20 });
 * grad(root)(2) // 1 / (2√2) = 0.3536
 */
export const boundedWhile = <C>(
  predicate: (carry: Tensors<NoInfer<C>>) => TensorLike,
  body: (carry: Tensors<NoInfer<C>>) => Like<Tensors<NoInfer<C>>>,
  init: C,
  options: BoundedWhileOptions,
): Tensors<C> => {
  const { maxSteps, snapshots } = options;
  if (!Number.isInteger(maxSteps) || maxSteps < 0)
    throw new DomainError("boundedWhile", "maxSteps is a whole number ≥ 0", { maxSteps });
  interface State {
    readonly carry: Tensors<C>;
    readonly going: ReturnType<typeof tensor>;
  }
  const round = ({ carry, going }: State): readonly [State, null] => {
    const more = logicalAnd(going, toTensor(predicate(carry), "boundedWhile"));
    const next = (cond as (p: unknown, yes: unknown, no: unknown, c: unknown) => Tensors<C>)(
      more,
      (c: Tensors<C>) => body(c),
      (c: Tensors<C>) => c,
      carry,
    );
    return [{ carry: next, going: more }, null];
  };
  const start = { carry: init, going: tensor(true) };
  const run = (snapshots === undefined ? scan : checkpointScan) as unknown as (
    f: unknown,
    init: unknown,
    xs: null,
    o: object,
  ) => [State, null];
  return run(round, start, null, { length: maxSteps, ...(snapshots !== undefined && { snapshots }) })[0].carry;
};
