import convolution from "#experiments/linalg/convolution.ts?raw";
import convolutionFft from "#experiments/linalg/convolution-fft.ts?raw";
import convolutionMatrix from "#experiments/linalg/convolution-matrix.ts?raw";
import answer from "./answer.ts?raw";

export const sources = [
  { name: "experiments/linalg/convolution-matrix.ts", source: convolutionMatrix },
  { name: "experiments/linalg/convolution.ts", source: convolution },
  { name: "experiments/linalg/convolution-fft.ts", source: convolutionFft },
  { name: "atlas/convolution/answer.ts", source: answer },
];
