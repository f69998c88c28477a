import { byteSize, type Params, type Program } from "@ansatz/backend";
import type * as core from "@ansatz/backend/core";
import { condStep, scanStep, whileStep } from "../emit/control";
import { hostStep } from "../emit/host";
import { at, type Carry, type Func, type Ref, type Slices } from "../plan/func";
import { frameOf, mayReplace } from "../plan/layout";
import type { Lowering } from "./lowering";
import { lowering } from "./rule";
import { plain, type Stored, type Value } from "./value";

const body = (l: Lowering, program: Program): { func: Func; frame: ReturnType<Lowering["buffer"]> } => {
  const func = l.body(program);
  return { func, frame: l.buffer(frameOf(func).bytes) };
};

const refs = (vs: readonly Stored[]): Ref[] => vs.map((v) => at(v.buffer));

/** Carried values begin where they are, and end in fresh places; `first` is the body's input for the first of them. */
const carries = (l: Lowering, from: readonly Value[], func: Func, first: number): { carry: Carry[]; out: Stored[] } => {
  const begin = from.map((v) => l.contiguous(v));
  const out = begin.map((v) => l.fresh(v));
  const carry = begin.map((v, i) => ({
    from: at(v.buffer),
    to: at(out[i].buffer),
    spare: mayReplace(func, first + i, i) ? undefined : at(l.buffer(byteSize(v))),
    bytes: byteSize(v),
  }));
  return { carry, out };
};

export const scan = lowering<core.ScanParams>("scan", (l, p, args, eq) => {
  const { func, frame } = body(l, p.body);
  const consts = args.slice(0, p.consts).map((v) => l.contiguous(v));
  const { carry, out } = carries(l, args.slice(p.consts, p.consts + p.carry), func, p.consts);
  const slices = (vs: readonly Stored[]): Slices[] =>
    vs.map((v) => ({ ref: at(v.buffer), bytes: p.length === 0 ? 0 : byteSize(v) / p.length }));
  const xs = args.slice(p.consts + p.carry).map((v) => l.contiguous(v));
  const ys = eq.outputs.slice(p.carry).map((v) => l.fresh(v.aval));
  l.steps.push({
    kind: "scan",
    type: scanStep,
    body: func,
    length: p.length,
    reverse: p.reverse,
    consts: refs(consts),
    carry,
    xs: slices(xs),
    ys: slices(ys),
    frame,
  });
  return [...out, ...ys];
});

export const whileLoop = lowering<core.WhileParams>("while", (l, p, args) => {
  const cond = body(l, p.cond);
  const turn = body(l, p.body);
  const condConsts = args.slice(0, p.condConsts).map((v) => l.contiguous(v));
  const bodyConsts = args.slice(p.condConsts, p.condConsts + p.bodyConsts).map((v) => l.contiguous(v));
  const { carry, out } = carries(l, args.slice(p.condConsts + p.bodyConsts), turn.func, p.bodyConsts);
  l.steps.push({
    kind: "while",
    type: whileStep,
    cond: cond.func,
    body: turn.func,
    condConsts: refs(condConsts),
    bodyConsts: refs(bodyConsts),
    carry,
    predicate: at(l.buffer(1)),
    condFrame: cond.frame,
    bodyFrame: turn.frame,
  });
  return out;
});

export const cond = lowering<{ branches: readonly Program[] }>("cond", (l, { branches }, [index, ...args], eq) => {
  const bodies = branches.map((b) => body(l, b));
  const operands = args.map((v) => l.contiguous(v));
  const outputs = eq.outputs.map((v) => l.fresh(v.aval));
  l.steps.push({
    kind: "cond",
    type: condStep,
    index: at(l.contiguous(index).buffer),
    branches: bodies.map((b) => b.func),
    operands: refs(operands),
    outputs: refs(outputs),
    frames: bodies.map((b) => b.frame),
  });
  return outputs;
});

export const tap = lowering<Params>("tap", (l, params, args, eq) => {
  const inputs = args.map((a) => l.contiguous(a));
  l.steps.push({
    kind: "host",
    type: hostStep,
    call: { op: eq.op, params, inputs: inputs.map(plain), outputs: [] },
    inputs: refs(inputs),
    outputs: [],
    table: at(l.buffer(4 * inputs.length)),
  });
  return inputs;
});
