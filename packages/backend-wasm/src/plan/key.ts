import type { WasmKernel } from "../kernel";
import { isParam, nestKey, type Size } from "../nest/ir";
import type { Buffer, Func, Matrix, Member, Ref, Step } from "./func";
import { frameOf } from "./layout";

const ids = new WeakMap<WasmKernel, number>();
let nextId = 0;
const idOf = (k: WasmKernel): number => {
  let id = ids.get(k);
  if (id === undefined) ids.set(k, (id = nextId++));
  return id;
};

/** Where a buffer of a function is, as text. */
export type Place = (b: Buffer) => string;

/**
 * A lowered program as text: programs with equal texts run on one module. Nothing of their identity is in it (host functions are
 * looked up through the running program), and arguments of a call appear without their values.
 */
export const funcKey = (func: Func, offsetOf: (b: Buffer) => Size = offsets(func)): string => {
  const place: Place = (b) =>
    b.home === "input" ? `i${b.slot}` : b.home === "output" ? `o${b.slot}` : `t${size(offsetOf(b))}`;
  return `${func.inputs.length}>${func.outputs.length}{${func.steps.map((s) => stepKey(s, place)).join("\n")}}`;
};

const offsets =
  (func: Func) =>
  (b: Buffer): number =>
    frameOf(func).offsets.get(b) as number;

const size = (s: Size): string => (isParam(s) ? "p" : String(s));

const stepKey = (s: Step, place: Place): string => {
  const ref = (r: Ref | undefined): string => (r ? `${place(r.buffer)}+${size(r.offset)}` : "-");
  const refs = (rs: readonly Ref[]): string => rs.map(ref).join();
  const sizes = (ss: readonly Size[]): string => ss.map(size).join();
  const matrix = (m: Matrix): string => `${ref(m.ref)}:${size(m.row)}:${size(m.column)}:${sizes(m.batch)}`;
  const members = (ms: readonly Member[]): string => ms.map((m) => `${ref(m.ref)}*${size(m.bytes)}`).join();
  switch (s.kind) {
    case "nest":
      return `nest ${refs(s.operands)} ${size(s.tile)} ${nestKey(s.nest)}`;
    case "copy":
      return `copy ${ref(s.from)} ${ref(s.to)} ${size(s.bytes)}`;
    case "matmul":
      return `matmul ${s.dtype} ${sizes([...s.batch, s.m, s.n, s.k])} ${[s.a, s.b, s.c].map(matrix).join(" ")} ${ref(s.scratch)}`;
    case "sort":
      return `sort ${s.dtypes.join()} ${s.keys} ${sizes([s.outer, s.length, s.inner])} ${refs(s.from)} ${refs(s.to)} ${ref(s.scratch)} ${ref(s.order)}`;
    case "kernel":
      return `kernel ${s.op.name}#${idOf(s.kernel)} ${s.variant} ${s.dtypes.inputs.join()}>${s.dtypes.outputs.join()} ${sizes([...s.dims, s.batch])} ${members(s.inputs)} ${members(s.outputs)} ${ref(s.scratch)}`;
    case "host":
      return `host ${refs(s.inputs)} ${refs(s.outputs)} ${ref(s.table)}`;
    case "scan":
      return [
        `scan ${s.length}${s.reverse ? "r" : ""} ${refs(s.consts)} ${place(s.frame)}`,
        s.carry.map((c) => `${ref(c.from)} ${ref(c.to)} ${ref(c.spare)} ${c.bytes}`).join(),
        [...s.xs, "y" as const, ...s.ys].map((x) => (x === "y" ? x : `${ref(x.ref)}*${x.bytes}`)).join(),
        funcKey(s.body),
      ].join(" ");
    case "while":
      return [
        `while ${refs(s.condConsts)} ${refs(s.bodyConsts)} ${ref(s.predicate)} ${place(s.condFrame)} ${place(s.bodyFrame)}`,
        s.carry.map((c) => `${ref(c.from)} ${ref(c.to)} ${ref(c.spare)} ${c.bytes}`).join(),
        funcKey(s.cond),
        funcKey(s.body),
      ].join(" ");
    case "cond":
      return `cond ${ref(s.index)} ${refs(s.operands)} ${refs(s.outputs)} ${s.frames.map(place).join()} ${s.branches.map((b) => funcKey(b)).join()}`;
  }
};
