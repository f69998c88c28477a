import { type DType, highest, isFloat, lowest } from "@ansatz/backend";
import { type FunctionBuilder, i32, type Local, v128 } from "../asm";
import type { Nest, ReductionKind } from "../nest/ir";
import { type Beside, closeExtreme, type Extreme, openBeside, pseudo, takeExtreme } from "./extremes";
import { add, and, eq, ge, le, max, min, mul, or } from "./ops";
import type { Lanes, OpContext, ScalarOp } from "./scalar-op";
import { emitOp, pushConstant, valType } from "./scalar-ops";
import { emitExtract, emitSplat } from "./vector-ops";
import type { VectorPlan } from "./vector-plan";

interface Scalar {
  readonly acc: Local;
  /** Index of the best so far, for argmax and argmin. */
  readonly at: Local | undefined;
}

interface Vector {
  /** For each way one register, or two for four float32 kept in double. */
  readonly ways: readonly (readonly Local[])[];
  /** For each way, what is kept beside an extreme; none for other reductions. */
  readonly beside: readonly Beside[];
}

const combining: Readonly<Record<ReductionKind, ScalarOp>> = {
  sum: add,
  prod: mul,
  max,
  min,
  and,
  or,
  argmax: le,
  argmin: ge,
};

/** The running values of a nest's reductions, in scalars and in lanes. float32 sums are kept in double and rounded once. */
export class Accumulators {
  private readonly scalars: Scalar[] = [];
  private readonly vectors: Vector[] = [];

  constructor(
    private readonly f: FunctionBuilder,
    private readonly nest: Nest,
    private readonly c: OpContext,
  ) {}

  openScalar(): void {
    const { f } = this;
    this.nest.reductions.forEach((r, k) => {
      const type = this.type(k);
      pushConstant(f, type, identity(r.kind, type));
      const acc = f.keep(valType[type]);
      const ordinal = r.kind === "argmax" || r.kind === "argmin";
      this.scalars[k] = { acc, at: ordinal ? f.i32.const(0).keep(i32) : undefined };
    });
  }

  openVector({ lanes, ways, reducing, quick }: VectorPlan): void {
    const { f } = this;
    this.nest.reductions.forEach((r, k) => {
      const type = this.type(k);
      const open = () => {
        pushConstant(f, type, identity(r.kind, type));
        emitSplat(f, type);
        return f.keep(v128);
      };
      const one = () => Array.from({ length: this.wide(k) && lanes === 4 ? 2 : 1 }, open);
      const beside = this.isExtreme(k)
        ? Array.from({ length: reducing ? 1 : ways }, () => openBeside(f, r.kind as Extreme))
        : [];
      // A turn with formulas is longer than the chain of its sums: one accumulator serves all its ways and leaves them the registers.
      const chains = reducing && quick ? 1 : ways;
      this.vectors[k] = { ways: Array.from({ length: chains }, one), beside };
    });
  }

  /** Takes in the value that `push` leaves on the stack; `index` is that of the sequential dim. */
  takeScalar(k: number, push: () => void, index: Local | undefined): void {
    const { f, c } = this;
    const { kind } = this.nest.reductions[k];
    const { acc, at } = this.scalars[k];
    const type = this.type(k);
    if (at) {
      push();
      const x = f.keep(valType[type]);
      // Better means not worse and not preceded by a NaN: the first NaN wins.
      f.get(x).get(acc);
      emitOp(f, combining[kind], type, "bool", c);
      f.i32.eqz().get(acc).get(acc);
      emitOp(f, eq, type, "bool", c);
      f.i32.and().if(() => void f.get(x).set(acc).get(index!).set(at));
      return;
    }
    f.get(acc);
    push();
    if (this.wide(k)) f.f64.promote_f32();
    emitOp(f, combining[kind], type, type, c);
    f.set(acc);
  }

  takeVector(k: number, way: number, lanes: Lanes, push: () => void): void {
    const { f } = this;
    const { ways, beside } = this.vectors[k];
    const accs = ways[way] ?? ways[0];
    if (this.isExtreme(k)) {
      push();
      const { kind } = this.nest.reductions[k];
      takeExtreme(f, kind as Extreme, this.type(k), accs[0], beside[way] ?? beside[0], f.keep(v128));
      return;
    }
    if (!this.wide(k)) {
      f.get(accs[0]);
      push();
      this.combineVector(k, lanes);
      f.set(accs[0]);
      return;
    }
    push();
    const x = f.keep(v128);
    accs.forEach((acc, half) => {
      f.get(acc).get(x);
      if (half === 1) f.get(x).i64x2.shuffle(1, 1);
      f.f64x2.promote_low_f32x4();
      this.combineVector(k, 2);
      f.set(acc);
    });
  }

  /** After the last step: extremes get their NaN and the signs of their zeros. */
  close(): void {
    this.nest.reductions.forEach((_, k) => {
      const { ways, beside } = this.vectors[k];
      beside.forEach((b, way) => {
        closeExtreme(this.f, this.type(k), ways[way][0], b);
      });
    });
  }

  /** Folds the ways into the first of them, then its lanes into the scalars, lane after lane. */
  fold({ lanes }: VectorPlan): void {
    const { f, c } = this;
    this.nest.reductions.forEach((r, k) => {
      const type = this.type(k);
      const { acc } = this.scalars[k];
      const { ways, beside } = this.vectors[k];
      const [first, ...others] = ways;
      for (const way of others)
        way.forEach((v, half) => {
          f.get(first[half]).get(v);
          if (this.isExtreme(k)) pseudo(f, r.kind as Extreme, type);
          else this.combineVector(k, this.wide(k) ? 2 : lanes);
          f.set(first[half]);
        });
      if (this.isExtreme(k)) closeExtreme(f, type, first[0], beside[0]);
      for (const v of first)
        for (let lane = 0; lane < (this.wide(k) ? 2 : lanes); lane++) {
          f.get(acc).get(v);
          emitExtract(f, type, lanes, lane);
          emitOp(f, combining[r.kind], type, type, c);
          f.set(acc);
        }
    });
  }

  pushScalar(k: number): void {
    const { acc, at } = this.scalars[k];
    this.f.get(at ?? acc);
    if (this.rounds(k)) this.f.f32.demote_f64();
  }

  pushVector(k: number, way: number): void {
    const { f } = this;
    const accs = this.vectors[k].ways[way];
    accs.forEach((acc) => {
      f.get(acc);
      if (this.rounds(k)) f.f32x4.demote_f64x2_zero();
    });
    if (accs.length === 2) f.i64x2.shuffle(0, 2);
  }

  private combineVector(k: number, lanes: Lanes): void {
    const type = this.type(k);
    combining[this.nest.reductions[k].kind].lanes!(type)!(this.f, type, type, lanes, this.c);
  }

  private isExtreme(k: number): boolean {
    const { kind } = this.nest.reductions[k];
    return (kind === "max" || kind === "min") && isFloat(this.type(k)) && !this.nest.running;
  }
  private wide(k: number): boolean {
    const { kind, value } = this.nest.reductions[k];
    return this.nest.nodes[value].dtype === "float32" && (kind === "sum" || kind === "prod");
  }
  /** Whether what is kept in double is asked for in single. */
  private rounds(k: number): boolean {
    return this.wide(k) && !this.nest.nodes.some((n) => n.kind === "acc" && n.reduction === k && n.dtype === "float64");
  }
  private type(k: number): DType {
    return this.wide(k) ? "float64" : this.nest.nodes[this.nest.reductions[k].value].dtype;
  }
}

const identity = (kind: ReductionKind, d: DType): number => {
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
