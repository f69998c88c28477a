import { referenceBackend } from "@ansatz/backend/reference";
import { tfjsBackend } from "@ansatz/backend-tfjs";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { expect, test } from "vitest";
import { type LoopCosts, loopCosts } from "./loops";
import { tensorflowStandIn } from "./tensorflow-stand-in";

test("loops cost what docs/backends.md says on the engines that run in Node (vitest -u writes it)", {
  timeout: 120_000,
}, async () => {
  const costs: Record<string, LoopCosts> = {};
  const on = (module: typeof tf) => loopCosts((warn) => tfjsBackend(module, { host: referenceBackend(), warn }));
  for (const engine of ["wasm", "cpu"]) {
    await tf.setBackend(engine);
    costs[`tfjs ${engine}`] = await on(tf);
  }
  costs["tfjs on TensorFlow (CUDA)"] = await on(tensorflowStandIn((f) => f()).module);
  await expect(`${JSON.stringify(costs, null, 2)}\n`).toMatchFileSnapshot("../loops-in-node.json");
  for (const engine of Object.values(costs))
    for (const [name, c] of Object.entries(engine)) {
      expect(c.warnings, name).toBe(Number(name.includes("sort")));
      expect(c.fallbacks, name).toBe(name.includes("sort") ? 100 : 0);
      if (name.includes("1,000")) expect(c.reads, name).toBe(0);
    }
});
