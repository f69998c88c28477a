import { type Aval, sameAval, showAval, sizeOf } from "../aval";
import { type DType, dtypeOf, hostArray, type TypedArray } from "../dtype";
import { AnsatzError, BackendError, ProgramError, ShapeError } from "../errors";
import type { HostValue, Op, Params } from "../op";
import * as core from "../ops/control";
import { type Atom, type Equation, type Program, singleton, type Var } from "../program";
import { type Entry, elements, entry, type Kernel } from "./array";
import { elementwise } from "./elementwise";
import { random } from "./random";
import { reductions } from "./reductions";
import { shape } from "./shape";

const at = (aval: Aval, data: TypedArray): HostValue => ({ aval, data });
const scalar = (v: HostValue): number => elements(v)[0];

const call = entry(core.call, (ins, p) => data(evaluate(p.body, ins)));

const scan = entry(core.scan, (ins, p, outs) => {
  const head = p.consts + p.carry;
  const consts = ins.slice(0, p.consts);
  let carry = ins.slice(p.consts, head);
  const xs = ins.slice(head);
  const ys = outs.slice(p.carry).map((a) => hostArray(a.dtype, sizeOf(a.shape)));
  for (let step = 0; step < p.length; step++) {
    const i = p.reverse ? p.length - 1 - step : step;
    const out = evaluate(p.body, [...consts, ...carry, ...xs.map((x) => row(x, i))]);
    carry = out.slice(0, p.carry);
    // Arrays of one dtype on both sides; the union hides that from set().
    for (const [j, y] of ys.entries())
      (y as Float64Array).set(elements(out[p.carry + j]), i * out[p.carry + j].data.length);
  }
  return [...data(carry), ...ys];
});

/** Slice i along axis 0. */
const row = (x: HostValue, i: number): HostValue => {
  const inner = x.aval.shape.slice(1);
  const n = sizeOf(inner);
  return at({ shape: inner, dtype: x.aval.dtype }, x.data.slice(i * n, (i + 1) * n));
};

const whileLoop = entry(core.whileLoop, (ins, p) => {
  const condConsts = ins.slice(0, p.condConsts);
  const bodyConsts = ins.slice(p.condConsts, p.condConsts + p.bodyConsts);
  let carry = ins.slice(p.condConsts + p.bodyConsts);
  while (scalar(evaluate(p.cond, [...condConsts, ...carry])[0])) carry = evaluate(p.body, [...bodyConsts, ...carry]);
  return data(carry);
});

const cond = entry(core.cond, ([index, ...operands], p) => {
  const i = Math.max(0, Math.min(scalar(index), p.branches.length - 1));
  return data(evaluate(p.branches[i], operands));
});

const tap = entry(core.tap, (ins, p) => {
  p.callback(...ins.map((v) => at(v.aval, v.data.slice())));
  return data(ins);
});

const data = (vs: readonly HostValue[]): TypedArray[] => vs.map((v) => v.data);

/** The meaning of every core op, by name. */
export const kernels: ReadonlyMap<string, Kernel> = new Map<string, Kernel>(
  ([...elementwise, ...reductions, ...shape, ...random, call, scan, whileLoop, cond, tap] as readonly Entry[]).map(
    ([name, kernel]) => [name, kernel],
  ),
);

const expansions = new WeakMap<Equation, Program>();

/** The results of one equation. */
const apply = (eq: Equation, ins: readonly HostValue[]): HostValue[] => {
  const { op } = eq;
  const outs = eq.outputs.map((v) => v.aval);
  const kernel = op.core ? kernels.get(op.name) : undefined;
  if (!kernel && !op.compose && !op.host)
    throw new ProgramError("reference", `${op.core ? "core op" : "extension op"} ${op.name} has no meaning here`);
  let results: readonly TypedArray[];
  if (kernel) results = allocating(eq, () => kernel(ins, eq.params, outs));
  else if (op.compose) {
    let body = expansions.get(eq);
    if (!body) {
      body = op.compose(
        ins.map((v) => v.aval),
        eq.params,
      );
      expansions.set(eq, body);
    }
    results = data(evaluate(body, ins));
  } else results = callHost(eq, ins);
  if (results.length !== outs.length || results.some((r, i) => !fits(r, outs[i])))
    throw new BackendError(op.name, "results must have the sizes and dtypes of its abstract rule", {
      expected: outs.map(showAval),
      seen: results.map((r) => `${dtypeOf(r)}[${r.length}]`),
    });
  return outs.map((a, i) => at(a, results[i]));
};

const fits = (data: TypedArray, a: Aval): boolean => dtypeOf(data) === a.dtype && data.length === sizeOf(a.shape);

/** An array that JavaScript refuses is a shortage of memory. */
const allocating = <T>(eq: Equation, action: () => T): T => {
  try {
    return action();
  } catch (e) {
    if (!(e instanceof RangeError)) throw e;
    const results = eq.outputs.map((v) => showAval(v.aval));
    throw new BackendError(eq.op.name, "does not fit into memory", { results }, "work in smaller pieces", "memory");
  }
};

/** Host functions are others' code: they get copies, and what they throw is given the op's name. */
const callHost = (eq: Equation, ins: readonly HostValue[]): readonly TypedArray[] => {
  try {
    const copies = ins.map((v) => at(v.aval, v.data.slice()));
    return eq.op.host?.(copies, eq.params) ?? [];
  } catch (e) {
    if (e instanceof AnsatzError) throw e;
    throw new BackendError(eq.op.name, `its host function failed: ${e instanceof Error ? e.message : String(e)}`);
  }
};

/**
 * What a program means: its outputs for these inputs, computed equation by equation on the host. Nothing is rounded, reordered or
 * fused beyond what the ops' own definitions say. Outputs may share arrays with inputs and with each other.
 */
export const evaluate = (p: Program, inputs: readonly HostValue[]): HostValue[] => {
  if (inputs.length !== p.inputs.length || inputs.some((v, i) => !sameAval(v.aval, p.inputs[i].aval)))
    throw new ShapeError("evaluate", "inputs must be those of the program", {
      expected: p.inputs.map((v) => showAval(v.aval)),
      seen: inputs.map((v) => showAval(v.aval)),
    });
  const env = new Map<Var, HostValue>(p.inputs.map((v, i) => [v, inputs[i]]));
  const get = (a: Atom): HostValue => {
    if (a.kind === "literal") return at(a.aval, literalArray(a.aval, a.value));
    const v = env.get(a);
    if (!v)
      throw new ProgramError("evaluate", "a variable is used before it is defined", { variable: showAval(a.aval) });
    return v;
  };
  for (const eq of p.equations) {
    const outs = apply(eq, eq.inputs.map(get));
    for (const [i, v] of eq.outputs.entries()) env.set(v, outs[i]);
  }
  return p.outputs.map(get);
};

const literalArray = (a: Aval, value: number): TypedArray => {
  const d = hostArray(a.dtype, 1) as Float64Array;
  d[0] = value;
  return d;
};

/** One op on host values. */
export const evaluateOp = <P extends Params>(op: Op<P>, params: P, ins: readonly HostValue[]): HostValue[] =>
  evaluate(
    singleton(
      op,
      params,
      ins.map((v) => v.aval),
    ),
    ins,
  );

/** A host value from numbers (bigints for keys), stored as `dtype`. */
export const hostValue = (dtype: DType, shape: readonly number[], values: ArrayLike<number | bigint>): HostValue => {
  const data = hostArray(dtype, sizeOf(shape)) as Float64Array;
  if (values.length !== data.length)
    throw new ShapeError("hostValue", "values must fill the shape", { shape, values: values.length });
  data.set(values as ArrayLike<number>);
  return { aval: { shape, dtype }, data };
};
