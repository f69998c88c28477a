import type { Equation, Params } from "@ansatz/backend";
import type { Lowering } from "./lowering";
import type { Value } from "./value";

/** How an equation becomes values: recipes where that will do, steps where it will not. */
export type Rule<P = Params> = (l: Lowering, params: P, args: readonly Value[], eq: Equation) => Value[];

/** A rule for an op whose params are known to be `P`. */
export const rule = <P>(r: Rule<P>): Rule => r as unknown as Rule;
