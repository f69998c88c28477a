import { digitArrays } from "@ansatz/datasets";
import {
  digitSpectra,
  eigendigits,
  reconstruction,
  reconstructionError,
  type Spectrum,
  scatter,
  spectrumOf,
} from "@ansatz/experiments";
import { componentsFor, explainedVariance, svd, truncatedSvd } from "@ansatz/linalg";
import { index, matmul, mul, norm, sub, type Tensor, tensor } from "@ansatz/tensor";
import type { Answer } from "../../../live/answers";
import type { ImageAnswer, SetAnswer, SpectraAnswer, SpectrumCurve, SvdAnswer, SvdConfig, SvdView } from "./protocol";

/** Exercise 1.2.1. */
const exercise = [
  [1, 0, 0, 0, 2],
  [0, 0, 3, 0, 0],
  [0, 0, 0, 0, 0],
  [0, 4, 0, 0, 0],
];
const directionsShown = 12;

const floats = (x: Tensor): Float64Array => Float64Array.from(x.dataSync() as ArrayLike<number>);
const size = (x: Tensor): number => norm(x).item() as number;

const answerImage = (x: Tensor): ((view: SvdView) => ImageAnswer) => {
  const [rows, columns] = x.shape as [number, number];
  const { s } = svd(x);
  const explained = floats(explainedVariance(s));
  return ({ k: wanted }) => {
    const k = Math.min(wanted, rows, columns);
    const { u, s: kept, vt, error, spectralError } = truncatedSvd(x, k);
    const approximation = matmul(mul(u, kept), vt);
    const last =
      k === 0 ? mul(0, x) : matmul(mul(index(u, ":", { start: k - 1 }), index(s, k - 1)), index(vt, { start: k - 1 }));
    return {
      width: columns,
      image: floats(x),
      approximation: floats(approximation),
      layer: floats(last),
      s: Array.from(floats(s)),
      k,
      error: size(sub(x, approximation)),
      tail: error.item() as number,
      spectral: spectralError.item() as number,
      explained: k === 0 ? 0 : (explained[k - 1] as number),
    };
  };
};

const answerSet = (rows: Tensor, labels: readonly number[], side: number): ((view: SvdView) => SetAnswer) => {
  const digits = eigendigits(rows);
  const { normalized, explained } = spectrumOf(rows);
  const [sigma, curve] = [floats(normalized), floats(explained)];
  const fixed = {
    count: labels.length,
    side,
    mean: floats(digits.mean),
    directions: Array.from({ length: Math.min(directionsShown, sigma.length) }, (_, i) =>
      floats(index(digits.components, i)),
    ),
    spectrum: Array.from(sigma, (v, i) => ({ j: i + 1, sigma: v, explained: curve[i] as number })),
    dimension90: componentsFor(digits.s, 0.9).item() as number,
    points: scatter(digits).toArray() as unknown as [number, number][],
    labels,
  };
  return ({ k: wanted, which: asked }) => {
    const k = Math.min(wanted, sigma.length);
    const which = Math.min(asked, labels.length - 1);
    const x = index(rows, which);
    const y = reconstruction(digits, which, k);
    const centred = size(sub(x, digits.mean.reshape(x.shape)));
    return {
      ...fixed,
      k,
      which,
      image: floats(x),
      reconstruction: floats(y),
      error: size(sub(x, y.reshape(x.shape))) / (centred || 1),
      setError: reconstructionError(digits, k),
    };
  };
};

/** Images that the batches of Figure 1.3 are drawn from, in the order of the training set. */
const drawnFrom = 2500;

const answerSpectra = (rows: Tensor, labels: ArrayLike<number>, batch: number, seed: number): SpectraAnswer => {
  const { canonical, random, byClass, spread, dimension90 } = digitSpectra(rows, labels, { batch, seed });
  const curve = (name: string, { normalized, explained }: Spectrum): SpectrumCurve => ({
    name,
    sigma: Array.from(floats(normalized)),
    explained: Array.from(floats(explained)),
  });
  return {
    batch,
    canonical: curve("first images", canonical),
    random: random.map((s, i) => curve(`batch ${i + 1}`, s)),
    byClass: Array.from(byClass, ([c, s]) => curve(String(c), s)),
    spread: Math.max(...spread.slice(0, 50)),
    dimension90,
  };
};

/** Decomposes an image, a set of images or many sets, once; then answers for every rank. */
export const prepareSvd = async ({ image, set, spectra }: SvdConfig): Promise<Answer<SvdView, SvdAnswer>> => {
  const wide = (values: Float32Array, shape: number[]): Tensor => tensor(Float64Array.from(values)).reshape(shape);
  if (image) {
    const { picture, digit, which } = image;
    const read = async (): Promise<Tensor> => {
      const { images, size: side } = await digitArrays({ split: "test", classes: [digit], count: which + 1 });
      return wide(images.subarray(which * side * side), [side, side]);
    };
    const of = answerImage(picture === "exercise" ? tensor(exercise, { dtype: "float64" }) : await read());
    return (view) => ({ image: of(view), set: undefined });
  }
  if (spectra) {
    const { images, labels, size: side, count } = await digitArrays({ split: "train", count: drawnFrom });
    const answer = answerSpectra(wide(images, [count, side * side]), labels, spectra.batch, spectra.seed);
    return () => ({ image: undefined, set: undefined, spectra: answer });
  }
  if (!set) return () => ({ image: undefined, set: undefined });
  const {
    images,
    labels,
    size: side,
    count,
  } = await digitArrays({
    split: "train",
    count: set.count,
    ...(set.digit === undefined ? {} : { classes: [set.digit] }),
  });
  const of = answerSet(wide(images, [count, side * side]), Array.from(labels), side);
  return (view) => ({ image: undefined, set: of(view) });
};
