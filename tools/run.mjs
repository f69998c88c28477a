// npm start, npm test and their siblings: plain Node, so that they work before anything is installed.
// Each installs what it needs (pnpm by npx, at the version of `packageManager`), builds what is stale, and runs.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

function pnpm(...args) {
  const windows = process.platform === "win32";
  const { status, error } = spawnSync("npx", ["--yes", packageManager, ...args], {
    cwd: root,
    stdio: "inherit",
    env,
    shell: windows,
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const install = () => pnpm("install", "--prefer-offline", "--reporter=append-only", "--loglevel=warn");
const build = (...filter) => pnpm("exec", "turbo", "run", "build", "--no-update-notifier", ...filter);
const source = ["exec", "node", "--conditions=@ansatz/source", "--import", "tsx"];

const commands = {
  // The atlas is bundled from the packages' sources: there is nothing to build before it.
  start: (args) => pnpm("--filter", "@ansatz/atlas", "start", ...args),
  test: (args) => pnpm(...source, "tools/check/main.ts", ...args),
  build: (args) => build(...args),
  docs: (args) => pnpm("exec", "typedoc", ...args),
  bench(args) {
    build("--filter=@ansatz/bench^...");
    pnpm("--filter", "@ansatz/bench", "bench", ...args);
  },
  conformance: (args) => pnpm(...source, "tools/conformance/src/main.ts", ...args),
  lab(args) {
    build("--filter=@ansatz/lab");
    pnpm("exec", "node", "apps/lab/dist/cli.js", ...args);
  },
};

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, name)) {
  console.error(`run: no command ${name}; there are ${Object.keys(commands).join(", ")}`);
  process.exit(2);
}
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Ansatz needs Node 20.19 or newer, this is ${process.versions.node}`);
  process.exit(2);
}
install();
commands[name](args);
