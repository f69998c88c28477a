import { type Aval, type Shape, sameAval, sameShape } from "../aval";
import type { Emit } from "../build";
import { type DType, isFloat } from "../dtype";
import type { Op, Params } from "../op";
import * as core from "../ops/all";
import { type Atom, literal } from "../program";

/**
 * A value of a growing program with a bound on how far a backend may be off, in machine epsilons. The generator keeps every float an
 * integer in [-8, 8] where err is 0, so that arithmetic on it is exact in any dtype and order; where err is not 0 it is any number
 * in that range, and only functions that are continuous there may see it.
 */
export interface Value {
  readonly atom: Atom;
  readonly err: number;
}

export const bound = 8;
/** Beyond this many epsilons a comparison would say little. */
const worst = 2e4;

/** The values a random program has so far, and the ways to choose among them and to add more. */
export class Pool {
  readonly values: Value[] = [];
  constructor(
    readonly emit: Emit,
    /** Numbers in [0, 1). */
    readonly next: () => number,
    readonly dtypes: readonly DType[],
    /** How deep control flow is nested around this pool. */
    readonly depth: number,
  ) {}

  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  choose<T>(xs: readonly T[]): T {
    return xs[this.below(xs.length)];
  }
  /** A random value of a kind, if there is one; late values are likelier, so that programs grow deep. */
  pick(fits: (a: Aval, v: Value) => boolean): Value | undefined {
    const found = this.values.filter((v) => fits(v.atom.aval, v));
    return found[Math.floor(Math.sqrt(this.next()) * found.length)];
  }
  like(v: Value, exactOnly = false): Value {
    return this.pick((a, w) => sameAval(a, v.atom.aval) && (!exactOnly || w.err === 0)) ?? v;
  }
  exact(fits: (a: Aval) => boolean = () => true): Value | undefined {
    return this.pick((a, v) => v.err === 0 && fits(a));
  }

  add(atom: Atom, err = 0): Value {
    const v = { atom, err };
    this.values.push(v);
    return v;
  }
  /** Emits an op and adds its results, unless the error would grow too large. */
  apply<P extends Params>(op: Op<P>, params: P, inputs: readonly Value[], err = 0): Value[] {
    if (err > worst) return [];
    return this.emit(op, params, ...inputs.map((v) => v.atom)).map((o) => this.add(o, err));
  }
  /** As apply for one float result that may leave [-8, 8]: it is clamped before anything else sees it. */
  bounded<P extends Params>(op: Op<P>, params: P, inputs: readonly Value[], err = 0): void {
    if (err > worst) return;
    const [out] = this.emit(op, params, ...inputs.map((v) => v.atom));
    this.add(this.clamped(out), err);
  }
  clamped(a: Atom): Atom {
    if (!isFloat(a.aval.dtype)) return a;
    const at = (x: number) => literal(x, a.aval.dtype);
    return this.emit(core.clamp, {}, at(-bound), a, at(bound))[0];
  }
  int(n: number): Atom {
    return literal(n, "int32");
  }
  /** A value of exactly this kind: one there is, or a constant. */
  make(want: Aval): Atom {
    const v = this.exact((a) => sameAval(a, want));
    if (v && this.next() < 0.9) return v.atom;
    if (want.dtype === "key") return (v as Value).atom;
    const x = literal(want.dtype === "bool" ? this.below(2) : this.below(4), want.dtype);
    return want.shape.length === 0 ? x : this.emit(core.broadcast, { shape: want.shape, axes: [] }, x)[0];
  }
}

export const hasShape = (shape: Shape) => (a: Aval) => sameShape(a.shape, shape);
