import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { root, trackedFiles } from "./process";

/** The line of design §1: each package may import what stands left of it, also in devDependencies. */
export const line = [
  "backend",
  "backend-wasm",
  "tensor",
  "datasets",
  "autodiff",
  "linalg",
  "optimization",
  "diffeq",
  "nn",
  "probability",
  "information",
  "stochastic-processes",
  "graphical-models",
  "generative-models",
  "control",
  "experiments",
];
/** Device backends stand beside the line: they import `backend` only, and only apps and tools import them. */
const devices = ["backend-tfjs", "backend-gpujs"];
/** Subpaths that are the meaning and its suite, never a part of what runs at a user's. */
const neverAtRunTime = ["@ansatz/backend/reference", "@ansatz/backend/conformance"];

export interface SourceFile {
  path: string;
  text: string;
}

/** Every violation in the sources and manifests given, as `path:line: sentence`. */
export function arrowViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const references = file.path.endsWith("package.json") ? dependenciesOf(file.text) : importsOf(file.text);
    return references.flatMap(({ name, at }) => {
      const law = broken(file.path, name);
      const row = file.text.slice(0, at).split("\n").length;
      return law ? [`${file.path}:${row}: ${law}`] : [];
    });
  });
}

function importsOf(text: string): { name: string; at: number }[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({ name: fileName, at: pos }));
}

function dependenciesOf(text: string): { name: string; at: number }[] {
  const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
  const fields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
  return fields.flatMap((field) => {
    const start = text.indexOf(`"${field}"`);
    return Object.keys(manifest[field] ?? {}).map((name) => ({ name, at: text.indexOf(`"${name}"`, start) }));
  });
}

/** The law that `name`, imported by the file at `path`, breaks, if any. */
function broken(path: string, name: string): string | undefined {
  const [top, folder] = path.split("/");
  const home = `${top}/${folder}`;
  if (name.startsWith(".")) {
    const target = normalize(join(dirname(path), name));
    if (top === "tools" || target.startsWith(`${home}/`) || target === home) return undefined;
    if (target.startsWith("tools/browser") && isTest(path)) return undefined;
    return `${home} reaches into ${target} by a relative path; import the package by its name`;
  }
  const imported = /^@ansatz\/([^/]+)/.exec(name)?.[1];
  if (imported === undefined || top === "tools") return undefined;
  if (top === "apps") {
    return known(imported) ? undefined : `${home} imports ${name}, which is no package; apps stand on packages alone`;
  }
  if (top !== "packages") return undefined;
  if (!known(imported)) return `${folder} imports ${name}, which is no package below it`;
  if (!known(folder)) return `${folder} has no place in the line of packages; give it one in tools/check/arrows.ts`;
  if (folder !== "backend" && neverAtRunTime.includes(name) && !isTest(path)) {
    return `${folder} imports ${name} outside of a test; it is the meaning, never a part of what runs`;
  }
  if (imported === folder) return undefined;
  if (devices.includes(imported)) return `${folder} imports ${name}; only apps choose a device backend`;
  if (devices.includes(folder)) {
    return imported === "backend" ? undefined : `${folder} imports ${name}; a device backend stands on backend alone`;
  }
  if (line.indexOf(imported) < line.indexOf(folder)) return undefined;
  return `${folder} imports ${name}, but ${imported} stands right of ${folder} in the line of packages`;
}

const known = (name: string) => line.includes(name) || devices.includes(name);
/** Tests, what they load into a browser (`*.page.ts`), benches, and the helpers of an app's tests. */
const isTest = (path: string) => /\.(test|test-d|page|bench)\.tsx?$|^apps\/[^/]+\/src\/testing\//.test(path);

export async function arrows(): Promise<string[]> {
  const paths = await trackedFiles("packages/*.ts", "packages/*.tsx", "apps/*.ts", "apps/*.tsx", "*/*/package.json");
  const files = paths.filter((path) => existsSync(join(root, path)));
  if (files.length === 0) return ["found no source files to look at"];
  return arrowViolations(files.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") })));
}
