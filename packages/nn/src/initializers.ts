import { DomainError, type DType, full, mul, normal, ShapeError, type Tensor, uniform, zeros } from "@ansatz/tensor";

/** Makes a parameter of a shape, in float32 unless told. A weight is [in, out], or [out, in, …window] when `layout` is "conv". */
export type Initializer = (key: Tensor, shape: readonly number[], dtype?: DType) => Tensor;

/** Zeros. @example zerosInit(key(0), [3]) // [0, 0, 0] */
export const zerosInit: Initializer = (_key, shape, dtype = "float32") => zeros(shape, { dtype });
/** One number everywhere. @example constantInit(0.1)(key(0), [2]) // [0.1, 0.1] */
export const constantInit =
  (value: number): Initializer =>
  (_key, shape, dtype = "float32") =>
    full(shape, value, { dtype });

/** N(0, σ²). @example normalInit(0.02)(key(0), [100, 8]) */
export const normalInit =
  (std: number): Initializer =>
  (key, shape, dtype = "float32") =>
    mul(std, normal(key, shape, { dtype }));

/** U(−a, a), of variance a²/3. @example uniformInit(0.05)(key(0), [100, 8]) */
export const uniformInit =
  (a: number): Initializer =>
  (key, shape, dtype = "float32") =>
    uniform(key, shape, { dtype, min: -a, max: a });

export interface ScaledOptions {
  /** What the variance is divided by: inputs, outputs, or their mean. */
  readonly mode: "fanIn" | "fanOut" | "fanAverage";
  readonly distribution: "normal" | "uniform";
  readonly layout?: "dense" | "conv";
}

/**
 * [fan in, fan out] of a weight: how many inputs an output sums over, and how many outputs an input enters.
 *
 * @throws {ShapeError} rank below 2
 * @example fans([3, 5]) // [3, 5]
 * @example fans([16, 3, 5, 5], "conv") // [75, 400]
 */
export const fans = (shape: readonly number[], layout: "dense" | "conv" = "dense"): readonly [number, number] => {
  if (shape.length < 2)
    throw new ShapeError("fans", "a scaled initializer needs a weight of rank 2 or more", { shape });
  if (layout === "dense") return [shape.slice(0, -1).reduce((a, b) => a * b, 1), shape[shape.length - 1]];
  const window = shape.slice(2).reduce((a, b) => a * b, 1);
  return [shape[1] * window, shape[0] * window];
};

/**
 * Variance s / n with n the chosen fan: N(0, s/n), or U(−a, a) with a = √(3s/n).
 *
 * @throws {DomainError} s ≤ 0   @throws {ShapeError} a shape of rank below 2
 * @see Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852
 * @example varianceScaling(1 / 3, { mode: "fanIn", distribution: "uniform" }) // U(±1/√in): PyTorch's default for a linear layer
 */
export const varianceScaling = (s: number, { mode, distribution, layout }: ScaledOptions): Initializer => {
  if (!(s > 0)) throw new DomainError("varianceScaling", "the scale must be positive", { scale: s });
  return (key, shape, dtype) => {
    const [fanIn, fanOut] = fans(shape, layout);
    const n = Math.max(1, mode === "fanIn" ? fanIn : mode === "fanOut" ? fanOut : (fanIn + fanOut) / 2);
    const std = Math.sqrt(s / n);
    return distribution === "normal"
      ? normalInit(std)(key, shape, dtype)
      : uniformInit(Math.sqrt(3) * std)(key, shape, dtype);
  };
};

/** Variance 2 / (fan in + fan out), uniform: keeps the variance of linear and tanh layers. Glorot & Bengio 2010, eq. (16). */
export const xavierUniform = varianceScaling(1, { mode: "fanAverage", distribution: "uniform" });
export const xavierNormal = varianceScaling(1, { mode: "fanAverage", distribution: "normal" });
/** Variance 2 / fan in: keeps the second moment through relu. He et al. 2015, eq. (10). */
export const heNormal = varianceScaling(2, { mode: "fanIn", distribution: "normal" });
export const heUniform = varianceScaling(2, { mode: "fanIn", distribution: "uniform" });
/** Variance 1 / fan in. LeCun et al. 1998. */
export const lecunNormal = varianceScaling(1, { mode: "fanIn", distribution: "normal" });
