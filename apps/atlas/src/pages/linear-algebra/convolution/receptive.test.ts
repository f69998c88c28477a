import { expect, test } from "vitest";
import { prepareConvolution } from "./answer";
import { receptiveField } from "./receptive";

test("the row of an output says which inputs it sees, and the sum that makes it", async () => {
  const answer = await prepareConvolution({ digit: undefined });
  const signal = answer({ kind: "signal", signal: [1, 2, 3, 4], kernel: [1, 0, -1], mode: "valid", flip: false });
  expect(signal.output).toEqual([-2, -2]);
  expect(receptiveField(signal, 1)).toEqual({
    frame: { from: { row: 0, column: 1 }, to: { row: 0, column: 3 } },
    sum: "1 · 2 − 1 · 4 = −2",
  });
  const image = answer({ kind: "image", kernel: [1, 0, 0, -1] });
  expect(image.output).toEqual([-4, -4, 2, -4, -4, 6, 7, 6, 6]);
  expect(receptiveField(image, 5)).toEqual({
    frame: { from: { row: 1, column: 2 }, to: { row: 2, column: 3 } },
    sum: "1 · 6 − 1 · 0 = 6",
  });
  expect(image.gap).toBeLessThan(1e-13);
  expect(image.operations).toEqual({ sliding: 36, dense: 144 });
});
