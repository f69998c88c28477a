import { bytesPer } from "@ansatz/backend";
import { type FunctionBuilder, i32, type Local } from "../asm";
import { type Affine, type Dynamic, isParam, type Nest, type Size } from "../nest/ir";

/** Numbers of a nest as operands: known ones are constants, arguments are loaded once at the function's start. */
export class Numbers {
  private readonly values = new Map<number, Local>();
  private readonly scaled = new Map<string, Local>();

  constructor(
    private readonly f: FunctionBuilder,
    nest: Nest,
    args: Local | undefined,
  ) {
    if (!args) return;
    const value = (s: Size): void => {
      if (isParam(s) && !this.values.has(s.param))
        this.values.set(
          s.param,
          f
            .get(args)
            .i32.load(4 * s.param)
            .keep(i32),
        );
    };
    const bytes = (s: Size, width: number): void => {
      if (!isParam(s)) return;
      value(s);
      const key = `${s.param}*${width}`;
      if (this.scaled.has(key)) return;
      f.get(this.values.get(s.param)!);
      if (width > 1) f.i32.const(width).i32.mul();
      this.scaled.set(key, f.keep(i32));
    };
    const access = (a: { readonly address: Affine; readonly dynamic: readonly Dynamic[] }, width: number): void => {
      bytes(a.address.offset, width);
      for (const coef of a.address.coefs) bytes(coef, width);
      for (const d of a.dynamic) bytes(d.stride, width);
    };
    nest.dims.forEach(value);
    for (const n of nest.nodes) {
      if (n.kind === "size") value(n.value);
      else if (n.kind === "index") {
        value(n.affine.offset);
        n.affine.coefs.forEach(value);
      } else if (n.kind === "load") access(n, bytesPer[n.dtype]);
    }
    for (const s of nest.stores) access(s, bytesPer[nest.operands[s.operand]]);
  }

  push(s: Size): void {
    if (isParam(s)) this.f.get(this.values.get(s.param)!);
    else this.f.i32.const(s);
  }
  /** Times a number of bytes known beforehand. */
  pushBytes(s: Size, width: number): void {
    if (isParam(s)) this.f.get(this.scaled.get(`${s.param}*${width}`)!);
    else this.f.i32.const(s * width);
  }
  operand(s: Size): number | Local {
    return isParam(s) ? this.values.get(s.param)! : s;
  }
}

/** Accesses to one operand with the same strides: they share a pointer that walks along with the loops. */
export interface Stream {
  readonly operand: number;
  readonly coefs: readonly Size[];
  readonly width: number;
  /** Where the pointer starts; accesses lie at constant distances behind it. */
  base: Size;
  pointer: Local;
}

/** Opens the streams of a nest at the start of its function. */
export const openStreams = (f: FunctionBuilder, nest: Nest, numbers: Numbers, needed: (node: number) => boolean) => {
  const places = new Map<Affine, { readonly stream: Stream; readonly behind: number }>();
  const byKey = new Map<string, { stream: Stream; addresses: Affine[] }>();
  const add = (operand: number, address: Affine): void => {
    const { coefs, offset } = address;
    // Only places at or behind the start of the operand share a pointer: distances in memory are unsigned.
    const alone = isParam(offset) || offset < 0;
    const key = `${operand}|${coefs.map(show).join()}|${alone ? show(offset) : ""}`;
    let entry = byKey.get(key);
    if (!entry) {
      const width = bytesPer[nest.operands[operand]];
      byKey.set(
        key,
        (entry = { stream: { operand, coefs, width, base: offset, pointer: f.params[operand] }, addresses: [] }),
      );
    }
    if (!isParam(offset) && offset < (entry.stream.base as number)) entry.stream.base = offset;
    entry.addresses.push(address);
  };
  nest.nodes.forEach((n, id) => {
    if (n.kind === "load" && needed(id)) add(n.operand, n.address);
  });
  for (const s of nest.stores) add(s.operand, s.address);
  for (const { stream, addresses } of byKey.values()) {
    if (stream.base !== 0) {
      f.get(stream.pointer);
      numbers.pushBytes(stream.base, stream.width);
      stream.pointer = f.i32.add().keep(i32);
    }
    for (const address of addresses) {
      const { offset } = address;
      const behind = offset === stream.base || isParam(offset) ? 0 : (offset - (stream.base as number)) * stream.width;
      places.set(address, { stream, behind });
    }
  }
  return { places, streams: [...byKey.values()].map((e) => e.stream) };
};

const show = (s: Size): string => (isParam(s) ? `p${s.param}` : String(s));
