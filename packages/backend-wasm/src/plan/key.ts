import { isParam, type Size } from "../nest/ir";
import { type Buffer, type Func, type Matrix, type Member, type Ref, typeOf } from "./func";
import { frameOf } from "./layout";

/** The parts of steps as text. */
export class KeyWriter {
  constructor(private readonly offsetOf: (b: Buffer) => Size) {}

  size(s: Size): string {
    return isParam(s) ? "p" : String(s);
  }
  sizes(ss: readonly Size[]): string {
    return ss.map(this.size).join();
  }
  /** Where a buffer of the function is. */
  place(b: Buffer): string {
    return b.home === "temp" ? `t${this.size(this.offsetOf(b))}` : `${b.home[0]}${b.slot}`;
  }
  ref(r: Ref | undefined): string {
    return r ? `${this.place(r.buffer)}+${this.size(r.offset)}` : "-";
  }
  refs(rs: readonly (Ref | undefined)[]): string {
    return rs.map((r) => this.ref(r)).join();
  }
  matrix(m: Matrix): string {
    return `${this.ref(m.ref)}:${this.sizes([m.row, m.column])}:${this.sizes(m.batch)}`;
  }
  members(ms: readonly Member[]): string {
    return ms.map((m) => `${this.ref(m.ref)}*${this.size(m.bytes)}`).join();
  }
}

/**
 * A lowered program as text: programs with equal texts run on one module. Nothing of their identity is in it (host functions are
 * looked up through the running program), and arguments of a call appear without their values.
 */
export const funcKey = (func: Func, offsetOf: (b: Buffer) => Size = offsets(func)): string => {
  const k = new KeyWriter(offsetOf);
  const steps = func.steps.map((s) => `${s.kind} ${typeOf(s).key(s, k)}`);
  return `${func.inputs.length}>${func.outputs.length}{${steps.join("\n")}}`;
};

const offsets =
  (func: Func) =>
  (b: Buffer): number =>
    frameOf(func).offsets.get(b) as number;
