import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { conformanceGroups, contractLaws, runCases } from "@ansatz/backend/conformance";
import { referenceBackend } from "@ansatz/backend/reference";
import { beforeAll, describe, expect, test } from "vitest";
import { type TfjsBackend, tfjsBackend } from "./index";

const groups = conformanceGroups({ dtypes: ["float32", "int32", "uint32", "bool", "key"] });

describe.each(["cpu", "wasm"])("the %s engine", (engine) => {
  let backend: TfjsBackend;
  beforeAll(async () => {
    await tf.setBackend(engine);
    backend = tfjsBackend(tf, { host: referenceBackend(), warn: () => {} });
  });
  test("runs, and not another one", () => expect(backend.engine).toBe(engine));
  test.each(groups)("$name", async ({ cases }) => {
    const before = tf.memory().numTensors;
    expect(await runCases(backend, cases)).toEqual([]);
    expect(tf.memory().numTensors - before).toBe(0);
  });
  test.each(contractLaws)("keeps the contract: $name", (law) => law.check(backend));
});
