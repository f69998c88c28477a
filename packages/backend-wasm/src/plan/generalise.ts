import { Arguments, generalise as generaliseNest } from "../nest/generalise";
import type { Size } from "../nest/ir";
import type { Buffer, Func, Matrix, Member, Ref, Step } from "./func";
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
  func.steps.length <= 16 &&
  func.steps.every((s) => s.kind !== "scan" && s.kind !== "while" && s.kind !== "cond" && s.kind !== "host");

/** The same function with its numbers made arguments of the call. */
export const generalise = (func: Func): General => {
  const args = new Arguments();
  const number = (s: Size): Size => (typeof s === "number" && s !== 0 ? args.of(s) : s);
  const stride = (s: Size): Size => (typeof s === "number" && s !== 0 && s !== 1 ? args.of(s) : s);
  const ref = (r: Ref): Ref => ({ buffer: r.buffer, offset: number(r.offset) });
  const matrix = (m: Matrix): Matrix => ({
    ref: ref(m.ref),
    row: stride(m.row),
    column: stride(m.column),
    batch: m.batch.map(number),
  });
  const member = (m: Member): Member => ({ ref: ref(m.ref), bytes: number(m.bytes) });
  const step = (s: Step): Step => {
    switch (s.kind) {
      case "nest":
        return {
          ...s,
          nest: generaliseNest(s.nest, args),
          operands: s.operands.map(ref),
          // Always tiled, perhaps in one piece: whether it is must not make another module.
          tile: s.nest.parallel === 0 ? 0 : args.of(s.tile === 0 ? 0x7fffffff : (s.tile as number)),
        };
      case "copy":
        return { ...s, from: ref(s.from), to: ref(s.to), bytes: number(s.bytes) };
      case "matmul":
        return {
          ...s,
          batch: s.batch.map(number),
          m: number(s.m),
          n: number(s.n),
          k: number(s.k),
          a: matrix(s.a),
          b: matrix(s.b),
          c: matrix(s.c),
        };
      case "sort":
        return { ...s, outer: number(s.outer), length: number(s.length), inner: number(s.inner) };
      case "kernel":
        return {
          ...s,
          dims: s.dims.map((d) => args.of(d as number)),
          batch: number(s.batch),
          inputs: s.inputs.map(member),
          outputs: s.outputs.map(member),
        };
      default:
        return s;
    }
  };
  const general: Func = { inputs: func.inputs, outputs: func.outputs, steps: func.steps.map(step) };
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
