import { DomainError } from "@ansatz/backend";
import { type Tensor, tensor } from "@ansatz/tensor";
import { decodeNpz } from "./formats/npz";
import { loadBytes } from "./resource";

export interface DigitOptions {
  /** 8,000 digits to train on, 2,000 to test on (default "train"); every fifth of each class is a test digit. */
  readonly split?: "train" | "test";
  /** 28 × 28 as scanned (default), or 14 × 14 by the mean of each 2 × 2 block. */
  readonly size?: 28 | 14;
  /** Only these classes, in the order of the split. */
  readonly classes?: readonly number[];
  /** Only so many digits: the first ones (the order is shuffled once and for all, so they are a fair sample). */
  readonly count?: number;
  /** Where `data/digits.npz` of this package is served, for bundlers that do not follow `new URL(…, import.meta.url)`; or its bytes. */
  readonly source?: URL | string | Uint8Array;
}

/** Digits as plain arrays: images in [0, 1] (0 is paper), one row of size² numbers each; labels 0 to 9. */
export interface DigitArrays {
  readonly count: number;
  readonly size: 28 | 14;
  readonly images: Float32Array<ArrayBuffer>;
  readonly labels: Int32Array<ArrayBuffer>;
}

const side = 28;

/** Means of 2 × 2 blocks. */
const halve = (pixels: Uint8Array, to: Float32Array, at: number): void => {
  for (let r = 0; r < side; r += 2)
    for (let c = 0; c < side; c += 2) {
      const i = r * side + c;
      const sum = (pixels[i] ?? 0) + (pixels[i + 1] ?? 0) + (pixels[i + side] ?? 0) + (pixels[i + side + 1] ?? 0);
      to[at + (r >> 1) * (side / 2) + (c >> 1)] = sum / 1020;
    }
};

/** As `digits`, without tensors. */
export const digitArrays = async (options: DigitOptions = {}): Promise<DigitArrays> => {
  const who = "digits";
  const { split = "train", size = side, classes, count, source } = options;
  if (split !== "train" && split !== "test") throw new DomainError(who, "split must be train or test", { split });
  if (size !== 28 && size !== 14) throw new DomainError(who, "size must be 28 or 14", { size });
  const strange = classes?.find((c) => !Number.isInteger(c) || c < 0 || c > 9);
  if (strange !== undefined) throw new DomainError(who, "classes are whole numbers from 0 to 9", { classes });
  if (count !== undefined && !(Number.isInteger(count) && count >= 0))
    throw new DomainError(who, "count must be a nonnegative integer", { count });
  // Written so that Vite and its like see the file and carry it along.
  const home = new URL("../data/digits.npz", import.meta.url);
  const bytes =
    source instanceof Uint8Array
      ? source
      : await loadBytes(
          who,
          source === undefined ? home : new URL(source, globalThis.location?.href ?? "file:///"),
          "in a checkout, `pnpm install` makes data/digits.npz; in a bundled page, say where it is served with { source }",
        );
  const arrays = await decodeNpz(bytes, { only: [`${split}_images`, `${split}_labels`] });
  const pixels = arrays[`${split}_images`];
  const classOf = arrays[`${split}_labels`];
  if (pixels?.dtype !== "uint8" || classOf?.dtype !== "uint8")
    throw new DomainError(who, "the source must hold digits as bytes", {
      images: pixels?.dtype,
      labels: classOf?.dtype,
    });
  const all = Array.from(classOf.data.keys()).filter((i) => !classes || classes.includes(classOf.data[i] as number));
  if (count !== undefined && count > all.length)
    throw new DomainError(who, "there are not so many digits", { count, available: all.length, split });
  const chosen = all.slice(0, count);
  const images = new Float32Array(chosen.length * size * size);
  chosen.forEach((i, row) => {
    const image = pixels.data.subarray(i * side * side, (i + 1) * side * side);
    const at = row * size * size;
    if (size === 14) halve(image, images, at);
    else image.forEach((byte, k) => (images[at + k] = byte / 255));
  });
  return { count: chosen.length, size, images, labels: Int32Array.from(chosen, (i) => classOf.data[i] as number) };
};

/**
 * Handwritten digits: 10,000 images of the MNIST training set, 8,000 to train on and 2,000 to test on.
 *
 * @returns images [n, size, size], float32 in [0, 1] (0 is paper), and labels [n], int32 from 0 to 9
 * @throws {DomainError} an option outside its set   @throws {AnsatzError} code "unavailable": the data file cannot be read
 * @example const { images, labels } = await digits({ split: "test", size: 14, count: 10 });
 */
export const digits = async (
  options: DigitOptions = {},
): Promise<{ readonly images: Tensor; readonly labels: Tensor }> => {
  const { count, size, images, labels } = await digitArrays(options);
  return { images: tensor(images, { shape: [count, size, size] }), labels: tensor(labels) };
};
