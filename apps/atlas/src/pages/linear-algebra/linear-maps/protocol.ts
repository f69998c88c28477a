import type { PlaneMap, PlaneVector } from "@ansatz/experiments";

/** Entries row by row. */
export type Entries = readonly number[];

export interface MapConfig {
  /** The test digit to read, or none. */
  readonly digit: number | undefined;
}
export interface MapView {
  readonly matrix: Entries;
  /** The orbit to follow, if orbits are looked at. */
  readonly orbit: { readonly from: PlaneVector; readonly steps: number } | undefined;
}
export interface OrbitAnswer {
  readonly points: readonly PlaneVector[];
  /** Orbits from a ring of starts: [steps + 1][starts]. */
  readonly portrait: readonly (readonly PlaneVector[])[];
  readonly kind: string;
  readonly distinct: number;
}
export interface MapAnswer {
  readonly matrix: Entries;
  readonly map: PlaneMap;
  readonly orbit: OrbitAnswer | undefined;
  /** 28 × 28 grey values, 0 is paper. */
  readonly digit: Float32Array | undefined;
}
