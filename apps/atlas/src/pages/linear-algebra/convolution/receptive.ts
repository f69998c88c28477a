import { spelledSum } from "../../../ui/brief";
import type { Frame } from "../../../ui/grid-view";

import type { ConvolutionAnswer } from "./protocol";

/** Row `i` of the matrix: where it does not vanish, as a frame in the input and as a sum in words. */
export const receptiveField = (
  { matrix, input, inputColumns, output, kernelSide, kind }: ConvolutionAnswer,
  i: number,
): { frame: Frame | undefined; sum: string } => {
  const n = input.length;
  const row = Array.from(matrix.subarray(i * n, (i + 1) * n));
  const used = row.flatMap((v, j) => (v === 0 ? [] : [j]));
  const sum = spelledSum(
    used.map((j) => [row[j] as number, Number((input[j] as number).toPrecision(3))]),
    output[i] as number,
  );
  if (kind === "image") {
    // Every output cell looks at a square of the kernel's size that begins where it stands itself
    const outputs = inputColumns - kernelSide + 1;
    const [r, c] = [Math.floor(i / outputs), i % outputs];
    return { frame: { from: { row: r, column: c }, to: { row: r + kernelSide - 1, column: c + kernelSide - 1 } }, sum };
  }
  const [first, last] = [used[0], used.at(-1)];
  return {
    frame:
      first === undefined || last === undefined
        ? undefined
        : { from: { row: 0, column: first }, to: { row: 0, column: last } },
    sum,
  };
};
