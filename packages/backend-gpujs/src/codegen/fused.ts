import {
  type Atom,
  type DType,
  type Equation,
  type Program,
  type Shape,
  sizeOf,
  stridesOf,
  type Var,
} from "@ansatz/backend";
import type { Fold } from "../fold";
import type { Shader } from "../shader";
import { offset, vector } from "./text";

/** GLSL of one op on vectors of four: floats are vec4, bools bvec4. */
interface Form {
  readonly calls: readonly string[];
  text(args: readonly string[]): string;
}
const call = (name: string, ...more: string[]): Form => ({
  calls: [name, ...more],
  text: (a) => `${name}(${a.join(", ")})`,
});
const form = (text: (a: readonly string[]) => string, ...calls: string[]): Form => ({ calls, text });

const floats: { readonly [op: string]: Form } = {
  neg: form(([x]) => `-${x}`),
  abs: form(([x]) => `abs(${x})`),
  sign: call("sign_"),
  add: form(([x, y]) => `${x} + ${y}`),
  sub: form(([x, y]) => `${x} - ${y}`),
  mul: form(([x, y]) => `${x} * ${y}`),
  div: form(([x, y]) => `${x} / ${y}`),
  floorDiv: call("floorDiv_"),
  mod: call("mod_"),
  pow: call("pow_"),
  atan2: call("atan2_"),
  max: call("max_"),
  min: call("min_"),
  eq: call("eq"),
  ne: form(([x, y]) => `negated(eq(${x}, ${y}))`, "negated", "eq"),
  lt: call("lt"),
  le: call("le"),
  gt: call("gt"),
  ge: call("ge"),
  floor: call("floor_"),
  ceil: call("ceil_"),
  round: call("round_"),
  trunc: call("trunc_"),
  sqrt: call("sqrt_"),
  rsqrt: call("rsqrt_"),
  cbrt: call("cbrt_"),
  exp: call("exp_"),
  expm1: call("expm1_"),
  log: call("log_"),
  log1p: call("log1p_"),
  sin: call("sin_"),
  cos: call("cos_"),
  tan: call("tan_"),
  asin: call("asin_"),
  acos: call("acos_"),
  atan: call("atan_"),
  sinh: call("sinh_"),
  cosh: call("cosh_"),
  tanh: call("tanh_"),
  asinh: call("asinh_"),
  acosh: call("acosh_"),
  atanh: call("atanh_"),
  erf: call("erf_"),
  erfc: call("erfc_"),
  select: call("sel"),
  clamp: form(([lo, x, hi]) => `min_(max_(${x}, ${lo}), ${hi})`, "min_", "max_"),
};

const bools: { readonly [op: string]: Form } = {
  and: call("both"),
  or: call("either"),
  xor: form(([x, y]) => `negated(same(${x}, ${y}))`, "negated", "same"),
  not: call("negated"),
  max: call("either"),
  min: call("both"),
  eq: call("same"),
  ne: form(([x, y]) => `negated(same(${x}, ${y}))`, "negated", "same"),
  lt: form(([x, y]) => `both(negated(${x}), ${y})`, "both", "negated"),
  gt: form(([x, y]) => `both(${x}, negated(${y}))`, "both", "negated"),
  le: form(([x, y]) => `either(negated(${x}), ${y})`, "either", "negated"),
  ge: form(([x, y]) => `either(${x}, negated(${y}))`, "either", "negated"),
  select: form(([p, x, y]) => `either(both(${p}, ${x}), both(negated(${p}), ${y}))`, "either", "both", "negated"),
};

/** Which table answers: by the dtype of the values, which select has behind its predicate. */
const formOf = (eq: Equation): Form | undefined => {
  const { dtype } = eq.inputs[eq.op.name === "select" ? 1 : 0].aval;
  const table = dtype === "bool" ? bools : floats;
  return Object.hasOwn(table, eq.op.name) ? table[eq.op.name] : undefined;
};

const isHere = (d: DType): boolean => d === "float32" || d === "bool";
const moves = new Set(["broadcast", "reshape"]);

/** Equations that can be one expression over the elements of their result. */
export const isFusible = (eq: Equation): boolean => {
  if (!eq.op.core || eq.outputs.length !== 1) return false;
  const out = eq.outputs[0].aval;
  if (![...eq.inputs.map((a) => a.aval), out].every((a) => isHere(a.dtype) && sizeOf(a.shape) > 0)) return false;
  return eq.op.name === "iota" || eq.op.name === "convert" || moves.has(eq.op.name) || formOf(eq) !== undefined;
};

/** More would not fit the sixteen textures a fragment program may read, one being kept for setting up. */
const maxInputs = 15;
const maxEquations = 150;

/** One draw of a fused group: the shader of one of its outputs, reading group inputs and outputs drawn before. */
export interface Draw {
  readonly shader: Shader;
  readonly reads: readonly Var[];
  readonly makes: Var;
}

/**
 * A group as draws, one for each of its outputs in order; what an earlier draw has made is read, everything else is computed anew.
 * undefined where it cannot be: too many operands, or a broadcast of what the group itself computes.
 */
export const fuseGroup = (group: Program, foldOf: (size: number) => Fold): readonly Draw[] | undefined => {
  if (group.equations.length > maxEquations) return undefined;
  const maker = new Map<Atom, Equation>(group.equations.flatMap((eq) => eq.outputs.map((v) => [v, eq] as const)));
  const order = new Map(group.equations.map((eq, i) => [eq, i]));
  const made = new Set<Var>();
  const draws: Draw[] = [];
  const outputs = [...(group.outputs as readonly Var[])].sort(
    (a, b) => order.get(maker.get(a)!)! - order.get(maker.get(b)!)!,
  );
  for (const v of outputs) {
    const draw = drawOf(v, maker, made, foldOf);
    if (!draw) return undefined;
    draws.push(draw);
    made.add(v);
  }
  return draws;
};

const drawOf = (
  target: Var,
  maker: ReadonlyMap<Atom, Equation>,
  made: ReadonlySet<Var>,
  foldOf: (size: number) => Fold,
): Draw | undefined => {
  const lines: string[] = [];
  const calls = new Set<string>();
  const reads: Var[] = [];
  const names = new Map<string, string>();
  let failed = false;

  const define = (key: string, type: DType, text: string): string => {
    const known = names.get(key);
    if (known) return known;
    const name = `v${names.size}`;
    names.set(key, name);
    lines.push(`${type === "bool" ? "bvec4" : "vec4"} ${name} = ${text};`);
    return name;
  };
  const ids = new Map<Atom, number>();
  const id = (a: Atom): number => {
    if (!ids.has(a)) ids.set(a, ids.size);
    return ids.get(a)!;
  };
  const operand = (v: Var): number => {
    const k = reads.indexOf(v);
    return k >= 0 ? k : reads.push(v) - 1;
  };
  const asBool = (d: DType, text: string): string => (d === "bool" ? `greaterThan(${text}, vec4(0.5))` : text);
  const isStored = (v: Atom): v is Var => v.kind === "var" && (!maker.has(v) || made.has(v));

  /** A value at this texel; scalars are spread. */
  const value = (a: Atom): string => {
    const { dtype, shape } = a.aval;
    if (a.kind === "literal") return dtype === "bool" ? `bvec4(${a.value !== 0})` : vector(a.value);
    if (isStored(a)) {
      const k = operand(a);
      const one = sizeOf(shape) === 1 && sizeOf(target.aval.shape) !== 1;
      return define(`read ${k} ${one}`, dtype, asBool(dtype, one ? `vec4(x${k}(0).x)` : `h${k}()`));
    }
    return define(`value ${id(a)}`, dtype, compute(maker.get(a)!));
  };

  const compute = (eq: Equation): string => {
    const out = eq.outputs[0].aval;
    const [first] = eq.inputs;
    switch (eq.op.name) {
      case "reshape":
        return value(first);
      case "broadcast": {
        if (first.kind === "literal") return value(first);
        const p = eq.params as { shape: Shape; axes: readonly number[] };
        if (sizeOf(first.aval.shape) === sizeOf(out.shape)) return value(first);
        if (!isStored(first)) {
          failed = true;
          return "vec4(0.0)";
        }
        return asBool(out.dtype, spread(operand(first), first.aval.shape, p));
      }
      case "iota":
        return iota(eq.params as never);
      case "convert": {
        const to = (eq.params as { dtype: DType }).dtype;
        const x = value(first);
        if (to === first.aval.dtype) return x;
        return to === "bool" ? `notEqual(${x}, vec4(0.0))` : `vec4(${x})`;
      }
      default: {
        const f = formOf(eq)!;
        for (const name of f.calls) calls.add(name);
        return f.text(eq.inputs.map(value));
      }
    }
  };

  const result = value(target);
  if (failed || reads.length > maxInputs) return undefined;
  lines.push(`return ${target.aval.dtype === "bool" ? `vec4(${result})` : result};`);
  const shader: Shader = {
    inputs: reads.map((v) => foldOf(sizeOf(v.aval.shape))),
    ints: [],
    out: foldOf(sizeOf(target.aval.shape)),
    vector: [...calls].sort(),
    scalar: [],
    body: lines.join("\n"),
  };
  return { shader, reads, makes: target };
};

/** A smaller tensor as it lies under the larger one. */
const spread = (k: number, from: Shape, p: { shape: Shape; axes: readonly number[] }): string => {
  const { shape } = p;
  const size = sizeOf(from);
  if (size === 1) return `vec4(x${k}(0).x)`;
  const own = stridesOf(from);
  const strides = shape.map((_, axis) => {
    const i = p.axes.indexOf(axis);
    return i < 0 || from[i] === 1 ? 0 : own[i];
  });
  // Where the four elements of a texel agree, or lie in one texel of the operand, it is read once.
  let copied = 1;
  let repeated = 1;
  let axis = shape.length;
  while (axis > 0 && (shape[axis - 1] === 1 || strides[axis - 1] === copied)) copied *= shape[--axis];
  if (copied === 1) while (axis > 0 && strides[axis - 1] === 0) repeated *= shape[--axis];
  if (repeated % 4 === 0 && repeated > 1) return `vec4(e${k}(${offset("i", shape, strides)}))`;
  if (copied % 4 === 0 && copied > 1) return `x${k}((${offset("i", shape, strides)}) >> 2)`;
  const at = (i: string) => `e${k}(${offset(i, shape, strides)})`;
  return `vec4(${at("i")}, ${at("(i + 1)")}, ${at("(i + 2)")}, ${at("(i + 3)")})`;
};

const iota = ({ shape, axis }: { shape: Shape; axis: number }): string => {
  const strides = shape.map((_, k) => Number(k === axis));
  const at = (i: string) => `float(${offset(i, shape, strides)})`;
  return `vec4(${at("i")}, ${at("(i + 1)")}, ${at("(i + 2)")}, ${at("(i + 3)")})`;
};
