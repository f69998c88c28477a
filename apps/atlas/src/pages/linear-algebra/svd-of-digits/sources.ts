import digitSpectra from "#experiments/linalg/digit-spectra.ts?raw";
import answer from "./answer.ts?raw";

export const sources = [
  { name: "atlas/svd-of-digits/answer.ts", source: answer },
  { name: "experiments/linalg/digit-spectra.ts", source: digitSpectra },
];
