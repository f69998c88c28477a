import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

// Two packed copies of this package, as two dependencies of one application would bring them.
const slot = Symbol.for("@ansatz/tensor");
const entry = fileURLToPath(new URL("../index.ts", import.meta.url));
let folder = "";
const globals = globalThis as unknown as Record<symbol, unknown>;
const own = globals[slot];

const pack = async (name: string): Promise<string> => {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    conditions: ["@ansatz/source"],
    logLevel: "error",
  });
  return pathToFileURL(outfile).href;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ansatz-"));
  delete globals[slot];
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  globals[slot] = own;
});

test("a second copy adopts the first: tensors, transforms and backends are shared", async () => {
  const a = (await import(await pack("a"))) as typeof import("../index");
  const b = (await import(await pack("b"))) as typeof import("../index");
  expect(a.Tensor).not.toBe(b.Tensor);
  const x = a.add(a.tensor([1, 2]), 1);
  expect(b.isTensor(x)).toBe(true);
  expect(b.mul(x, a.tensor(2)).toArray()).toEqual([4, 6]);
  const f = a.jit((y) => b.sum(b.mul(y, x)));
  expect(f([1, 1]).item()).toBe(5);
  expect(
    b
      .vmap((y) => a.exp(y))(x)
      .toArray(),
  ).toEqual([Math.exp(2), Math.exp(3)]);
  expect(b.tree.map((l) => a.mul(l as never, 2), { x }).x.toArray()).toEqual([4, 6]);
}, 60_000);

test("a copy of another protocol is refused, and both are named", async () => {
  globals[slot] = { protocol: 0, version: "0.0.9" };
  await expect(import(await pack("c"))).rejects.toThrow(
    /two copies.*0\.0\.9 \(protocol 0\) and 0\.1\.0 \(protocol 1\).*npm ls @ansatz\/tensor/,
  );
}, 60_000);
