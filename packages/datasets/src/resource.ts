import { AnsatzError } from "@ansatz/backend";

interface NodeProcess {
  getBuiltinModule?(name: "node:fs/promises"): { readFile(path: URL): Promise<Uint8Array<ArrayBuffer>> } | undefined;
}

/** The bytes at a URL: read from the disk in Node (which cannot fetch file: URLs), fetched everywhere else. */
export const loadBytes = async (who: string, url: URL, advice?: string): Promise<Uint8Array<ArrayBuffer>> => {
  if (url.protocol === "file:") {
    // No import of node:fs: bundlers for browsers would stumble over it.
    const fs = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.("node:fs/promises");
    if (!fs) throw new AnsatzError("unavailable", who, "file: URLs are only read in Node", { url: url.href }, advice);
    try {
      return await fs.readFile(url);
    } catch (error) {
      throw new AnsatzError("unavailable", who, (error as Error).message, undefined, advice);
    }
  }
  const response = await fetch(url).catch((error: Error) => {
    throw new AnsatzError("unavailable", who, `the request failed: ${error.message}`, { url: url.href }, advice);
  });
  if (!response.ok)
    throw new AnsatzError("unavailable", who, "the server refused", { url: url.href, status: response.status }, advice);
  return new Uint8Array(await response.arrayBuffer());
};
