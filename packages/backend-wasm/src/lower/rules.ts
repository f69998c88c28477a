import { controlRules } from "./control";
import { elementwiseRules } from "./elementwise";
import { foreign } from "./foreign";
import { indexingRules } from "./indexing";
import { productRules } from "./products";
import { reductionRules } from "./reductions";
import type { Rule } from "./rule";
import { shapeRules } from "./shape";

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
