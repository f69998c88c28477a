import { aval, buildProgram, core, type Op } from "@ansatz/backend";
import { conformanceGroups, contractLaws, runCases } from "@ansatz/backend/conformance";
import { erf, erfc, hostValue, referenceBackend } from "@ansatz/backend/reference";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type TfjsBackend, tfjsBackend } from "./index";
import type { Tf } from "./tf";

/*
 * A stand-in for TensorFlow's engine with the documented surface of NodeJSKernelBackend (tfjs-node 4.22): executeSingleOutput(name,
 * attributes, inputs) and the constants of its binding; ordinary ops run on tfjs-cpu. What is tested is our side: which ops are asked
 * by name, with which attributes, and that the forms chosen for an engine nobody vouches for mean what they should.
 */
const asked: { name: string; attributes: unknown[] }[] = [];
const named: { readonly [name: string]: (x: number) => number } = {
  Erfc: erfc,
  Lgamma: (x) => Math.log(Math.abs(x) + 1),
};
const mapped = (x: tf.Tensor, f: (v: number) => number): tf.Tensor =>
  tf.tensor(Float32Array.from(x.dataSync(), f), x.shape, "float32");
const standIn = {
  ...tf,
  getBackend: () => "tensorflow",
  getKernel: (name: string) => tf.getKernel(name, "cpu"),
  // TensorFlow's own Erf is accurate, which tfjs-cpu's is not.
  erf: (x: tf.Tensor) => mapped(x, erf),
  backend: () => ({
    binding: { TF_ATTR_TYPE: 3, TF_FLOAT: 1 },
    executeSingleOutput(name: string, attributes: unknown[], [x]: tf.Tensor[]) {
      asked.push({ name, attributes });
      return mapped(x, named[name]);
    },
  }),
} as unknown as Tf;

describe("an engine that calls itself tensorflow", () => {
  let backend: TfjsBackend;
  beforeAll(async () => {
    await tf.setBackend("cpu");
    backend = tfjsBackend(standIn, { host: referenceBackend(), warn: () => {} });
  });
  test.each(conformanceGroups({ dtypes: ["float32", "int32", "bool"] }))("answers $name", async ({ cases }) => {
    expect(await runCases(backend, cases, { once: true })).toEqual([]);
  });
  test.each(contractLaws)("keeps the contract: $name", (law) => law.check(backend));

  test("erfc is TensorFlow's Erfc, with the attribute T = float32", () => {
    const erfcs = asked.filter((a) => a.name === "Erfc");
    expect(erfcs.length).toBeGreaterThan(5);
    expect(erfcs[0].attributes).toEqual([{ name: "T", type: 3, value: 1 }]);
  });

  test("an extension op that names an op of TensorFlow's runs as it, and is composed on other engines", async () => {
    const lgammaLike: Op = {
      name: "lgammaLike",
      core: false,
      abstract: ([x]) => [x],
      compose: ([x]) => buildProgram([x], (e, a) => e(core.neg, {}, a)),
      kernels: { tfjs: { tensorflow: "Lgamma" } },
    };
    const x = aval([2], "float32");
    const program = buildProgram([x], (e, a) => e(lgammaLike, {}, a));
    const run = async (b: TfjsBackend): Promise<number[]> => {
      const exe = b.compile(program);
      const input = b.upload(hostValue("float32", [2], [0, 3]).data, x);
      const [out] = exe.run([input]);
      const data = [...(await b.read(out))].map(Number);
      for (const q of [input, out]) b.free(q);
      return data;
    };
    expect(await run(backend)).toEqual([0, Math.fround(Math.log(4))]);
    expect(await run(tfjsBackend(tf, { host: referenceBackend() }))).toEqual([-0, -3]);
  });
});
