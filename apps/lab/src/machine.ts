import { arch, cpus, platform, totalmem } from "node:os";

/** What a measurement should name. */
export const machine = (): Readonly<Record<string, string | number>> => ({
  node: process.versions.node,
  platform: `${platform()} ${arch()}`,
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
});
