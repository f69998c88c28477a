import { bytesPer, type DType, highest, lowest } from "@ansatz/backend";
import { type FunctionBuilder, i32, type Local, type ModuleBuilder, type ValType } from "../asm";
import { type Affine, type Dynamic, isParam, type Load, type Nest, type Size } from "../nest/ir";
import { Arrangement } from "./arrangement";
import { emitOp, emitStore, type OpContext, pushConstant, pushLoad, stackOrder, valType } from "./scalar-ops";

/** Accesses to one operand with the same strides: they share a pointer that walks along with the loops. */
interface Stream {
  readonly operand: number;
  readonly coefs: readonly Size[];
  readonly width: number;
  /** Where the pointer starts; accesses lie at constant distances behind it. */
  base: Size;
  pointer: Local | undefined;
}

/**
 * A nest as a function: (…pointers, arguments?, start, end), the arguments' address only if the nest has parameters, start and end
 * (of the outermost dim) only if it has parallel dims.
 */
export const emitNest = (m: ModuleBuilder, nest: Nest, parametric: boolean, c: OpContext): FunctionBuilder => {
  const params: ValType[] = nest.operands.map(() => i32);
  if (parametric) params.push(i32);
  if (nest.parallel > 0) params.push(i32, i32);
  const f = m.func(params, []);
  new NestEmitter(f, nest, parametric, c).emit();
  return f;
};

class NestEmitter {
  private readonly streams: Stream[] = [];
  private readonly streamOf = new Map<Affine, { stream: Stream; behind: number }>();
  private readonly params = new Map<number, Local>();
  private readonly scaled = new Map<string, Local>();
  private readonly loops: (Local | undefined)[] = [];
  private readonly kept: (Local | undefined)[] = [];
  private readonly accs: { acc: Local; at: Local | undefined; wide: boolean }[] = [];
  private readonly where: Arrangement;
  private readonly start: Local | undefined;
  private readonly end: Local | undefined;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly nest: Nest,
    private readonly parametric: boolean,
    private readonly c: OpContext,
  ) {
    this.where = new Arrangement(nest);
    const n = nest.operands.length + (parametric ? 1 : 0);
    this.start = f.params[n];
    this.end = f.params[n + 1];
  }

  emit(): void {
    this.loadParams();
    this.openStreams();
    this.parallel(0);
  }

  private parallel(d: number): void {
    const { nest } = this;
    this.nodesAt(d);
    if (d < nest.parallel) this.loop(d, () => this.parallel(d + 1));
    else if (nest.reductions.length === 0) this.finish();
    else {
      this.openAccumulators();
      this.sequential(d);
      if (!nest.running) this.finish();
    }
  }

  private sequential(d: number): void {
    if (d > this.nest.parallel) this.nodesAt(d);
    if (d < this.nest.dims.length) {
      this.loop(d, () => this.sequential(d + 1));
      return;
    }
    this.accumulate();
    if (this.nest.running) this.finish();
  }

  /** What comes after the reductions, and the stores. */
  private finish(): void {
    const { nest, where } = this;
    nest.nodes.forEach((_, id) => {
      if (where.isKept(id) && where.afterReduction(id)) this.keep(id);
    });
    // With several stores every value is there before the first is written: one may overwrite what another reads.
    if (nest.stores.length > 1)
      for (const s of nest.stores)
        if (this.kept[s.value] === undefined && !where.isImmediate(s.value)) this.keep(s.value);
    for (const s of nest.stores) {
      const write = () => {
        const { stream, behind } = this.streamOf.get(s.address)!;
        const dtype = nest.operands[s.operand];
        if (s.combine === "set") {
          this.pushAddress(stream, s.dynamic);
          this.push(s.value);
        } else {
          this.pushAddress(stream, s.dynamic);
          const to = this.f.keep(i32);
          this.f.get(to).get(to);
          pushLoad(this.f, dtype, behind);
          this.push(s.value);
          emitOp(this.f, s.combine, dtype, dtype, this.c);
        }
        emitStore(this.f, dtype, behind);
      };
      if (s.guard < 0) write();
      else {
        this.push(s.guard);
        this.f.if(write);
      }
    }
  }

  private nodesAt(depth: number): void {
    this.nest.nodes.forEach((_, id) => {
      if (this.where.isKept(id) && !this.where.afterReduction(id) && this.where.depth(id) === depth) this.keep(id);
    });
  }

  private keep(id: number): void {
    this.compute(id);
    this.kept[id] = this.f.keep(valType[this.nest.nodes[id].dtype]);
  }

  /** Pushes a node's value: from its variable, or by computing it here. */
  private push(id: number): void {
    const local = this.kept[id];
    if (local) this.f.get(local);
    else this.compute(id);
  }

  private compute(id: number): void {
    const { f } = this;
    const n = this.nest.nodes[id];
    switch (n.kind) {
      case "const":
        pushConstant(f, n.dtype, n.value);
        break;
      case "size":
        this.pushSize(n.value);
        break;
      case "index":
        this.pushIndex(n.affine);
        break;
      case "load":
        this.load(n);
        break;
      case "acc": {
        const { acc, at, wide } = this.accs[n.reduction];
        f.get(at ?? acc);
        if (wide) f.f32.demote_f64();
        break;
      }
      case "op":
        for (const i of stackOrder[n.name] ?? n.args.keys()) this.push(n.args[i]);
        emitOp(f, n.name, this.nest.nodes[n.args[0]].dtype, n.dtype, this.c);
    }
  }

  private load(n: Load): void {
    const { stream, behind } = this.streamOf.get(n.address)!;
    const read = () => {
      this.pushAddress(stream, n.dynamic);
      pushLoad(this.f, n.dtype, behind);
    };
    if (n.guard < 0) {
      read();
      return;
    }
    this.push(n.guard);
    this.f.if(read, () => this.push(n.otherwise), valType[n.dtype]);
  }

  private pushAddress(stream: Stream, dynamic: readonly Dynamic[]): void {
    const { f } = this;
    f.get(stream.pointer!);
    for (const d of dynamic) {
      this.push(d.node);
      this.pushScaled(d.stride, stream.width);
      f.i32.mul().i32.add();
    }
  }

  private pushIndex(a: Affine): void {
    const { f } = this;
    let terms = 0;
    a.coefs.forEach((coef, d) => {
      if (coef === 0) return;
      f.get(this.loops[d]!);
      if (coef !== 1) {
        this.pushSize(coef);
        f.i32.mul();
      }
      if (terms++ > 0) f.i32.add();
    });
    if (terms === 0) this.pushSize(a.offset);
    else if (a.offset !== 0) {
      this.pushSize(a.offset);
      f.i32.add();
    }
  }

  private loop(d: number, body: () => void): void {
    const { f, nest } = this;
    const walking = this.streams.filter((s) => s.coefs[d] !== 0);
    const before = walking.map((s) => s.pointer!);
    const tiled = d === 0 && nest.parallel > 0;
    walking.forEach((s) => {
      f.get(s.pointer!);
      if (tiled) {
        f.get(this.start!);
        this.pushScaled(s.coefs[d], s.width);
        f.i32.mul().i32.add();
      }
      s.pointer = f.keep(i32);
    });
    const i = f.local(i32);
    this.loops[d] = i;
    f.forRange(i, tiled ? this.start! : 0, tiled ? this.end! : this.operand(nest.dims[d]), 1, () => {
      body();
      for (const s of walking) {
        f.get(s.pointer!);
        this.pushScaled(s.coefs[d], s.width);
        f.i32.add().set(s.pointer!);
      }
    });
    walking.forEach((s, k) => {
      s.pointer = before[k];
    });
  }

  private openAccumulators(): void {
    const { f, nest } = this;
    for (const r of nest.reductions) {
      const { dtype } = nest.nodes[r.value];
      const ordinal = r.kind === "argmax" || r.kind === "argmin";
      // float32 sums are kept in double: as fast here, and rounded once.
      const wide = dtype === "float32" && (r.kind === "sum" || r.kind === "prod");
      const type = wide ? "float64" : dtype;
      pushConstant(f, type, initial(r.kind, type));
      const acc = f.keep(valType[type]);
      let at: Local | undefined;
      if (ordinal) at = f.i32.const(0).keep(i32);
      this.accs.push({ acc, at, wide });
    }
  }

  private accumulate(): void {
    const { f, nest } = this;
    nest.reductions.forEach((r, k) => {
      const { acc, at, wide } = this.accs[k];
      const { dtype } = nest.nodes[r.value];
      if (at) {
        this.push(r.value);
        const x = f.keep(valType[dtype]);
        const worse = r.kind === "argmax" ? "le" : "ge";
        // The first NaN wins, so nothing replaces it.
        f.get(x).get(acc);
        emitOp(f, worse, dtype, "bool", this.c);
        f.i32.eqz().get(acc).get(acc);
        emitOp(f, "eq", dtype, "bool", this.c);
        f.i32.and().if(() => void f.get(x).set(acc).get(this.loops[nest.parallel]!).set(at));
        return;
      }
      f.get(acc);
      this.push(r.value);
      if (wide) f.f64.promote_f32();
      const type = wide ? "float64" : dtype;
      emitOp(f, combining[r.kind], type, type, this.c);
      f.set(acc);
    });
  }

  /** Pushes a number of the nest. */
  private pushSize(s: Size): void {
    if (isParam(s)) this.f.get(this.params.get(s.param)!);
    else this.f.i32.const(s);
  }

  private operand(s: Size): number | Local {
    return isParam(s) ? this.params.get(s.param)! : s;
  }

  private pushScaled(s: Size, width: number): void {
    if (isParam(s)) this.f.get(this.scaled.get(`${s.param}*${width}`)!);
    else this.f.i32.const(s * width);
  }

  private loadParams(): void {
    if (!this.parametric) return;
    const { f, nest } = this;
    const args = f.params[nest.operands.length];
    const seen = (s: Size, width?: number): void => {
      if (!isParam(s)) return;
      if (!this.params.has(s.param))
        this.params.set(
          s.param,
          f
            .get(args)
            .i32.load(4 * s.param)
            .keep(i32),
        );
      const key = `${s.param}*${width}`;
      if (width === undefined || this.scaled.has(key)) return;
      f.get(this.params.get(s.param)!);
      if (width > 1) f.i32.const(width).i32.mul();
      this.scaled.set(key, f.keep(i32));
    };
    const affine = (a: Affine, width?: number): void => {
      seen(a.offset, width);
      for (const coef of a.coefs) seen(coef, width);
    };
    nest.dims.forEach((d) => seen(d));
    nest.nodes.forEach((n) => {
      if (n.kind === "size") seen(n.value);
      else if (n.kind === "index") affine(n.affine);
      else if (n.kind === "load") this.eachOf(n, affine, seen, n.dtype);
    });
    for (const s of nest.stores) this.eachOf(s, affine, seen, nest.operands[s.operand]);
  }

  private eachOf(
    a: { readonly address: Affine; readonly dynamic: readonly Dynamic[] },
    affine: (a: Affine, width: number) => void,
    seen: (s: Size, width: number) => void,
    dtype: DType,
  ): void {
    affine(a.address, bytesPer[dtype]);
    for (const d of a.dynamic) seen(d.stride, bytesPer[dtype]);
  }

  private openStreams(): void {
    const { f, nest } = this;
    const byKey = new Map<string, { stream: Stream; members: { address: Affine; offset: Size }[] }>();
    const add = (operand: number, address: Affine): void => {
      const { coefs, offset } = address;
      // Only places at or behind the start of the operand share a pointer: distances in memory are unsigned.
      const alone = isParam(offset) || offset < 0;
      const key = `${operand}|${coefs.map(show).join()}|${alone ? show(offset) : ""}`;
      let entry = byKey.get(key);
      if (!entry) {
        const stream = { operand, coefs, width: bytesPer[nest.operands[operand]], base: offset, pointer: undefined };
        byKey.set(key, (entry = { stream, members: [] }));
        this.streams.push(stream);
      }
      if (!isParam(offset) && offset < (entry.stream.base as number)) entry.stream.base = offset;
      entry.members.push({ address, offset });
    };
    nest.nodes.forEach((n, id) => {
      if (n.kind === "load" && this.where.isNeeded(id)) add(n.operand, n.address);
    });
    for (const s of nest.stores) add(s.operand, s.address);
    for (const { stream, members } of byKey.values()) {
      f.get(f.params[stream.operand]);
      if (stream.base !== 0) {
        this.pushScaled(stream.base, stream.width);
        f.i32.add();
      }
      stream.pointer = f.keep(i32);
      for (const { address, offset } of members) {
        const behind =
          offset === stream.base || isParam(offset) ? 0 : (offset - (stream.base as number)) * stream.width;
        this.streamOf.set(address, { stream, behind });
      }
    }
  }
}

const show = (s: Size): string => (isParam(s) ? `p${s.param}` : String(s));

const combining = { sum: "add", prod: "mul", max: "max", min: "min", and: "and", or: "or", argmax: "", argmin: "" };

const initial = (kind: keyof typeof combining, d: DType): number => {
  switch (kind) {
    case "sum":
    case "or":
      return 0;
    case "prod":
    case "and":
      return 1;
    case "max":
    case "argmax":
      return lowest(d);
    case "min":
    case "argmin":
      return highest(d);
  }
};
