import type { Problem } from "../../../ui/problem";

export interface SweepView {
  readonly formula: string;
  /** Values for the variables of the formula, in order; those too many are not read. */
  readonly at: readonly number[];
  /** The input that the forward sweep goes along. */
  readonly seed: number;
}
export interface Line {
  /** w₁, w₂, …: inputs first, as in the text. */
  readonly name: string;
  /** The right side: `w₁ + w₂`, `sin w₃`; the variable for an input. */
  readonly text: string;
  /** What it does in a word or sign; the variable for an input. */
  readonly op: string;
  readonly input: boolean;
  readonly value: number;
  readonly tangent: number;
  readonly adjoint: number;
}
/** From a value to one that is made of it, with the derivative along this edge alone. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly partial: number;
}
export interface Swept {
  readonly variables: readonly string[];
  readonly tex: string;
  readonly lines: readonly Line[];
  readonly edges: readonly Edge[];
  readonly value: number;
  readonly tangent: number;
  readonly gradient: readonly number[];
  /** As compilers see it: the function, its directional derivative, its gradient. */
  readonly printed: { readonly f: string; readonly forward: string; readonly reverse: string };
}
export type SweepAnswer = { readonly swept: Swept } | { readonly problem: Problem };
