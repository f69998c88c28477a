import { type FunctionBuilder, i32, type Local, type ModuleBuilder, type ValType, v128 } from "../asm";
import { type Affine, argsOf, type Dynamic, type Load, type Nest, type Store } from "../nest/ir";
import { Accumulators } from "./accumulators";
import { Arrangement } from "./arrangement";
import type { OpContext } from "./scalar-op";
import { emitOp, emitStore, pushConstant, pushLoad, valType } from "./scalar-ops";
import { Numbers, openStreams, type Stream } from "./streams";
import { emitExtract, emitReplace, emitSplat, vectorLoad, vectorStore } from "./vector-ops";
import { shiftOf, type VectorPlan, vectorPlan } from "./vector-plan";

/**
 * A nest as a function: (…pointers, arguments?, start, end), the arguments' address only if the nest has parameters, start and end
 * (of the outermost dim) only if it has parallel dims. Where the operands allow it, one dim is walked several elements at a time, and
 * what remains of it one by one, by the same code emitted twice.
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
  private readonly where: Arrangement;
  private readonly plan: VectorPlan | undefined;
  private readonly numbers: Numbers;
  private readonly streams: readonly Stream[];
  private readonly places: ReadonlyMap<Affine, { readonly stream: Stream; readonly behind: number }>;
  private readonly accs: Accumulators;
  private readonly loops: Local[] = [];
  /** Variables of nodes, as scalars and over lanes. */
  private readonly kept: (Local | undefined)[] = [];
  private readonly lanes: (Local | undefined)[] = [];
  private readonly words: (readonly [Local, Local] | undefined)[] = [];
  private readonly splat: boolean[] = [];
  private readonly range: readonly [Local, Local] | undefined;
  /** Whether what is being emitted handles several elements at once. */
  private together = false;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly nest: Nest,
    parametric: boolean,
    private readonly c: OpContext,
  ) {
    this.where = new Arrangement(nest);
    this.plan = vectorPlan(nest, this.where);
    const n = nest.operands.length;
    const first = parametric ? n + 1 : n;
    this.range = nest.parallel > 0 ? [f.params[first], f.params[first + 1]] : undefined;
    this.numbers = new Numbers(f, nest, parametric ? f.params[n] : undefined);
    ({ places: this.places, streams: this.streams } = openStreams(f, nest, this.numbers, (id) =>
      this.where.isNeeded(id),
    ));
    this.accs = new Accumulators(f, nest, c);
    this.markSplats();
  }

  emit(): void {
    this.parallel(0);
  }

  /** Scalars that lanes read: they are spread over a register as far outside as they are known. */
  private markSplats(): void {
    const { plan, nest } = this;
    if (!plan) return;
    const read = (id: number): void => {
      if (!plan.varies[id] && !this.where.afterReduction(id)) this.splat[id] = true;
    };
    nest.nodes.forEach((n, id) => {
      if (plan.varies[id] && this.where.isNeeded(id) && n.kind === "op")
        for (const a of argsOf(n)) if (!(plan.pairs.has(id) && a === n.args[0])) read(a);
      if (plan.varies[id] && n.kind === "load" && n.guard >= 0) read(n.otherwise);
    });
    if (!plan.reducing) for (const s of nest.stores) read(s.value);
    for (const r of nest.reductions) read(r.value);
  }

  private parallel(d: number): void {
    const { nest, plan } = this;
    this.nodesAt(d);
    if (d < nest.parallel) this.loop(d, () => this.parallel(d + 1));
    else if (nest.reductions.length === 0) this.finish();
    else {
      if (this.together) this.accs.openVector(plan!.lanes);
      else {
        this.accs.openScalar();
        if (plan?.reducing) this.accs.openVector(plan.lanes);
      }
      this.sequential(d);
      if (plan?.reducing) this.accs.fold(plan.lanes);
      if (!nest.running) this.finish();
    }
  }

  private sequential(d: number): void {
    if (d > this.nest.parallel) this.nodesAt(d);
    if (d < this.nest.dims.length) {
      this.loop(d, () => this.sequential(d + 1));
      return;
    }
    this.nest.reductions.forEach((r, k) => {
      if (this.together) this.accs.takeVector(k, this.plan!.lanes, () => this.pushLanes(r.value));
      else this.accs.takeScalar(k, () => this.push(r.value), this.loops[this.nest.parallel]);
    });
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
        if (!this.isThere(s.value) && !where.isImmediate(s.value)) {
          if (this.together) this.pushLanes(s.value);
          else this.push(s.value);
          (this.together ? this.lanes : this.kept)[s.value] = this.f.keep(this.typeOf(s.value));
        }
    for (const s of nest.stores) {
      if (s.guard < 0) this.write(s);
      else {
        this.push(s.guard);
        this.f.if(() => this.write(s));
      }
    }
  }

  private isThere(id: number): boolean {
    return (this.together ? this.lanes : this.kept)[id] !== undefined;
  }

  private write(s: Store): void {
    const { f, c } = this;
    const { stream, behind } = this.places.get(s.address)!;
    const dtype = this.nest.operands[s.operand];
    const lanes = this.plan?.lanes ?? 4;
    this.pushAddress(stream, s.dynamic);
    if (!s.combine) {
      if (this.together) this.pushLanes(s.value);
      else this.push(s.value);
    } else {
      const to = f.keep(i32);
      f.get(to).get(to);
      if (this.together) {
        vectorLoad(f, dtype, lanes, behind);
        this.pushLanes(s.value);
        s.combine.lanes!(dtype)!(f, dtype, dtype, lanes, c);
      } else {
        pushLoad(f, dtype, behind);
        this.push(s.value);
        emitOp(f, s.combine, dtype, dtype, c);
      }
    }
    if (this.together) vectorStore(f, dtype, lanes, behind);
    else emitStore(f, dtype, behind);
  }

  /** Computes the nodes whose variables belong inside so many loops. */
  private nodesAt(depth: number): void {
    const { where, plan } = this;
    const outside = plan !== undefined && depth <= plan.dim;
    this.nest.nodes.forEach((n, id) => {
      if (where.afterReduction(id) || where.depth(id) !== depth) return;
      if (where.isKept(id)) this.keep(id);
      if (this.splat[id] && (this.together || outside)) {
        this.push(id);
        emitSplat(this.f, n.dtype);
        this.lanes[id] = this.f.keep(v128);
      }
    });
  }

  private keep(id: number): void {
    if (this.together && this.plan!.pairs.has(id) && this.plan!.varies[id]) this.computeWords(id);
    else if (this.together && this.plan!.varies[id]) {
      this.computeLanes(id);
      this.lanes[id] = this.f.keep(v128);
    } else {
      this.compute(id);
      this.kept[id] = this.f.keep(valType[this.nest.nodes[id].dtype]);
    }
  }

  private typeOf(id: number): ValType {
    return this.together ? v128 : valType[this.nest.nodes[id].dtype];
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
        this.numbers.push(n.value);
        break;
      case "index":
        this.pushIndex(n.affine);
        break;
      case "load":
        this.load(
          n,
          valType[n.dtype],
          (behind) => pushLoad(f, n.dtype, behind),
          (other) => this.push(other),
        );
        break;
      case "acc":
        this.accs.pushScalar(n.reduction);
        break;
      case "op":
        for (const i of n.op.order ?? n.args.keys()) this.push(n.args[i]);
        emitOp(f, n.op, this.nest.nodes[n.args[0]].dtype, n.dtype, this.c);
    }
  }

  /** As `push`, for all lanes. */
  private pushLanes(id: number): void {
    const local = this.lanes[id];
    if (local) this.f.get(local);
    else if (this.plan!.varies[id]) this.computeLanes(id);
    else {
      this.push(id);
      emitSplat(this.f, this.nest.nodes[id].dtype);
    }
  }

  private computeLanes(id: number): void {
    const { f, c } = this;
    const { lanes, dim } = this.plan!;
    const n = this.nest.nodes[id];
    if (n.kind === "index") {
      // The first lane's index, and as many strides more for the others.
      const stride = n.affine.coefs[dim];
      this.pushIndex(n.affine);
      f.i32x4.splat();
      if (typeof stride === "number") f.i32x4.const(0, stride, 2 * stride, 3 * stride);
      else {
        f.i32x4.const(0, 1, 2, 3);
        this.numbers.push(stride);
        f.i32x4.splat().i32x4.mul();
      }
      f.i32x4.add();
    } else if (n.kind === "load")
      this.load(
        n,
        v128,
        (behind) => vectorLoad(f, n.dtype, lanes, behind),
        (other) => this.pushLanes(other),
      );
    else if (n.kind === "acc") this.accs.pushVector(n.reduction);
    else if (n.kind === "op") {
      const from = this.nest.nodes[n.args[0]].dtype;
      const emit = n.op.lanes?.(from);
      const shift = shiftOf(this.nest, id);
      if (this.plan!.pairs.has(n.args[0]) && this.plan!.varies[n.args[0]]) {
        const [first, second] = this.words[n.args[0]] ?? this.computeWords(n.args[0]);
        f.get(n.op.word === 0 ? first : second);
      } else if (shift) {
        this.pushLanes(n.args[0]);
        f.i32.const(shift.by).i32x4[shift.op]();
      } else if (emit) {
        for (const i of n.op.order ?? n.args.keys()) this.pushLanes(n.args[i]);
        emit(f, from, n.dtype, lanes, c);
      } else this.laneByLane(id);
    }
  }

  /** threefry on the lanes' counters, into two registers. */
  private computeWords(id: number): readonly [Local, Local] {
    const { f } = this;
    const n = this.nest.nodes[id];
    if (n.kind !== "op") throw new Error("threefry is an op");
    this.push(n.args[0]);
    this.pushLanes(n.args[1]);
    this.pushLanes(n.args[2]);
    const second = f.call(n.op.words!(this.c)).keep(v128);
    const words = [f.keep(v128), second] as const;
    this.words[id] = words;
    return words;
  }

  /** An op without a vector form: every lane goes through the scalar one. */
  private laneByLane(id: number): void {
    const { f } = this;
    const { lanes, varies } = this.plan!;
    const n = this.nest.nodes[id];
    if (n.kind !== "op") return;
    const args = n.args.map((a) => {
      if (!varies[a]) return undefined;
      this.pushLanes(a);
      return f.keep(v128);
    });
    f.i32x4.const(0);
    for (let lane = 0; lane < lanes; lane++) {
      for (const i of n.op.order ?? n.args.keys()) {
        const from = args[i];
        if (from) emitExtract(f.get(from), this.nest.nodes[n.args[i]].dtype, lanes, lane);
        else this.push(n.args[i]);
      }
      emitOp(f, n.op, this.nest.nodes[n.args[0]].dtype, n.dtype, this.c);
      emitReplace(f, n.dtype, lanes, lane);
    }
  }

  private load(n: Load, type: ValType, read: (behind: number) => void, other: (id: number) => void): void {
    const { stream, behind } = this.places.get(n.address)!;
    const emit = () => {
      this.pushAddress(stream, n.dynamic);
      read(behind);
    };
    if (n.guard < 0) {
      emit();
      return;
    }
    this.push(n.guard);
    this.f.if(emit, () => other(n.otherwise), type);
  }

  private pushAddress(stream: Stream, dynamic: readonly Dynamic[]): void {
    const { f } = this;
    f.get(stream.pointer);
    for (const d of dynamic) {
      this.push(d.node);
      this.numbers.pushBytes(d.stride, stream.width);
      f.i32.mul().i32.add();
    }
  }

  private pushIndex(a: Affine): void {
    const { f, numbers } = this;
    let terms = 0;
    a.coefs.forEach((coef, d) => {
      if (coef === 0) return;
      f.get(this.loops[d]);
      if (coef !== 1) {
        numbers.push(coef);
        f.i32.mul();
      }
      if (terms++ > 0) f.i32.add();
    });
    if (terms > 0 && a.offset === 0) return;
    numbers.push(a.offset);
    if (terms > 0) f.i32.add();
  }

  private loop(d: number, body: () => void): void {
    const { f, numbers, range, plan } = this;
    const walking = this.streams.filter((s) => s.coefs[d] !== 0);
    const before = walking.map((s) => s.pointer);
    const tiled = d === 0 && range;
    for (const s of walking) {
      f.get(s.pointer);
      if (tiled) {
        f.get(tiled[0]);
        numbers.pushBytes(s.coefs[d], s.width);
        f.i32.mul().i32.add();
      }
      s.pointer = f.keep(i32);
    }
    const i = f.local(i32);
    this.loops[d] = i;
    const end = tiled ? tiled[1] : numbers.operand(this.nest.dims[d]);
    f.push(tiled ? tiled[0] : 0).set(i);
    const advance = (steps: number): void => {
      for (const s of walking) {
        f.get(s.pointer);
        numbers.pushBytes(s.coefs[d], s.width * steps);
        f.i32.add().set(s.pointer);
      }
      f.inc(i, steps);
    };
    if (plan?.dim === d) {
      const { lanes } = plan;
      const limit = f
        .push(end)
        .i32.const(lanes - 1)
        .i32.sub()
        .keep(i32);
      f.get(i).get(limit).i32.lt_s();
      f.if(() => {
        f.loop((next) => {
          this.together = true;
          body();
          this.together = false;
          advance(lanes);
          f.get(i).get(limit).i32.lt_s().brIf(next);
        });
      });
      // Registers filled inside are not filled for what comes after.
      this.forgetLanes(d);
    }
    f.get(i).push(end).i32.lt_s();
    f.if(() => {
      f.loop((next) => {
        body();
        advance(1);
        f.get(i).push(end).i32.lt_s().brIf(next);
      });
    });
    walking.forEach((s, k) => {
      s.pointer = before[k];
    });
  }

  /** Splats made inside the loop over dim d hold only there. */
  private forgetLanes(d: number): void {
    this.nest.nodes.forEach((_, id) => {
      if (this.where.depth(id) > d || this.plan!.varies[id]) this.lanes[id] = this.words[id] = undefined;
    });
  }
}
