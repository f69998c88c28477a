export type Picture = "digit" | "exercise";

export interface SvdConfig {
  readonly image: { readonly picture: Picture; readonly digit: number; readonly which: number } | undefined;
  readonly set: { readonly count: number; readonly digit: number | undefined } | undefined;
  /** Figure 1.3 with batches of so many images; the random ones drawn from this seed. */
  readonly spectra?: { readonly batch: number; readonly seed: number } | undefined;
}
export interface SvdView {
  readonly k: number;
  /** Row of the set. */
  readonly which: number;
}

/** One image as a matrix. Pictures are row by row. */
export interface ImageAnswer {
  readonly width: number;
  readonly image: Float64Array;
  readonly approximation: Float64Array;
  /** σ_k u_k v_kᵀ: what the last step has added; nothing at k = 0. */
  readonly layer: Float64Array;
  readonly s: readonly number[];
  readonly k: number;
  /** ‖X − X_k‖_F as measured, and √Σ_{i>k} σ_i². */
  readonly error: number;
  readonly tail: number;
  /** σ_{k+1}. */
  readonly spectral: number;
  readonly explained: number;
}

/** A centred batch, one image a row. */
export interface SetAnswer {
  readonly count: number;
  readonly side: number;
  readonly mean: Float64Array;
  readonly directions: readonly Float64Array[];
  /** σ_j / σ_1 and E_j. */
  readonly spectrum: readonly { readonly j: number; readonly sigma: number; readonly explained: number }[];
  /** The least k with E_k ≥ 0.9. */
  readonly dimension90: number;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly labels: readonly number[];
  readonly k: number;
  readonly which: number;
  readonly image: Float64Array;
  readonly reconstruction: Float64Array;
  /** ‖x − x̂‖ / ‖x − mean‖ of the image shown. */
  readonly error: number;
  /** √(1 − E_k), of the whole set. */
  readonly setError: number;
}
/** σ_j / σ_1 and E_j of one centred batch. */
export interface SpectrumCurve {
  readonly name: string;
  readonly sigma: readonly number[];
  readonly explained: readonly number[];
}

/** Figure 1.3. */
export interface SpectraAnswer {
  readonly batch: number;
  readonly canonical: SpectrumCurve;
  readonly random: readonly SpectrumCurve[];
  readonly byClass: readonly SpectrumCurve[];
  /** Largest relative spread of σ_j / σ_1 between random batches, over j ≤ 50. */
  readonly spread: number;
  readonly dimension90: number;
}
export interface SvdAnswer {
  readonly image: ImageAnswer | undefined;
  readonly set: SetAnswer | undefined;
  readonly spectra?: SpectraAnswer | undefined;
}
