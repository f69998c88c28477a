import { type Aval, type Equation, sizeOf } from "@ansatz/backend";
import type { Engine } from "../engine";
import { contractions } from "./contractions";
import { elementwise } from "./elementwise";
import { indexing } from "./indexing";
import { type Kernel, reshape, storedShape, type Table } from "./kernel";
import { movement } from "./movement";
import { reductions } from "./reductions";

export const kernelsOf = (engine: Engine): Table => ({
  ...elementwise(engine),
  ...mapTable(engine.name === "cpu" ? (k) => k : boolsAsFloats, { ...movement, ...indexing }),
  ...reductions(engine),
  ...contractions,
});

const mapTable = (f: (k: Kernel) => Kernel, table: Table): Table =>
  Object.fromEntries(Object.entries(table).map(([name, k]) => [name, f(k)]));

/** Kernels that move elements are written for four bytes on some engines (tfjs-wasm overruns a bool's memory): bools go as floats. */
const boolsAsFloats = (k: Kernel): Kernel => ({
  ...k,
  run(c) {
    if (c.outs[0].dtype !== "bool") return k.run(c);
    const ins = c.ins.map((x) => (x.dtype === "bool" ? c.tf.cast(x, "float32") : x));
    const avals = c.avals.map((a) => (a.dtype === "bool" ? { ...a, dtype: "float32" as const } : a));
    const y = k.run({ ...c, ins, avals });
    return c.tf.cast(reshape(c.tf, y, storedShape(c.outs[0].shape)), "bool");
  },
});

/** The dtypes that live on the device; integers and keys live on the host, where they are exact on every engine. */
export const onDevice = (a: Aval): boolean => a.dtype === "float32" || a.dtype === "bool";

const makesIndices = (op: string): boolean => op === "argmax" || op === "argmin";

/** The kernel that answers an equation on this engine, or undefined where the host does. */
export const kernelFor = (engine: Engine, table: Table, eq: Equation): Kernel | undefined => {
  if (!eq.op.core || eq.outputs.length !== 1) return undefined;
  const kernel = Object.hasOwn(table, eq.op.name) ? table[eq.op.name] : undefined;
  if (!kernel) return undefined;
  const avals = eq.inputs.map((a) => a.aval);
  const out = eq.outputs[0].aval;
  const device = avals.every((a, i) => onDevice(a) || kernel.host?.(i)) && (onDevice(out) || makesIndices(eq.op.name));
  // Engines differ on tensors without elements; they cost the host nothing.
  if (!device || [...avals, out].some((a) => sizeOf(a.shape) === 0)) return undefined;
  return (kernel.accepts?.(avals, eq.params, engine) ?? true) ? kernel : undefined;
};

export type Answer = "native" | "composed" | "host";

/** How an equation is answered: by the engine's own op, by several of them, or on the host. `engine` may be a name: it need not run here. */
export const tfjsAnswer = (engine: Engine | "cpu" | "wasm" | "webgl" | "tensorflow", eq: Equation): Answer => {
  const e = typeof engine === "string" ? described(engine) : engine;
  return kernelFor(e, kernelsOf(e), eq)?.form ?? "host";
};

/** What is known of an engine without running it. */
const described = (name: string): Engine => {
  const never = (): never => {
    throw new Error(`${name} does not run here`);
  };
  return {
    tf: undefined as never,
    name,
    has: () => true,
    ...(name === "webgl" && { fragment: never }),
    ...(name === "tensorflow" && { native: never }),
  };
};
