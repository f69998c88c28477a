import { aval, buildProgram, core, type Op, type TensorFlowKernel } from "@ansatz/backend";
import { conformanceGroups, contractLaws, runCases } from "@ansatz/backend/conformance";
import { erf, erfc, hostValue, referenceBackend } from "@ansatz/backend/reference";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type TfjsBackend, tfjsBackend } from "./index";
import { loadTf } from "./node";
import type { Tf } from "./tf";

/*
 * A stand-in for TensorFlow's engine with the documented surface of NodeJSKernelBackend (tfjs-node 4.22): executeSingleOutput(name,
 * attributes, inputs) and the constants of its binding; ordinary ops run on tfjs-cpu. What is tested is our side: which ops are asked
 * by name, with which attributes, and that the forms chosen for an engine nobody vouches for mean what they should.
 */
const asked: { name: string; attributes: unknown[] }[] = [];
const named: { readonly [name: string]: (x: number) => number } = {
  Erfc: (x) => erfc(x),
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
    binding: { TF_ATTR_TYPE: 3, TF_ATTR_BOOL: 4, TF_FLOAT: 1, TF_INT32: 2 },
    executeSingleOutput(name: string, attributes: unknown[], [x]: tf.Tensor[]) {
      asked.push({ name, attributes });
      if (name === "Lgamma" && x.dataSync().some((v) => v < 0)) throw new Error("Invalid TF_Status: 3");
      return mapped(x, named[name]);
    },
    executeMultipleOutputs(name: string, attributes: unknown[], [x]: tf.Tensor[], results: number) {
      asked.push({ name, attributes });
      return Array.from({ length: results }, (_, k) => mapped(x, (v) => v + k));
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

  const asOp = (name: string, more: Partial<Op>): Op => ({
    name,
    core: false,
    abstract: ([x]) => [x],
    ...more,
  });
  const ran = async (op: Op, values: number[]): Promise<number[][]> => {
    const x = aval([values.length], "float32");
    const exe = backend.compile(buildProgram([x], (e, a) => e(op, {}, a)));
    const input = backend.upload(hostValue("float32", [values.length], values).data, x);
    const outs = exe.run([input]);
    const data: number[][] = [];
    for (const o of outs) data.push([...(await backend.read(o))].map(Number));
    for (const q of [input, ...outs]) backend.free(q);
    return data;
  };

  test("attributes of bools and types are written as the binding wants them, and results beyond the op's are dropped", async () => {
    const kernel: TensorFlowKernel = {
      tensorflow: "Twins",
      attributes: () => ({ T: "float32", Tout: "int32", full: true }),
      results: 3,
    };
    const before = tf.memory().numTensors;
    const twins = asOp("twins", { abstract: ([x]) => [x, x], kernels: { tfjs: kernel } });
    expect(await ran(twins, [1, 2])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(asked.at(-1)).toEqual({
      name: "Twins",
      attributes: [
        { name: "T", type: 3, value: 1 },
        { name: "Tout", type: 3, value: 2 },
        { name: "full", type: 4, value: true },
      ],
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("where TensorFlow reports an error the op's host answers, and that is counted; without one the error is read", async () => {
    const kernels = { tfjs: { tensorflow: "Lgamma" } };
    const guarded = asOp("guarded", { kernels, host: ([x]) => [x.data.slice()] });
    expect(await ran(guarded, [-5, 2])).toEqual([[-5, 2]]);
    expect(backend.counts().fallbacks.guarded).toBe(1);
    await expect(ran(asOp("bare", { kernels }), [-5, 2])).rejects.toThrow(/bare.*TF_Status: 3/);
  });

  test("a kernel that composes is what the op becomes on this engine alone", async () => {
    const x = aval([2], "float32");
    const body = (op: typeof core.neg) => () => buildProgram([x], (e, a) => e(op, {}, a));
    const op = asOp("two-faced", { compose: body(core.abs), kernels: { tfjs: { compose: body(core.neg) } } });
    expect(await ran(op, [1, -3])).toEqual([[-1, 3]]);
    const program = buildProgram([x], (e, a) => e(op, {}, a));
    expect(backend.explain(program)).toMatch(/device {2}neg/);
    expect(tfjsBackend(tf, { host: referenceBackend() }).explain(program)).toMatch(/device {2}abs/);
  });
});

const addon = await loadTf({ packages: ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] }).catch(() => undefined);

describe.skipIf(addon === undefined)("TensorFlow itself, where its addon loads", () => {
  let backend: TfjsBackend;
  beforeAll(async () => {
    // All copies of TensorFlow.js in a process share one engine.
    await addon?.tf.setBackend("tensorflow");
    backend = tfjsBackend(addon?.tf as Tf, { host: referenceBackend(), warn: () => {} });
  });
  test.each(conformanceGroups({ dtypes: ["float32", "int32", "bool"] }))("answers $name", async ({ cases }) => {
    // TensorFlow's threads flush subnormal numbers to zero.
    expect(await runCases(backend, cases, { once: true, subnormals: false })).toEqual([]);
  });
  test.each(contractLaws)("keeps the contract: $name", (law) => law.check(backend));
});
