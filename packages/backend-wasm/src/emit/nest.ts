import {
  type FunctionBuilder,
  i32,
  type Label,
  type Local,
  type ModuleBuilder,
  type Operand,
  type ValType,
} from "../asm";
import type { Nest, Store } from "../nest/ir";
import { NestValues } from "./nest-values";
import type { OpContext } from "./scalar-op";
import { emitOp, emitStore, pushLoad } from "./scalar-ops";
import { vectorLoad, vectorStore } from "./vector-ops";

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

/** The loops of a nest around its values, its reductions and stores. */
class NestEmitter extends NestValues {
  emit(): void {
    this.parallel(0);
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
}
