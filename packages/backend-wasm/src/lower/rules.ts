import type { Equation, Params } from "@ansatz/backend";
import { controlRules } from "./control";
import { elementwiseRules } from "./elementwise";
import { foreign } from "./foreign";
import { indexingRules } from "./indexing";
import type { Lowering } from "./lowering";
import { productRules } from "./products";
import { reductionRules } from "./reductions";
import { shapeRules } from "./shape";
import type { Value } from "./value";

/** How an equation becomes values: recipes where that will do, steps where it will not. */
export type Rule<P = Params> = (l: Lowering, params: P, args: readonly Value[], eq: Equation) => Value[];

/** A rule for an op whose params are known to be `P`. */
export const rule = <P>(r: Rule<P>): Rule => r as unknown as Rule;

/** One rule per core op (calls are inlined before), and `foreign` for the others. */
export const rules: { readonly [op: string]: Rule } & { readonly foreign: Rule } = {
  ...elementwiseRules,
  ...shapeRules,
  ...indexingRules,
  ...reductionRules,
  ...productRules,
  ...controlRules,
  foreign,
};
