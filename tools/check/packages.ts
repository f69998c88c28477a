import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root, run } from "./process";

interface Manifest {
  name: string;
  private?: boolean;
  license?: string;
  type?: string;
  sideEffects?: boolean;
}

/** Every package that is not private must be publishable as it stands: packed as pnpm packs it, then judged by publint and attw. */
export async function packages(): Promise<string[]> {
  const folders = ["packages", "apps"].flatMap((top) => readdirSync(join(root, top)).map((name) => `${top}/${name}`));
  const work = mkdtempSync(join(tmpdir(), "ansatz-pack-"));
  try {
    const found: string[] = [];
    const queue = folders.filter((folder) => existsSync(join(root, folder, "package.json")));
    const worker = async () => {
      for (let folder = queue.shift(); folder; folder = queue.shift()) {
        const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
        if (!manifest.private) found.push(...(await judge(folder, manifest, work)));
      }
    };
    await Promise.all([worker(), worker()]);
    return found;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function judge(folder: string, manifest: Manifest, work: string): Promise<string[]> {
  const found: string[] = [];
  const law = (holds: boolean, sentence: string) => holds || found.push(`${folder}: ${sentence}`);
  law(
    manifest.license === "MIT" && existsSync(join(root, folder, "LICENSE")),
    "needs the MIT licence, by field and file",
  );
  law(existsSync(join(root, folder, "README.md")), "needs a README.md");
  law(manifest.type === "module", `needs "type": "module"`);
  law(manifest.sideEffects === false, `needs "sideEffects": false`);

  const packed = await run("pnpm", ["--dir", folder, "pack", "--json", "--pack-destination", work]);
  if (packed.code !== 0) return [...found, `${folder}: pnpm pack failed`, ...packed.output.trim().split("\n")];
  const { filename } = JSON.parse(packed.output.slice(packed.output.indexOf("{"))) as { filename: string };
  const tarball = new Uint8Array(readFileSync(filename)).buffer;
  const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
  for (const message of messages) found.push(`${folder}: publint: ${formatMessage(message, pkg)}`);

  const attw = await run("attw", [filename, "--profile", "esm-only", "--no-emoji", "--no-color", "--format", "ascii"]);
  if (attw.code !== 0 || attw.output.includes("does not contain types"))
    found.push(`${folder}: attw:`, ...attw.output.trim().split("\n"));
  return found;
}
