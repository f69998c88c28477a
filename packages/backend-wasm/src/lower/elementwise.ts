import { bytesPer, type DType } from "@ansatz/backend";
import * as core from "@ansatz/backend/core";
import type { Rule } from "./rule";
import { constant, pointwise, type Random, type Value, whole } from "./value";

/** Every elementwise op is a node of its own name; what the names mean is the emitter's affair. */
const elementwise: Rule = (_, __, args, eq) => {
  const { dtype, shape } = eq.outputs[0].aval;
  return [pointwise(eq.op.name, dtype, shape, ...args)];
};

const convert: Rule = (_, { dtype }, [x]) => [x.dtype === dtype ? x : pointwise("convert", dtype as DType, x.shape, x)];

/** Same width: a node. Another width: the same bytes in memory under another name. */
const bitcast: Rule = (l, _, [x], eq) => {
  const { dtype, shape } = eq.outputs[0].aval;
  if (dtype === x.dtype) return [x];
  if (bytesPer[dtype] === bytesPer[x.dtype]) return [pointwise("bitcast", dtype, shape, x)];
  return [whole(l.contiguous(x).buffer, dtype, shape)];
};

const iota: Rule = (_, params, __, eq) => {
  const { dtype, shape } = eq.outputs[0].aval;
  const index: Value = { kind: "coordinate", dtype: "int32", shape, axis: params.axis as number };
  return [dtype === "int32" ? index : pointwise("convert", dtype, shape, pointwise("convert", "uint32", shape, index))];
};

const split: Rule = (_, __, [key], eq) => [{ kind: "random", words: "key", key, ...eq.outputs[0].aval }];

const bits: Rule = (l, params, [key], eq) => {
  const out = eq.outputs.map(
    (o, i): Random => ({
      kind: "random",
      words: params.width === 32 ? "xor" : i === 0 ? "first" : "second",
      key,
      ...o.aval,
    }),
  );
  if (out.length === 2 && eq.outputs.every((v) => l.isRead(v))) [out[0].twin, out[1].twin] = [out[1], out[0]];
  return out;
};

const foldIn: Rule = (_, __, [key, data]) => [
  pointwise("threefry", "key", key.shape, key, constant(0, "uint32", key.shape), data),
];

export const elementwiseRules: Record<string, Rule> = {
  ...Object.fromEntries(core.elementwise.map((op) => [op.name, elementwise])),
  convert,
  bitcast,
  iota,
  randomSplit: split,
  randomBits: bits,
  randomFoldIn: foldIn,
};
