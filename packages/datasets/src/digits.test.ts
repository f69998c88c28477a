import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type DigitArrays, digitArrays, digits } from "./digits";

let train: DigitArrays;
let test28: DigitArrays;
beforeAll(async () => {
  train = await digitArrays();
  test28 = await digitArrays({ split: "test" });
});

const counts = (labels: Int32Array): number[] => {
  const c = new Array<number>(10).fill(0);
  for (const l of labels) c[l] = (c[l] ?? 0) + 1;
  return c;
};
const imageText = (d: DigitArrays, i: number): string =>
  Buffer.from(d.images.subarray(i * d.size ** 2, (i + 1) * d.size ** 2).map((v) => Math.round(v * 255))).toString(
    "latin1",
  );

test("the split is 8,000 to 2,000 with a fifth of each class in the test part", () => {
  expect([train.count, test28.count]).toEqual([8000, 2000]);
  expect(counts(train.labels)).toEqual([801, 902, 793, 826, 784, 690, 811, 856, 755, 782]);
  expect(counts(test28.labels)).toEqual([200, 225, 198, 206, 196, 173, 203, 214, 189, 196]);
});

test("together the parts are exactly the registry package's digits, none twice, with their labels and every byte", () => {
  const source = dirname(createRequire(import.meta.url).resolve("mnist/package.json"));
  const expected = new Map<string, number>();
  for (let digit = 0; digit < 10; digit++) {
    const { data } = JSON.parse(readFileSync(join(source, `src/digits/${digit}.json`), "utf8")) as { data: number[] };
    const bytes = Buffer.from(data.map((v) => Math.round(v * 255)));
    for (let at = 0; at < bytes.length; at += 784) expected.set(bytes.toString("latin1", at, at + 784), digit);
  }
  expect(expected.size).toBe(10_000);
  const found = new Map<string, number>();
  for (const d of [train, test28]) for (let i = 0; i < d.count; i++) found.set(imageText(d, i), d.labels[i] as number);
  expect(found.size).toBe(10_000);
  for (const [image, label] of found) expect(expected.get(image)).toBe(label);
});

test("the mean and spread of the pixels are MNIST's", () => {
  let sum = 0;
  let squares = 0;
  for (const d of [train, test28])
    for (const v of d.images) {
      sum += v;
      squares += v * v;
    }
  const n = 10_000 * 784;
  // The 60,000 images of the MNIST training set have mean 0.1307 and standard deviation 0.3081.
  expect(Math.abs(sum / n - 0.1311258)).toBeLessThan(1e-6);
  expect(Math.abs(Math.sqrt(squares / n - (sum / n) ** 2) - 0.3087)).toBeLessThan(1e-4);
});

test("14 × 14 images are means of 2 × 2 blocks", async () => {
  const small = await digitArrays({ size: 14, count: 50 });
  expect(small.images.length).toBe(50 * 196);
  for (const [i, r, c] of [
    [0, 5, 7],
    [17, 9, 3],
    [49, 6, 6],
  ] as const) {
    const at = (y: number, x: number): number => train.images[i * 784 + y * 28 + x] ?? Number.NaN;
    const mean = (at(2 * r, 2 * c) + at(2 * r, 2 * c + 1) + at(2 * r + 1, 2 * c) + at(2 * r + 1, 2 * c + 1)) / 4;
    expect(Math.abs((small.images[i * 196 + r * 14 + c] ?? Number.NaN) - mean)).toBeLessThan(1e-7);
  }
});

test("classes and count choose the first digits of those classes", async () => {
  const few = await digitArrays({ classes: [3, 8], count: 5 });
  const where = [...train.labels.keys()].filter((i) => [3, 8].includes(train.labels[i] as number)).slice(0, 5);
  expect([...few.labels]).toEqual(where.map((i) => train.labels[i]));
  expect(where.map((i) => imageText(train, i))).toEqual(where.map((_, row) => imageText(few, row)));
});

test("any beginning of a part holds all classes in fair numbers", () => {
  for (const d of [train, test28])
    for (const n of counts(d.labels.subarray(0, 1000))) expect(Math.abs(n - 100)).toBeLessThan(30);
});

test("options that make no sense and files that are missing or damaged are refused", async () => {
  await expect(digitArrays({ split: "dev" as "test" })).rejects.toThrow(/split must be train or test, got split: dev/);
  await expect(digitArrays({ size: 7 as 14 })).rejects.toThrow(/size must be 28 or 14/);
  await expect(digitArrays({ classes: [10] })).rejects.toThrow(/from 0 to 9/);
  await expect(digitArrays({ split: "test", count: 2001 })).rejects.toThrow(/count: 2001, available: 2000/);
  await expect(digitArrays({ source: "file:///nowhere/digits.npz" })).rejects.toThrow(/ENOENT.*pnpm install/);
  const bytes = readFileSync(new URL("../data/digits.npz", import.meta.url));
  await expect(digitArrays({ source: bytes.subarray(0, 5000) })).rejects.toMatchObject({ code: "format" });
});

test("as tensors the images have their shape and are float32, the labels int32", async () => {
  const { images, labels } = await digits({ split: "test", size: 14, count: 7 });
  const plain = await digitArrays({ split: "test", size: 14, count: 7 });
  expect([images.dtype, images.shape, labels.dtype, labels.shape]).toEqual(["float32", [7, 14, 14], "int32", [7]]);
  expect(images.weak).toBe(false);
  expect(await images.data()).toEqual(plain.images);
  expect(await labels.data()).toEqual(plain.labels);
});
