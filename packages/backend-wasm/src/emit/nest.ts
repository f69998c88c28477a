import {
  type FunctionBuilder,
  i32,
  type Label,
  type Local,
  type ModuleBuilder,
  type Operand,
  type ValType,
  v128,
} from "../asm";
import { type Affine, argsOf, type Dynamic, type Load, type Nest, type Store } from "../nest/ir";
import { emitQuick } from "../runtime";
import { Accumulators } from "./accumulators";
import { Arrangement } from "./arrangement";
import type { OpContext, Pair, Words } from "./scalar-op";
import { emitOp, emitStore, pushConstant, pushLoad, valType } from "./scalar-ops";
import { Numbers, openStreams, type Stream } from "./streams";
import { emitExtract, emitReplace, emitSplat, vectorLoad, vectorStore } from "./vector-ops";
import { laneOf, quickFormula, shiftOf, type VectorPlan, vectorPlan } from "./vector-plan";

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
  /** Variables of nodes: as scalars; the same in every lane; over the lanes of each way. */
  private readonly kept: (Local | undefined)[] = [];
  private readonly same: (Local | undefined)[] = [];
  private readonly lanes: (Local | undefined)[][];
  private readonly words: (Pair | undefined)[][];
  /** What ciphers make of their keys, by the node of the key, where that is done outside the loop. */
  private readonly schedules: (readonly Local[] | undefined)[] = [];
  private readonly splat: boolean[] = [];
  /** The ciphers that take a node for their key. */
  private readonly ciphers: (Words | undefined)[] = [];
  private readonly range: readonly [Local, Local] | undefined;
  /** Whether what is being emitted handles several elements at once, and which of the vectors of a turn it handles. */
  private together = false;
  private way = 0;
  /** Lanes that the formulas written into the loop cannot answer, and where to go if there are any. */
  private readonly bad: Local | undefined;
  private bail = (): void => {};

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
    this.lanes = Array.from({ length: this.plan?.ways ?? 0 }, () => []);
    this.words = this.lanes.map(() => []);
    this.bad = this.plan?.quick ? f.local(v128) : undefined;
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
        for (const a of argsOf(n)) {
          if (plan.pairs.has(id) && a === n.args[0]) this.ciphers[a] = n.op.words;
          else read(a);
        }
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
      if (this.together) this.accs.openVector(plan!);
      else {
        this.accs.openScalar();
        if (plan?.reducing) this.accs.openVector(plan);
      }
      this.sequential(d);
      if (plan?.reducing) this.accs.fold(plan);
      else if (this.together) this.accs.close();
      if (!nest.running) this.finish();
    }
  }

  private sequential(d: number): void {
    if (d > this.nest.parallel) this.nodesAt(d);
    if (d < this.nest.dims.length) {
      this.loop(d, () => this.sequential(d + 1));
      return;
    }
    const { nest } = this;
    if (this.together) {
      if (this.bad) this.settle(nest.reductions.map((r) => r.value));
      this.eachWay((way) =>
        nest.reductions.forEach((r, k) =>
          this.accs.takeVector(k, way, this.plan!.lanes, () => this.pushLanes(r.value)),
        ),
      );
    } else
      nest.reductions.forEach((r, k) => this.accs.takeScalar(k, () => this.push(r.value), this.loops[nest.parallel]));
    if (nest.running) this.finish();
  }

  private eachWay(emit: (way: number) => void): void {
    const ways = this.together ? this.plan!.ways : 1;
    for (this.way = 0; this.way < ways; this.way++) emit(this.way);
    this.way = 0;
  }

  /** Brings values into variables before anything depends on them; if some lane has no answer, the turn is left to scalars. */
  private settle(values: readonly number[]): void {
    this.eachWay(() => {
      for (const id of values)
        if (!this.isThere(id) && !this.where.isImmediate(id)) {
          if (this.together) this.pushLanes(id);
          else this.push(id);
          (this.together ? this.lanes[this.way] : this.kept)[id] = this.f.keep(this.typeOf(id));
        }
    });
    if (!this.together || !this.bad) return;
    this.f.get(this.bad).v128.any_true();
    this.bail();
  }

  /** What comes after the reductions, and the stores. */
  private finish(): void {
    const { nest, where } = this;
    nest.nodes.forEach((_, id) => {
      if (where.isKept(id) && where.afterReduction(id)) this.keep(id);
    });
    // With several stores every value is there before the first is written: one may overwrite what another reads.
    if (nest.stores.length > 1 || (this.together && this.bad && !this.plan!.reducing))
      this.settle(nest.stores.map((s) => s.value));
    this.eachWay(() => {
      for (const s of nest.stores) {
        if (s.guard < 0) this.write(s);
        else {
          this.push(s.guard);
          this.f.if(() => this.write(s));
        }
      }
    });
  }

  private isThere(id: number): boolean {
    return (this.together ? this.over(id) : this.kept[id]) !== undefined;
  }

  /** The variable of a node over lanes. */
  private over(id: number): Local | undefined {
    return this.lanes[this.way][id] ?? this.same[id];
  }

  /** How far behind its stream's pointer an access is, in bytes. */
  private behind(a: Affine): number {
    const { behind, stream } = this.places.get(a)!;
    const stride = this.together ? (a.coefs[this.plan!.dim] as number) : 0;
    return behind + this.way * (this.plan?.lanes ?? 0) * stride * stream.width;
  }

  private write(s: Store): void {
    const { f, c } = this;
    const { stream } = this.places.get(s.address)!;
    const behind = this.behind(s.address);
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
        this.same[id] = this.f.keep(v128);
      }
      const words = outside && this.ciphers[id];
      if (words) {
        this.push(id);
        this.schedules[id] = words.schedule(this.f);
      }
    });
  }

  private keep(id: number): void {
    if (this.together && this.plan!.varies[id]) {
      if (this.plan!.pairs.has(id)) this.computeWords(id);
      else
        this.eachWay((way) => {
          this.computeLanes(id);
          this.lanes[way][id] = this.f.keep(v128);
        });
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
    const local = this.over(id);
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
      const first = this.way * lanes;
      this.pushIndex(n.affine);
      f.i32x4.splat();
      const steps = [0, 1, 2, 3].map((l) => first + l) as [number, number, number, number];
      if (typeof stride === "number") f.i32x4.const(...(steps.map((l) => l * stride) as typeof steps));
      else {
        f.i32x4.const(...steps);
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
    else if (n.kind === "acc") this.accs.pushVector(n.reduction, this.way);
    else if (n.kind === "op") {
      const from = this.nest.nodes[n.args[0]].dtype;
      const emit = n.op.lanes?.(from);
      const shift = shiftOf(this.nest, id);
      const quick = this.bad && n.op.formula && quickFormula(n.op.formula, from);
      if (this.plan!.pairs.has(n.args[0]) && this.plan!.varies[n.args[0]]) {
        if (!this.words[this.way][n.args[0]]) this.computeWords(n.args[0]);
        f.get(this.words[this.way][n.args[0]]![n.op.word!]);
      } else if (shift) {
        this.pushLanes(n.args[0]);
        f.i32.const(shift.by).i32x4[shift.op]();
      } else if (quick) {
        for (const a of n.args) this.pushLanes(a);
        const args = n.args.map(() => f.keep(v128)).reverse();
        emitQuick(f, laneOf(from), n.op.formula!, quick, args, c.scope, this.bad!);
      } else if (emit) {
        for (const i of n.op.order ?? n.args.keys()) this.pushLanes(n.args[i]);
        emit(f, from, n.dtype, lanes, c);
      } else this.laneByLane(id);
    }
  }

  /** threefry on the lanes' counters, into two registers for each way. */
  private computeWords(id: number): void {
    const { f } = this;
    const n = this.nest.nodes[id];
    if (n.kind !== "op") throw new Error("threefry is an op");
    let schedule = this.schedules[n.args[0]];
    if (!schedule) {
      this.push(n.args[0]);
      schedule = n.op.words!.schedule(f);
    }
    const at = this.way;
    const counters = this.lanes.map((_, way): Pair => {
      this.way = way;
      this.pushLanes(n.args[1]);
      this.pushLanes(n.args[2]);
      const low = f.keep(v128);
      return [f.keep(v128), low];
    });
    this.way = at;
    n.op.words!.emit(f, schedule, counters).forEach((pair, way) => {
      this.words[way][id] = pair;
    });
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
    const { stream } = this.places.get(n.address)!;
    const emit = () => {
      this.pushAddress(stream, n.dynamic);
      read(this.behind(n.address));
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
    const one = (end: Operand) => {
      f.get(i).push(end).i32.lt_s();
      f.if(() => {
        f.loop((next) => {
          body();
          advance(1);
          f.get(i).push(end).i32.lt_s().brIf(next);
        });
      });
    };
    if (plan?.dim === d) this.several(d, i, end, body, advance, one);
    else one(end);
    walking.forEach((s, k) => {
      s.pointer = before[k];
    });
  }

  /**
   * The loop over the plan's dim: as many elements at a time as go, then one by one. Where formulas are written into the loop, a turn
   * some of whose elements they cannot answer is done one by one too.
   */
  private several(
    d: number,
    i: Local,
    end: Operand,
    body: () => void,
    advance: (steps: number) => void,
    one: (end: Operand) => void,
  ): void {
    const { f, bad } = this;
    const step = this.plan!.lanes * this.plan!.ways;
    const limit = f
      .push(end)
      .i32.const(step - 1)
      .i32.sub()
      .keep(i32);
    const turns = (next: Label) => {
      if (bad) f.i32x4.const(0).set(bad);
      this.together = true;
      body();
      this.together = false;
      advance(step);
      f.get(i).get(limit).i32.lt_s().brIf(next);
    };
    const vectors = () => {
      f.get(i).get(limit).i32.lt_s();
      f.if(() => f.loop(turns));
      // Registers filled inside are not filled for what comes after.
      this.forgetLanes(d);
    };
    if (!bad) {
      vectors();
      one(end);
      return;
    }
    const stop = f.local(i32);
    f.loop((again) => {
      f.push(end).set(stop);
      f.block((out) => {
        this.bail = () =>
          f.if(() => {
            f.get(i).i32.const(step).i32.add().set(stop);
            f.br(out);
          });
        vectors();
      });
      one(stop);
      f.get(i).push(end).i32.lt_s().brIf(again);
    });
  }

  /** Splats made inside the loop over dim d hold only there. */
  private forgetLanes(d: number): void {
    this.nest.nodes.forEach((_, id) => {
      if (this.where.depth(id) > d) this.same[id] = undefined;
      for (const way of this.lanes) way[id] = undefined;
      for (const way of this.words) way[id] = undefined;
    });
  }
}
