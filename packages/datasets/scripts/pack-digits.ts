/**
 * Packs the 10,000 digits of the `mnist` registry package (JSON, 21 MB) into data/digits.npz, which ships with this package.
 * Run by `prepare` (every install of the workspace) and by `build`; does nothing when the file is there and right.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNpz, encodeNpz, type NdArray, ndArray } from "../src/formats/index";
import { stratifiedSplit } from "./split";

const target = fileURLToPath(new URL("../data/digits.npz", import.meta.url));
const pixels = 28 * 28;

/** SHA-256 of all image bytes, then all label bytes, train before test: the contents are fixed, whatever zlib packs them. */
const expected = "73f43a6c9af868b96e5a3724e98d23179c3d66d5846d913a7ed15f9a34bd78a9";

const digest = (arrays: Readonly<Record<string, NdArray>>): string => {
  const hash = createHash("sha256");
  for (const name of ["train_images", "test_images", "train_labels", "test_labels"])
    hash.update(arrays[name]?.data ?? "");
  return hash.digest("hex");
};

const isRight = async (): Promise<boolean> => {
  if (!existsSync(target)) return false;
  try {
    return digest(await decodeNpz(new Uint8Array(readFileSync(target)))) === expected;
  } catch {
    return false;
  }
};

const pack = async (): Promise<void> => {
  const source = dirname(createRequire(import.meta.url).resolve("mnist/package.json"));
  const images: Uint8Array[] = [];
  const labels: number[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const { data } = JSON.parse(readFileSync(join(source, `src/digits/${digit}.json`), "utf8")) as { data: number[] };
    for (let at = 0; at + pixels <= data.length; at += pixels) {
      // The JSON holds b/255 rounded to three decimals, which tells all 256 bytes b apart: rounding gives back the original.
      images.push(Uint8Array.from(data.slice(at, at + pixels), (v) => Math.round(v * 255)));
      labels.push(digit);
    }
  }
  const part = (indices: readonly number[]): { images: NdArray; labels: NdArray } => {
    const bytes = new Uint8Array(indices.length * pixels);
    indices.forEach((i, row) => {
      bytes.set(images[i] as Uint8Array, row * pixels);
    });
    return {
      images: ndArray("uint8", [indices.length, 28, 28], bytes),
      labels: ndArray(
        "uint8",
        [indices.length],
        Uint8Array.from(indices, (i) => labels[i] as number),
      ),
    };
  };
  const { train, test } = stratifiedSplit(labels);
  const [a, b] = [part(train), part(test)];
  const arrays = { train_images: a.images, train_labels: a.labels, test_images: b.images, test_labels: b.labels };
  const got = digest(arrays);
  if (got !== expected)
    throw new Error(`pack-digits: the mnist package has changed: contents hash to ${got}, not ${expected}`);
  mkdirSync(dirname(target), { recursive: true });
  // Written aside and renamed: an interrupted run leaves no half file.
  writeFileSync(`${target}.part`, await encodeNpz(arrays));
  renameSync(`${target}.part`, target);
};

if (!(await isRight())) await pack();
