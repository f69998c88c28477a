import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, trackedFiles } from "./process";

// Written with classes of one letter so that this file does not find itself.
const machinePath = /(?<![\w.~@)\]}/-])\/(?:wor[k]|far[m]|roo[t]|hom[e]|User[s])\/[\w.-]/;
const registry = /registry\.npmj[s]|deb\.debia[n]/;
const focused = /\b(?:it|test|describe)\.onl[y]\b/;
const longest = 700;
const largest = 2 << 20;

/** What is wrong with one text, as `path:line: sentence`. */
export function blemishes(path: string, text: string): string[] {
  const lines = text.split("\n");
  const found = lines.flatMap((row, i) => [
    ...(machinePath.test(row) ? [`${path}:${i + 1}: an absolute path of somebody's machine`] : []),
    ...(registry.test(row) ? [`${path}:${i + 1}: a registry address; it belongs into nobody's checkout`] : []),
    ...(/\.tsx?$/.test(path) && focused.test(row) ? [`${path}:${i + 1}: a focused test hides the others`] : []),
  ]);
  if (/\.tsx?$/.test(path) && lines.length - 1 > longest) {
    found.push(`${path}: ${lines.length - 1} lines; nobody reads more than ${longest} in one sitting, split it`);
  }
  return found;
}

/** No tracked file may tell where it was made, be too long to read or too large to carry. */
export async function hygiene(): Promise<string[]> {
  const paths = (await trackedFiles()).filter((path) => existsSync(join(root, path)));
  return paths.flatMap((path) => {
    const { size } = statSync(join(root, path));
    const heavy =
      size > largest ? [`${path}: ${(size / 2 ** 20).toFixed(1)} MiB; build it instead of tracking it`] : [];
    const bytes = readFileSync(join(root, path));
    return bytes.subarray(0, 8000).includes(0) ? heavy : [...heavy, ...blemishes(path, bytes.toString("utf8"))];
  });
}
