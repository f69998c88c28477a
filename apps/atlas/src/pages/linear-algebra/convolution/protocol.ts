export type Mode = "valid" | "same" | "full";

export interface ConvolutionConfig {
  /** The test digit to read, or none. */
  readonly digit: number | undefined;
}
export type ConvolutionView =
  | {
      readonly kind: "signal";
      readonly signal: readonly number[];
      readonly kernel: readonly number[];
      readonly mode: Mode;
      readonly flip: boolean;
    }
  | { readonly kind: "image"; readonly kernel: readonly number[] };

export interface ConvolutionAnswer {
  readonly kind: "signal" | "image";
  readonly input: readonly number[];
  /** Columns of input and output; 1 row each for a signal. */
  readonly inputColumns: number;
  readonly outputColumns: number;
  /** Row by row, rows as many as outputs, columns as inputs. */
  readonly matrix: Float64Array;
  readonly output: readonly number[];
  /** Side of the kernel, or its length. */
  readonly kernelSide: number;
  /** Largest difference between the matrix product and the product of spectra. */
  readonly gap: number;
  readonly operations: { readonly sliding: number; readonly dense: number };
}
