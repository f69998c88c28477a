import type { Ink } from "./ink";

type Rgb = readonly [number, number, number];

/** #rrggbb as three bytes. */
export const channels = (hex: string): Rgb =>
  [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb;

const between = (from: Rgb, to: Rgb, t: number): Rgb =>
  from.map((v, i) => Math.round(v + t * ((to[i] as number) - v))) as unknown as Rgb;

/** A colour for a number. */
export type Shade = (value: number) => Rgb;

/** From paper at 0 to ink at 1; beyond, as at the end. */
export const inkShade = ({ raised, ink }: Ink): Shade => {
  const [from, to] = [channels(raised), channels(ink)];
  return (v) => between(from, to, Math.min(1, Math.max(0, v)));
};

/** The colour of negative numbers beside the accent of positive ones. */
export const negative = (dark: boolean): string => (dark ? "#e39a6d" : "#b4530f");

/** Paper at 0, the accent at `most`, its counterpart at −most. */
export const signedShade = ({ raised, accent }: Ink, dark: boolean, most: number): Shade => {
  const [zero, plus, minus] = [channels(raised), channels(accent), channels(negative(dark))];
  return (v) => between(zero, v < 0 ? minus : plus, most > 0 ? Math.min(1, Math.abs(v) / most) : 0);
};

/** Numbers row by row as a picture, one pixel each; opaque unless told how much of the colour covers. */
export const bitmap = (
  values: ArrayLike<number>,
  width: number,
  shade: Shade,
  cover: (value: number) => number = () => 1,
): OffscreenCanvas | undefined => {
  const height = values.length / width;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  const image = context.createImageData(width, height);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    image.data.set([...shade(value), 255 * cover(value)], 4 * i);
  }
  context.putImageData(image, 0, 0);
  return canvas;
};

/** The largest modulus. */
export const largestOf = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] as number));
  return most;
};
