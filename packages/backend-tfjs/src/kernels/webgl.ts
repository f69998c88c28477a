import { glslSource } from "@ansatz/backend/glsl";
import type { Engine } from "../engine";
import type { Tensor } from "../tf";
import { type Call, type Kernel, native, type Table } from "./kernel";

/*
 * Elementwise ops on the WebGL engine, as fragment programs of ours. Its own are short of our meaning: 0/0 is 1 (a division of equal
 * numbers is cut short), expm1 and log1p are naive, sinh, tanh and atanh cancel near 0, comparisons and extrema lose NaN.
 */

const lanes = ["A", "B", "C"];

const fragment = (
  names: readonly string[],
  text: (args: readonly string[]) => string,
  dtype: "float32" | "bool",
): Kernel => ({
  form: "native",
  accepts: (avals, _, engine) => engine.fragment !== undefined && avals.every((a) => a.dtype === "float32"),
  run: ({ engine, ins, outs, tf }: Call) => {
    const variables = lanes.slice(0, ins.length);
    const shape = outs[0].shape.length === 0 ? [] : wide(ins);
    const spread = ins.map((x) =>
      x.shape.length === shape.length
        ? x
        : tf.tile(
            tf.reshape(
              x,
              shape.map(() => 1),
            ),
            shape,
          ),
    );
    const userCode = `${glslSource({ scalar: names })}
void main() { setOutput(float(${text(variables.map((v) => `get${v}AtOutCoords()`))})); }`;
    return engine.fragment!({ variableNames: variables, outputShape: shape, userCode }, spread, dtype);
  },
});

/** The shape of the operand that is no scalar. */
const wide = (ins: readonly Tensor[]): number[] =>
  ins.reduce((s, x) => (x.shape.length > s.length ? x.shape : s), ins[0].shape);

const call = (name: string, dtype: "float32" | "bool" = "float32"): Kernel =>
  fragment([name], (args) => `${name}(${args.join(", ")})`, dtype);

const named = (names: readonly string[], f: (name: string) => Kernel): Table =>
  Object.fromEntries(names.map((name) => [name, f(name)]));

const own: Table = {
  ...named(
    [
      ...[
        "sign",
        "floorDiv",
        "mod",
        "pow",
        "atan2",
        "max",
        "min",
        "floor",
        "ceil",
        "round",
        "trunc",
        "sqrt",
        "rsqrt",
        "cbrt",
      ],
      ...[
        "exp",
        "expm1",
        "log",
        "log1p",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
      ],
      ...["atanh", "erf", "erfc"],
    ],
    (name) => call(`${name}_`),
  ),
  ...named(["eq", "lt", "le", "gt", "ge"], (name) => call(name, "bool")),
  ne: fragment(["eq", "negated"], ([x, y]) => `negated(eq(${x}, ${y}))`, "bool"),
  neg: fragment([], ([x]) => `-${x}`, "float32"),
  div: fragment([], ([x, y]) => `${x} / ${y}`, "float32"),
  clamp: fragment(["min_", "max_"], ([lo, x, hi]) => `min_(max_(${x}, ${lo}), ${hi})`, "float32"),
};

/** Ours on floats; on bools what the other engines use. */
export const webglElementwise = (common: Table, engine: Engine): Table =>
  engine.fragment === undefined
    ? common
    : {
        ...common,
        ...Object.fromEntries(
          Object.entries(own).map(([op, kernel]) => {
            const plain = common[op] as Kernel | undefined;
            return [op, plain ? either(kernel, plain) : kernel];
          }),
        ),
      };

const either = (floats: Kernel, others: Kernel): Kernel =>
  native((c) => (c.avals.every((a) => a.dtype === "float32") ? floats.run(c as Call) : others.run(c as Call)), {
    accepts: (avals, params, engine) =>
      (avals.every((a) => a.dtype === "float32") ? floats : others).accepts?.(avals, params, engine) ?? true,
  });
