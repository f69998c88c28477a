import { aval, buildProgram, core } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test, vi } from "vitest";
import { explainFailure, loadTf, packages, shimUtil, tfjsNodeBackend } from "./node";

const failing = (errors: Record<string, unknown>) => async (name: string) => {
  if (name in errors) throw errors[name];
  return import(/* @vite-ignore */ name);
};
const missing = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}'`), { code: "ERR_MODULE_NOT_FOUND" });

describe("loading", () => {
  test("goes down the list and says why the better ones do not run", async () => {
    const loaded = await loadTf({
      load: failing({
        "@tensorflow/tfjs-node-gpu": new Error("libcudart.so.11.0: cannot open shared object file"),
        "@tensorflow/tfjs-node": new Error(
          "The Node.js native addon module (tfjs_binding.node) can not be found at path: x",
        ),
      }),
    });
    expect(loaded.attempts.map((a) => [a.package, a.ok])).toEqual(packages.map((p, i) => [p, i === 2]));
    expect(loaded.attempts[0].reason).toMatch(/CUDA 11\.2 and cuDNN 8\.1/);
    expect(loaded.attempts[1].reason).toMatch(/npm rebuild @tensorflow\/tfjs-node/);
    expect(["wasm", "cpu"]).toContain(loaded.engine);
  });
  test("as installed here, ends with an engine whatever the native packages do", { timeout: 60_000 }, async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const backend = await tfjsNodeBackend({ host: referenceBackend() });
    expect(warn.mock.calls.filter(([line]) => /already registered/.test(String(line)))).toEqual([]);
    warn.mockRestore();
    expect(backend.attempts.at(-1)?.ok).toBe(true);
    for (const a of backend.attempts.slice(0, -1)) expect(a.reason.length).toBeGreaterThan(10);
    const x = aval([3], "float32");
    const exe = backend.compile(buildProgram([x], (emit, a) => emit(core.mul, {}, a, a)));
    const input = backend.upload(Float32Array.of(1, 2, 3), x);
    const [out] = exe.run([input]);
    expect([...(await backend.read(out))]).toEqual([1, 4, 9]);
    for (const b of [input, out]) backend.free(b);
  });
  test("an engine that TensorFlow runs without CUDA is reported as such", async () => {
    const standIn = {
      ...tf,
      ready: async () => {},
      getBackend: () => "tensorflow",
      backend: () => ({ isUsingGpuDevice: false }),
    };
    const { engine, attempts } = await loadTf({ load: async () => standIn });
    expect(engine).toBe("tensorflow on the CPU");
    expect(attempts[0].reason).toMatch(/no CUDA device/);
  });
  test("if nothing loads, one error lists every attempt", async () => {
    const load = async (name: string) => {
      throw missing(name);
    };
    await expect(loadTf({ load })).rejects.toThrow(
      /tfjs-node-gpu: not installed[\s\S]*tfjs-node: not installed[\s\S]*tfjs: not installed/,
    );
  });
});

test("Node 23 without util.isNullOrUndefined and util.isArray gets both back", () => {
  const util: { isNullOrUndefined?: (x: unknown) => boolean; isArray?: (x: unknown) => boolean } = {};
  shimUtil(util);
  expect([null, undefined, 0].map((x) => util.isNullOrUndefined?.(x))).toEqual([true, true, false]);
  expect(util.isArray?.([])).toBe(true);
  const own = { isNullOrUndefined: () => true, isArray: () => false };
  shimUtil(own);
  expect(own.isArray()).toBe(false);
});

test("failures are told apart", () => {
  expect(explainFailure("p", new TypeError("util_1.isNullOrUndefined is not a function"))).toMatch(
    /does not run on Node/,
  );
  expect(explainFailure("p", new Error("libtensorflow.so.2: cannot open"))).toMatch(/libtensorflow/);
  const dependency = missing("@mapbox/node-pre-gyp");
  expect(explainFailure("@tensorflow/tfjs-node", dependency)).toMatch(/Cannot find package '@mapbox/);
});
