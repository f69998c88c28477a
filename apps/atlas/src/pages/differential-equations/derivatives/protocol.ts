import type { Problem } from "../../../ui/problem";

export interface CurvesView {
  readonly formula: string;
  readonly from: number;
  readonly to: number;
  readonly order: number;
  /** Where the Taylor polynomial is taken. */
  readonly at: number;
}
export interface Curves {
  readonly formula: string;
  readonly tex: string;
  readonly at: number;
  readonly x: Float64Array;
  /** f, f′, …: one array each. */
  readonly curves: readonly Float64Array[];
  /** Largest difference from the symbolic derivatives, relative to the largest value of each order. */
  readonly gap: number;
  /** Nodes of the symbolic derivatives. */
  readonly sizes: readonly number[];
  /** f(a), f′(a), … from Taylor mode. */
  readonly derivatives: readonly number[];
  readonly taylor: Float64Array;
}
export type CurvesAnswer = { readonly curves: Curves } | { readonly problem: Problem };
