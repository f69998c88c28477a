import { type FunctionBuilder, type Local, type ValType, v128 } from "../asm";
import { type Affine, argsOf, type Dynamic, type Load, type Nest } from "../nest/ir";
import { emitQuick } from "../runtime";
import { Accumulators } from "./accumulators";
import { Arrangement } from "./arrangement";
import type { OpContext, Pair, Words } from "./scalar-op";
import { emitOp, pushConstant, pushLoad, valType } from "./scalar-ops";
import { Numbers, openStreams, type Stream } from "./streams";
import { emitExtract, emitReplace, emitSplat, vectorLoad } from "./vector-ops";
import { laneOf, quickFormula, shiftOf, type VectorPlan, vectorPlan } from "./vector-plan";

/**
 * The values of a nest's nodes: each is pushed from its variable or computed in place, as a scalar, or over the lanes of one way where
 * several elements are handled at once.
 */
export class NestValues {
  protected readonly where: Arrangement;
  protected readonly plan: VectorPlan | undefined;
  protected readonly numbers: Numbers;
  protected readonly streams: readonly Stream[];
  protected readonly places: ReadonlyMap<Affine, { readonly stream: Stream; readonly behind: number }>;
  protected readonly accs: Accumulators;
  protected readonly loops: Local[] = [];
  /** Variables of nodes: as scalars; the same in every lane; over the lanes of each way. */
  protected readonly kept: (Local | undefined)[] = [];
  private readonly same: (Local | undefined)[] = [];
  protected readonly lanes: (Local | undefined)[][];
  private readonly words: (Pair | undefined)[][];
  /** What ciphers make of their keys, by the node of the key, where that is done outside the loop. */
  private readonly schedules: (readonly Local[] | undefined)[] = [];
  private readonly splat: boolean[] = [];
  /** The ciphers that take a node for their key. */
  private readonly ciphers: (Words | undefined)[] = [];
  protected readonly range: readonly [Local, Local] | undefined;
  /** Whether what is being emitted handles several elements at once, and which of the vectors of a turn it handles. */
  protected together = false;
  protected way = 0;
  /** Lanes that the formulas written into the loop cannot answer, and where to go if there are any. */
  protected readonly bad: Local | undefined;
  protected bail = (): void => {};

  constructor(
    protected readonly f: FunctionBuilder,
    protected readonly nest: Nest,
    parametric: boolean,
    protected readonly c: OpContext,
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

  protected eachWay(emit: (way: number) => void): void {
    const ways = this.together ? this.plan!.ways : 1;
    for (this.way = 0; this.way < ways; this.way++) emit(this.way);
    this.way = 0;
  }

  protected isThere(id: number): boolean {
    return (this.together ? this.over(id) : this.kept[id]) !== undefined;
  }

  /** The variable of a node over lanes. */
  private over(id: number): Local | undefined {
    return this.lanes[this.way][id] ?? this.same[id];
  }

  /** How far behind its stream's pointer an access is, in bytes. */
  protected behind(a: Affine): number {
    const { behind, stream } = this.places.get(a)!;
    const stride = this.together ? (a.coefs[this.plan!.dim] as number) : 0;
    return behind + this.way * (this.plan?.lanes ?? 0) * stride * stream.width;
  }

  /** Computes the nodes whose variables belong inside so many loops. */
  protected nodesAt(depth: number): void {
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

  protected keep(id: number): void {
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

  protected typeOf(id: number): ValType {
    return this.together ? v128 : valType[this.nest.nodes[id].dtype];
  }

  /** Pushes a node's value: from its variable, or by computing it here. */
  protected push(id: number): void {
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
  protected pushLanes(id: number): void {
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

  protected pushAddress(stream: Stream, dynamic: readonly Dynamic[]): void {
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

  /** Splats made inside the loop over dim d hold only there. */
  protected forgetLanes(d: number): void {
    this.nest.nodes.forEach((_, id) => {
      if (this.where.depth(id) > d) this.same[id] = undefined;
      for (const way of this.lanes) way[id] = undefined;
      for (const way of this.words) way[id] = undefined;
    });
  }
}
