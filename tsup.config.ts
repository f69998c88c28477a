import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { pureCalls } from "./tools/build/pure";

// One configuration for every package: its entries are what its package.json exports from src, and its bins.
type Exports = Record<string, string | { "@ansatz/source"?: string }>;
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  name: string;
  exports?: Exports;
  bin?: Record<string, string>;
};

const entries: Record<string, string> = {};
for (const target of Object.values(manifest.exports ?? {})) {
  const source = typeof target === "string" ? undefined : target["@ansatz/source"];
  if (source) entries[source.slice("./src/".length, -".ts".length)] = source;
}
const library = { ...entries };
for (const file of Object.values(manifest.bin ?? {})) {
  const name = file.slice("./dist/".length, -".js".length);
  entries[name] = `./src/${name}.ts`;
}

export default defineConfig({
  entry: entries,
  // What a package imports by its own name stays an import.
  external: [manifest.name],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  dts: { entry: library },
  splitting: true,
  sourcemap: true,
  treeshake: false,
  esbuildPlugins: [pureCalls()],
  clean: true,
  silent: true,
});
