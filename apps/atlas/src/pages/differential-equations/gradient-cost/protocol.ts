export type CostFunction = "separable" | "coupled" | "network";

export interface CostConfig {
  readonly f: CostFunction;
  /** Dimensions are 2, 4, …, 2^doublings. */
  readonly doublings: number;
}
/** Of one method: operations in its programs, and seconds here. */
export interface Cost {
  readonly flops: number;
  readonly seconds: number;
}
export interface CostRow {
  readonly dimension: number;
  readonly function: Cost;
  readonly differences: Cost;
  readonly forward: Cost;
  readonly reverse: Cost;
  /** Largest difference between forward and reverse mode. */
  readonly disagreement: number;
}
export interface CostFrame {
  readonly rows: readonly CostRow[];
}
