// For `*.browser.test.ts`: they run in Node and drive an installed Chromium over pages served on 127.0.0.1.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { test } from "vitest";

const candidates = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The installed Chromium, or undefined; the environment variable CHROMIUM goes first. */
export const chromiumPath = candidates.find((path) => path !== undefined && existsSync(path));

/** `test` where there is a Chromium; elsewhere the test is skipped, visibly, by its name. */
export const browserTest = test.skipIf(chromiumPath === undefined);

const flags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium; `more` are further flags (those for WebGL, say), `without` takes default ones away. Close it when done. */
export async function launchChromium(more: readonly string[] = [], without: readonly string[] = []): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error("launchChromium: no Chromium found; install it or name it in CHROMIUM");
  const args = [...flags.filter((flag) => !without.includes(flag)), ...more];
  return chromium.launch({ executablePath: chromiumPath, headless: false, args });
}

/** WebGL2 in software, the same on every machine; the pages themselves are painted without it, which would leave it little time. */
export const launchWithWebGL = (more: readonly string[] = []): Promise<Browser> =>
  launchChromium(
    [
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--ignore-gpu-blocklist",
      "--disable-gpu-compositing",
      "--disable-gpu-rasterization",
      "--disable-accelerated-2d-canvas",
      ...more,
    ],
    ["--disable-gpu"],
  );

export interface Site {
  /** Address of the site's root, without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Files by path ("/", "/main.js"); they win over `folder`. */
  files?: Record<string, string | Uint8Array>;
  /** A folder to serve; a path without an extension falls back to its index.html. */
  folder?: string;
  /** Headers of every answer, such as a Content-Security-Policy. */
  headers?: Record<string, string>;
}

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** Serves files on 127.0.0.1 at a free port. */
export async function serve({ files = {}, folder, headers = {} }: SiteOptions): Promise<Site> {
  const find = (path: string): { body: string | Uint8Array; type: string } | undefined => {
    const name = path === "/" ? "/index.html" : path;
    const type = types[extname(name)] ?? (extname(name) === "" ? types[".html"] : "application/octet-stream");
    const own = files[path] ?? files[name];
    if (own !== undefined) return { body: own, type };
    if (folder === undefined) return undefined;
    const file = join(resolve(folder), normalize(name));
    if (existsSync(file) && statSync(file).isFile()) return { body: readFileSync(file), type };
    const fallback = join(folder, "index.html");
    return extname(name) === "" && existsSync(fallback) ? { body: readFileSync(fallback), type } : undefined;
  };
  const server = createServer((request, response) => {
    const found = find(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    response.writeHead(found ? 200 : 404, { "content-type": found?.type ?? "text/plain", ...headers });
    response.end(found?.body ?? "not found");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done, fail) => {
        server.close((error) => (error ? fail(error) : done()));
        server.closeAllConnections();
      }),
  };
}

/** Bundles one entry for a page or a Worker, reading the packages' sources. */
export async function bundle(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["@ansatz/source"],
    external: ["node:*"],
    write: false,
    logLevel: "silent",
  });
  return result.outputFiles[0].text;
}

/** Opens a page and remembers what went wrong on it: uncaught errors and lines of console.error. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}

/** A page that runs one bundled entry, in a browser of its own. */
export interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Bundles an entry, serves it as the only script of a page, and opens that; `launch` brings the browser. */
export async function openEntry(entry: URL, launch: () => Promise<Browser>): Promise<Opened> {
  const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;
  const site = await serve({ files: { "/": html, "/main.js": await bundle(fileURLToPath(entry)) } });
  const browser = await launch();
  const { page, errors } = await openPage(browser, site.url);
  return {
    page,
    errors,
    close: async () => {
      await browser.close();
      await site.close();
    },
  };
}
