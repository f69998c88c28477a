import {
  DomainError,
  dot,
  index,
  mean,
  mul,
  ShapeError,
  sum,
  type Tensor,
  type TensorLike,
  tensor,
  toTensor,
} from "@ansatz/tensor";

/** Chapter 1.1.4: images and sentences as tensors. */

/** Rounded BT.601 weights of red, green and blue; they add up to 0.9999, so white is not quite white. */
export const luma = [0.2989, 0.587, 0.114] as const;

/** The green channel of an image [h, w, 3] and its mean. (ERRATUM of the text: its index 2 counts from 1.) */
export const greenChannel = (image: TensorLike): { readonly channel: Tensor; readonly average: Tensor } => {
  const channel = index(image, "...", 1);
  return { channel, average: mean(channel) };
};

export interface VideoWindow {
  readonly framesPerSecond: number;
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  /** "gray" by luma weights, "mean" of the channels, or one channel. */
  readonly intensity?: "gray" | "mean" | "green";
}

/**
 * Exercise 1.1.2(1): mean intensity of a video [h, w, 3, frames] over the frames t (counted from 1) with from ≤ t/fps ≤ to. The window is clipped to
 * the video; an empty one is an error.
 */
export const videoMean = (
  video: TensorLike,
  { framesPerSecond, from, to, intensity = "gray" }: VideoWindow,
): Tensor => {
  const v = toTensor(video, "videoMean");
  if (v.shape.length !== 4 || v.shape[2] !== 3)
    throw new ShapeError("videoMean", "a video is [height, width, 3, frames]", { video: v.shape });
  const first = Math.max(1, Math.ceil(framesPerSecond * from));
  const last = Math.min(v.shape[3], Math.floor(framesPerSecond * to));
  if (!(from <= to && first <= last))
    throw new DomainError("videoMean", "no frame lies in the window", { from, to, frames: v.shape[3] });
  const channels = mean(index(v, "...", { start: first - 1, stop: last }), [0, 1, 3]);
  const weights = { gray: luma, mean: [1 / 3, 1 / 3, 1 / 3], green: [0, 1, 0] }[intensity];
  return dot(channels, tensor(Float64Array.from(weights)));
};

/** Exercise 1.1.2(2): Σᵢ wᵢ T_{:,i} for token vectors T [d, l] and weights w [l], or per entry w [d, l]; weights add up to 1 along l. */
export const weightedEmbedding = (tokens: TensorLike, weights: TensorLike): Tensor => sum(mul(weights, tokens), -1);

/** Weights λ^{l−i} (emphasis on the last token) or λ^{i−1} (on the first), normalised: [l]. */
export const geometricWeights = (length: number, lambda: number, emphasis: "first" | "last" = "last"): Tensor => {
  const powers = Array.from({ length }, (_, i) => lambda ** (emphasis === "last" ? length - 1 - i : i));
  const total = powers.reduce((a, b) => a + b, 0);
  return tensor(Float64Array.from(powers, (p) => p / total));
};
