import { readdirSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";
import { headers } from "./headers.mjs";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folders = (path: string): string[] =>
  readdirSync(at(path), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** Writes index.html once per page, so that a static host without a fallback rule answers deep links too. */
const deepLinks = (): Plugin => {
  let outDir = at("dist");
  return {
    name: "atlas:deep-links",
    apply: "build",
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      for (const chapter of folders("src/pages"))
        for (const slug of folders(`src/pages/${chapter}`)) {
          const page = resolve(outDir, chapter, slug);
          await mkdir(page, { recursive: true });
          await copyFile(resolve(outDir, "index.html"), resolve(page, "index.html"));
        }
    },
  };
};

export default defineConfig({
  root: at("."),
  plugins: [deepLinks()],
  resolve: {
    // The packages' sources: the atlas needs no build of theirs, and what a page shows is what it runs.
    conditions: ["@ansatz/source", ...defaultClientConditions],
    alias: { "#experiments": at("../../packages/experiments/src") },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  preview: { headers },
});
