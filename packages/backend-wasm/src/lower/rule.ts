import type { Equation } from "@ansatz/backend";
import type { Lowering } from "./lowering";
import type { Value } from "./value";

/** How an equation becomes values: recipes where that will do, steps where it will not. */
export type Rule<P> = (l: Lowering, params: P, args: readonly Value[], eq: Equation) => Value[];

/**
 * What this backend does with a core op. It stands on the op (`kernels: { wasm }`), and holds the code it needs, so a bundle carries
 * the lowerings of the ops that it reaches.
 */
export interface CoreLowering {
  /** The op's name. */
  readonly name: string;
  readonly rule: Rule<never>;
}

/** The name under which ops of other packages are answered. */
export const foreignName = "foreign";

export const lowering = /* @__NO_SIDE_EFFECTS__ */ <P = unknown>(name: string, rule: Rule<P>): CoreLowering => ({
  name,
  rule: rule as Rule<never>,
});
