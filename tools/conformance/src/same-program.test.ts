import { tfjsBackend } from "@ansatz/backend-tfjs";
import { loadTf } from "@ansatz/backend-tfjs/node";
import { wasmBackend } from "@ansatz/backend-wasm";
import { useBackend } from "@ansatz/tensor";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, expect, test } from "vitest";
import { differences, type Results, sameProgram } from "./same-program";

let expected: Results;
beforeAll(async () => {
  useBackend(wasmBackend());
  expected = await sameProgram();
});

test("on wasm it does what it should: JAX's first draw, a falling loss", () => {
  expect(expected.exact.uniform[0]).toBeCloseTo(0.947667, 6);
  expect(expected.near.losses).toHaveLength(12);
  expect(expected.near.losses[11]).toBeLessThan(0.8 * expected.near.losses[0]);
  expect(expected.near.until[0]).toBeGreaterThan(30);
});

test.each(["cpu", "wasm"])(
  "the same program gives the same numbers on the %s engine of TensorFlow.js",
  async (engine) => {
    await tf.setBackend(engine);
    useBackend(tfjsBackend(tf, { host: wasmBackend(), warn: () => {} }));
    expect(differences(await sameProgram(), expected)).toEqual([]);
  },
);

const addon = await loadTf({ packages: ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] }).catch(() => undefined);
test.skipIf(addon === undefined)("and on TensorFlow itself, where its addon loads", async () => {
  await addon?.tf.setBackend("tensorflow");
  useBackend(tfjsBackend(addon?.tf as typeof tf, { host: wasmBackend(), warn: () => {} }));
  expect(differences(await sameProgram(), expected)).toEqual([]);
});
