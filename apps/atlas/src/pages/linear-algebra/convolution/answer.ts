import { digitArrays } from "@ansatz/datasets";
import { convolutionAsMatrix, convolutionAsMatrix2d, convolveByFft, correlate2dByFft } from "@ansatz/experiments";
import { abs, max, sub, type Tensor, tensor } from "@ansatz/tensor";
import type { Answer } from "../../../live/answers";
import type { ConvolutionAnswer, ConvolutionConfig, ConvolutionView } from "./protocol";

/** Example 1.1.2. */
const example = [1, 2, 3, 0, 4, 5, 6, 1, 7, 8, 9, 0, 1, 0, 2, 3];

const floats = (x: Tensor): Float64Array => Float64Array.from(x.dataSync() as ArrayLike<number>);
const vector = (entries: readonly number[]): Tensor => tensor(Float64Array.from(entries));
const square = (entries: readonly number[]): Tensor => {
  const side = Math.sqrt(entries.length);
  return vector(entries).reshape([side, side]);
};
const apart = (a: Tensor, b: Tensor): number => max(abs(sub(a, b))).item() as number;

/** The matrix of a convolution, what it makes of the input, and the same by spectra. */
export const prepareConvolution = async ({
  digit,
}: ConvolutionConfig): Promise<Answer<ConvolutionView, ConvolutionAnswer>> => {
  const image =
    digit === undefined
      ? example
      : Array.from((await digitArrays({ split: "test", size: 14, classes: [digit], count: 1 })).images);
  return (view) => {
    if (view.kind === "signal") {
      const { signal, kernel, mode, flip } = view;
      const { matrix, output, operations } = convolutionAsMatrix(vector(signal), vector(kernel), { mode, flip });
      return {
        kind: "signal",
        input: signal,
        inputColumns: signal.length,
        outputColumns: output.size,
        matrix: floats(matrix),
        output: Array.from(floats(output)),
        kernelSide: kernel.length,
        gap: apart(output, convolveByFft(vector(signal), vector(kernel), { mode, flip })),
        operations,
      };
    }
    const [x, k] = [square(image), square(view.kernel)];
    const { matrix, output, operations } = convolutionAsMatrix2d(x, k);
    return {
      kind: "image",
      input: image,
      inputColumns: x.shape[1] as number,
      outputColumns: output.shape[1] as number,
      matrix: floats(matrix),
      output: Array.from(floats(output)),
      kernelSide: k.shape[0] as number,
      gap: apart(output, correlate2dByFft(x, k)),
      operations,
    };
  };
};
