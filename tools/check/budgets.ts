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
}

/** Add a row to hold an entry to a size. */
const table: Budget[] = [
  // The goal is 35 (docs/decisions/2026-11-21-bundle-size.md says what is in the way); this is where it stands.
  { name: "the first example of README.md", code: readmeExample(), kB: 53 },
  // Ops nobody reaches must not come along.
  {
    name: "one core op",
    code: 'import * as core from "@ansatz/backend/core";\nimport { aval } from "@ansatz/backend";\nconsole.log(core.add, aval);',
    kB: 1,
  },
  // The goal is 70.
  { name: "all of tensor, autodiff and backend-wasm", code: everything("tensor", "autodiff", "backend-wasm"), kB: 115 },
];

function readmeExample(): string {
  const [first] = codeBlocks(readFileSync(join(root, "README.md"), "utf8"));
  return first?.code ?? "";
}

function everything(...names: string[]): string {
  const imports = names.map((name, i) => `import * as p${i} from "@ansatz/${name}";`);
  return `${imports.join("\n")}\nglobalThis.kept = [${names.map((_, i) => `p${i}`).join(", ")}];`;
}

/** Minified and gzipped bytes of a module that imports built packages as a user's bundler would. */
export async function bundledBytes(code: string): Promise<{ minified: number; gzipped: number }> {
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
  const bytes = bundle.outputFiles[0].contents;
  return { minified: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}

/** Bundle sizes of the built packages against their budgets. */
export async function budgets(): Promise<string[]> {
  if (!existsSync(join(root, "packages/tensor/dist"))) return ["packages/tensor/dist is missing: run the build first"];
  const found: string[] = [];
  for (const { name, code, kB } of table) {
    if (code.trim() === "") {
      found.push(`${name}: there is no code to measure`);
      continue;
    }
    const { minified, gzipped } = await bundledBytes(code);
    const size = `${name}: ${(gzipped / 1000).toFixed(1)} kB gzipped, ${(minified / 1000).toFixed(1)} kB minified`;
    if (gzipped > kB * 1000) found.push(`${size}; the budget is ${kB} kB`);
    else console.log(`  ${size} (budget ${kB} kB)`);
  }
  return found;
}
