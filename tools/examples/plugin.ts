import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";
import { codeBlocks, docExamples, freeNames } from "./extract.ts";

const root = resolve(import.meta.dirname, "../..");
const list = "virtual:examples";

interface Runnable {
  name: string;
  module: string;
}

/**
 * Serves every example of the documentation as a module: `virtual:examples` lists them. A block of a README stands on its
 * own; an `@example` may use the exports of its package and of that package's dependencies without importing them.
 */
export function examplesPlugin(): Plugin {
  let all: Runnable[] = [];
  return {
    name: "ansatz-examples",
    enforce: "pre",
    buildStart() {
      all = collect();
    },
    resolveId(id, importer) {
      if (id === list || id.startsWith(`${list}/`)) return id;
      return importer?.startsWith(list) ? sourceOf(id) : undefined;
    },
    load(id) {
      if (id === list) {
        const rows = all.map((e, i) => `{ name: ${JSON.stringify(e.name)}, run: () => import("${list}/${i}.ts") }`);
        return `export const examples = [${rows.join(",\n")}];`;
      }
      return id.startsWith(`${list}/`) ? all[Number.parseInt(id.slice(list.length + 1), 10)].module : undefined;
    },
  };
}

function collect(): Runnable[] {
  const found: Runnable[] = [];
  const readme = (path: string) => {
    if (!existsSync(join(root, path))) return;
    for (const { code, line } of codeBlocks(readFileSync(join(root, path), "utf8"))) {
      found.push({ name: `${path}:${line}`, module: code });
    }
  };
  readme("README.md");
  for (const folder of readdirSync(join(root, "packages"))) {
    if (!existsSync(join(root, "packages", folder, "package.json"))) continue;
    readme(`packages/${folder}/README.md`);
    const files = readdirSync(join(root, "packages", folder, "src"), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((f) => /\.tsx?$/.test(f) && !/\.(test|test-d|bench)\.tsx?$/.test(f)).sort()) {
      const path = `packages/${folder}/src/${file}`;
      for (const { code, line } of docExamples(readFileSync(join(root, path), "utf8"))) {
        found.push({ name: `${path}:${line}`, module: withScope(folder, code) });
      }
    }
  }
  return found;
}

/** The code after imports for the names it uses without declaring them, out of its own package and that package's dependencies. */
function withScope(folder: string, code: string): string {
  const names = freeNames(code).filter((name) => !(name in globalThis));
  if (names.length === 0) return code;
  const { dependencies = {} } = manifestOf(folder) as { dependencies?: Record<string, string> };
  const packages = [...Object.keys(dependencies).filter((name) => name.startsWith("@ansatz/")), `@ansatz/${folder}`];
  return [
    ...packages.map((name, i) => `import * as scope_${i} from "${name}";`),
    `const scope_ = { ${packages.map((_, i) => `...scope_${i}`).join(", ")} };`,
    `for (const name of ${JSON.stringify(names)}) {`,
    `  if (!(name in scope_)) throw new ReferenceError(name + " is declared neither in the example nor in ${packages.join(", ")}");`,
    "}",
    `const { ${names.join(", ")} } = scope_;`,
    code,
  ].join("\n");
}

function manifestOf(folder: string): unknown {
  return JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
}

/** The source file behind a package's name, since the root itself depends on no package. */
function sourceOf(specifier: string): string | undefined {
  const [, folder, subpath = ""] = /^@ansatz\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
  if (folder === undefined || !existsSync(join(root, "packages", folder, "package.json"))) return undefined;
  const { exports } = manifestOf(folder) as { exports: Record<string, Record<string, string>> };
  const source = exports[`.${subpath}`]?.["@ansatz/source"];
  return source && join(root, "packages", folder, source);
}
