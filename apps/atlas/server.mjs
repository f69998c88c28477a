// Serves the built atlas: node server.mjs [--port 4173] [--host 127.0.0.1]. Plain Node, no dependency.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { headers } from "./headers.mjs";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".ttf": "font/ttf",
};
const { values } = parseArgs({
  options: { port: { type: "string", default: "4173" }, host: { type: "string", default: "127.0.0.1" } },
});
const dist = fileURLToPath(new URL("./dist", import.meta.url));

/** The file for a path; a path without an extension that is no file gets the application itself. */
async function find(path) {
  const file = join(dist, normalize(path));
  if (file !== dist && !file.startsWith(dist + sep)) return undefined;
  for (const name of extname(path) ? [file] : [join(file, "index.html"), join(dist, "index.html")]) {
    const info = await stat(name).catch(() => undefined);
    if (info?.isFile()) return { name, size: info.size };
  }
  return undefined;
}

const server = createServer(async (request, response) => {
  let path;
  try {
    path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
  } catch {
    response.writeHead(400, headers).end("bad address");
    return;
  }
  const found = await find(path);
  if (!found) {
    response.writeHead(404, { ...headers, "content-type": "text/plain" }).end(`not found: ${path}`);
    return;
  }
  const type = types[extname(found.name)] ?? "application/octet-stream";
  const cache = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  response.writeHead(200, { ...headers, "content-type": type, "content-length": found.size, "cache-control": cache });
  if (request.method === "HEAD") response.end();
  else createReadStream(found.name).pipe(response);
});

let port = Number(values.port);
server.on("error", (error) => {
  if (error.code === "EADDRINUSE" && port < Number(values.port) + 20) server.listen(++port, values.host);
  else {
    console.error(`atlas: cannot serve on ${values.host}:${port}: ${error.message}; try --port`);
    process.exitCode = 1;
  }
});
server.on("listening", () => console.log(`The atlas is open at http://${values.host}:${port}/  (Ctrl+C to close)`));
server.listen(port, values.host);
