import { Arguments } from "../nest/generalise";
import type { Size } from "../nest/ir";
import { type Buffer, type Func, type Matrix, type Member, type Ref, typeOf } from "./func";
import { frameOf, type Layout } from "./layout";

export interface General {
  readonly func: Func;
  /** Places of the temporaries, in the header's arguments too. */
  readonly offsets: ReadonlyMap<Buffer, Size>;
  /** The arguments of the call. */
  readonly args: readonly number[];
  readonly frameBytes: number;
  readonly layout: Layout;
}

/** Whether the steps can be made to serve every extent: all but loops and host calls, whose bodies have shapes of their own. */
export const canGeneralise = (func: Func): boolean =>
  func.steps.length <= 16 && func.steps.every((s) => s.type.general);

/** Makes the numbers of steps arguments of the call. */
export class Generaliser {
  readonly args = new Arguments();

  number(s: Size): Size {
    return typeof s === "number" && s !== 0 ? this.args.of(s) : s;
  }
  ref(r: Ref): Ref {
    return { buffer: r.buffer, offset: this.number(r.offset) };
  }
  matrix(m: Matrix): Matrix {
    const stride = (s: Size): Size => (s === 1 ? s : this.number(s));
    return {
      ref: this.ref(m.ref),
      row: stride(m.row),
      column: stride(m.column),
      batch: m.batch.map((s) => this.number(s)),
    };
  }
  member(m: Member): Member {
    return { ref: this.ref(m.ref), bytes: this.number(m.bytes) };
  }
}

/** The same function with its numbers made arguments of the call. */
export const generalise = (func: Func): General => {
  const g = new Generaliser();
  const { args } = g;
  const steps = func.steps.map((s) => typeOf(s).general!(s, g));
  const general: Func = { inputs: func.inputs, outputs: func.outputs, steps };
  // The plan is made for these extents; where it puts things is passed with the call.
  const layout = frameOf(func);
  const relative = [...layout.offsets].map(([b, at]) => [b, at - layout.header] as const);
  const places = relative.map(([b, at]) => [b, args.of(at)] as const);
  const header = Math.ceil((4 * (func.inputs.length + func.outputs.length + args.values.length)) / 16) * 16;
  places.forEach(([, p], i) => {
    args.values[p.param] = relative[i][1] + header;
  });
  return {
    func: general,
    offsets: new Map(places),
    args: args.values,
    frameBytes: layout.bytes - layout.header + header,
    layout,
  };
};
