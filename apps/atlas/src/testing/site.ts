// For the browser tests of the atlas: the site as it is built and served, opened in Chromium.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { build } from "vite";
import { launchChromium, type Site, serve } from "../../../../tools/browser";
import { headers } from "../../headers.mjs";

const atlas = resolve(import.meta.dirname, "../..");
const packages = resolve(atlas, "../../packages");
const outDir = join(atlas, "node_modules/.cache/atlas-test");

const newest = (path: string): number => {
  if (!existsSync(path)) return 0;
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
};

/** Builds the atlas, unless the last build is newer than every source; gives the folder. */
export async function builtAtlas(): Promise<string> {
  const sources = [
    ...["src", "public", "index.html", "vite.config.ts"].map((name) => join(atlas, name)),
    ...readdirSync(packages).map((name) => join(packages, name, "src")),
  ];
  const built = existsSync(join(outDir, "index.html")) ? statSync(join(outDir, "index.html")).mtimeMs : 0;
  if (Math.max(...sources.map(newest)) > built)
    await build({
      root: atlas,
      configFile: join(atlas, "vite.config.ts"),
      logLevel: "error",
      build: { outDir, emptyOutDir: true },
    });
  return outDir;
}

export interface Visit {
  readonly page: Page;
  readonly url: string;
  /** Uncaught errors and console errors so far. */
  readonly errors: string[];
}

/** The atlas in a browser: `visit` opens a path in a context of its own, and closes the one before (its page would go on animating). */
export interface Atlas {
  visit(path: string, options?: BrowserContextOptions): Promise<Visit>;
  close(): Promise<void>;
}

/** Serves the built atlas under its own policy, or another, and starts a browser. */
export async function openAtlas(served: Record<string, string> = headers, launch = launchChromium): Promise<Atlas> {
  const site: Site = await serve({ folder: await builtAtlas(), headers: served });
  const browser: Browser = await launch();
  let context: BrowserContext | undefined;
  return {
    async visit(path, options = {}) {
      await context?.close();
      context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      await page.goto(site.url + path);
      return { page, url: site.url, errors };
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeNode {
  target: string[];
  failureSummary?: string;
}
interface AxeViolation {
  id: string;
  impact?: string | null;
  nodes: AxeNode[];
}

/** Serious and critical violations that axe-core finds, one line each. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // Evaluated through the debugger, so the page's policy against text as script does not forbid it.
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } };
    return (await axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`));
}
