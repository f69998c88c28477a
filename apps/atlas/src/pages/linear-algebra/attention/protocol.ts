export interface HeadEntries {
  readonly query: readonly number[];
  readonly key: readonly number[];
  readonly value: readonly number[];
}
export interface AttentionView {
  /** Tokens of two entries, row by row. */
  readonly tokens: readonly number[];
  readonly heads: readonly HeadEntries[];
  readonly scale: number;
  /** The pass to look at, from 1. */
  readonly pass: number;
}
export interface Stage {
  readonly symbol: string;
  readonly formula: string;
  /** The contraction, as einsum writes it. */
  readonly spec: string | undefined;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}
export interface AttentionAnswer {
  readonly stages: readonly Stage[];
  /** Whether the pass left the token where it was. */
  readonly fixed: boolean;
}
