import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { codeBlocks } from "../examples/extract";
import { root } from "./process";

interface Budget {
  name: string;
  /** What a user would write; it may import any package. */
  code: string;
  /** Upper bound on the minified, gzipped bundle, in kB (1000 bytes), everything it reaches included. */
  kB: number;
  /** Strings of code that must be in the bundle, and such as must not: the names of ops and functions as errors speak of them. */
  has?: readonly string[];
  lacks?: readonly string[];
}

/** Add a row to hold an entry to a size, and to what it brings. */
const table: Budget[] = [
  // The goal is 35 (docs/decisions/2026-11-21-bundle-size.md says what is in the way); this is where it stands.
  {
    name: "the first example of README.md",
    code: readmeExample(),
    kB: 55,
    has: ["exp", "reduceSum", "vmap"],
    lacks: ["tree.unflatten", "gather", "dotGeneral", "sort", "threefry", "nanmax"],
  },
  {
    name: "an eager op",
    code: 'import { exp } from "@ansatz/tensor";\nconsole.log(exp([1, 2]).toString());',
    kB: 47.4,
    lacks: ["vmap", "partial evaluation"],
  },
  // Factorizations that nobody reaches must not come along.
  {
    name: "solve of linalg",
    code: 'import { solve } from "@ansatz/linalg";\nconsole.log(solve);',
    kB: 69.8,
    has: ["lu"],
    lacks: ["svd", "eigh", "qr", "schur"],
  },
  {
    name: "svd of linalg",
    code: 'import { svd } from "@ansatz/linalg";\nconsole.log(svd);',
    kB: 72.3,
    has: ["svd"],
    lacks: ["schur"],
  },
  // Ops nobody reaches must not come along.
  {
    name: "one core op",
    code: 'import * as core from "@ansatz/backend/core";\nimport { aval } from "@ansatz/backend";\nconsole.log(core.add, aval);',
    kB: 1,
  },
  // The goal is 70.
  {
    name: "all of tensor, autodiff and backend-wasm",
    code: everything("tensor", "autodiff", "backend-wasm"),
    kB: 141.2,
  },
];

function readmeExample(): string {
  const [first] = codeBlocks(readFileSync(join(root, "README.md"), "utf8"));
  return first?.code ?? "";
}

function everything(...names: string[]): string {
  const imports = names.map((name, i) => `import * as p${i} from "@ansatz/${name}";`);
  return `${imports.join("\n")}\nglobalThis.kept = [${names.map((_, i) => `p${i}`).join(", ")}];`;
}

/** A module with the built packages it imports, as a user's bundler would put them together: minified text, its bytes, and those gzipped. */
async function bundled(code: string): Promise<{ text: string; minified: number; gzipped: number }> {
  const bundle = await build({
    stdin: { contents: code, resolveDir: join(root, "apps/atlas"), loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    write: false,
    logLevel: "silent",
    external: ["node:*"],
  });
  const { contents: bytes, text } = bundle.outputFiles[0];
  return { text, minified: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}

/** Bundle sizes of the built packages against their budgets. */
export async function budgets(): Promise<string[]> {
  if (!existsSync(join(root, "packages/tensor/dist"))) return ["packages/tensor/dist is missing: run the build first"];
  const found: string[] = [];
  for (const { name, code, kB, has = [], lacks = [] } of table) {
    if (code.trim() === "") {
      found.push(`${name}: there is no code to measure`);
      continue;
    }
    const { text, minified, gzipped } = await bundled(code);
    for (const s of has) if (!text.includes(`"${s}"`)) found.push(`${name}: its bundle has no "${s}"`);
    for (const s of lacks) if (text.includes(`"${s}"`)) found.push(`${name}: its bundle brings "${s}"`);
    const size = `${name}: ${(gzipped / 1000).toFixed(1)} kB gzipped, ${(minified / 1000).toFixed(1)} kB minified`;
    if (gzipped > kB * 1000) found.push(`${size}; the budget is ${kB} kB`);
    else console.log(`  ${size} (budget ${kB} kB)`);
  }
  return found;
}
