import {
  type Atom,
  type Aval,
  byteSize,
  bytesPer,
  type Equation,
  hasEffects,
  type Op,
  type Params,
  type Program,
  ProgramError,
  sizeOf,
  type Var,
} from "@ansatz/backend";
import { copyStep } from "../emit/copy";
import { nestStep } from "../emit/loops";
import { coalesce } from "../nest/coalesce";
import { at, type Buffer, type Func, type Step } from "../plan/func";
import { type BuiltNest, NestBuilder, type Storer } from "./nest-builder";
import { type CoreLowering, foreignName, type Rule } from "./rule";
import { constant, isContiguous, type Recipe, type Stored, type Value, whole } from "./value";
import { type Weight, weigh } from "./weight";

/** Work beyond which a recipe that several ops read is computed once and stored. */
const shareAbove = 2;
/** Work beyond which a recipe is not repeated by a broadcast. */
export const repeatAbove = 3;
/** Nodes and loads beyond which a recipe is stored, so that loops stay small. */
const most = { nodes: 160, loads: 20 };
/** Elements of work that one call of a kernel covers, so that the engine may replace it by optimised code between calls. */
const tileWork = 16384;

/**
 * Lowers a program to steps over buffers. Equations become recipes (see Value); a recipe is stored when it is a result, when
 * several ops would repeat its work, or when an op needs its elements in memory. Everything else is taken into the loops that read it.
 */
export class Lowering implements Storer {
  readonly steps: Step[] = [];
  private readonly values = new Map<Var, Value>();
  private readonly done = new Map<Value, Stored>();
  private readonly weights = new Map<Value, Weight>();
  private readonly uses: ReadonlyMap<Var, number>;
  private readonly readers: ReadonlyMap<Var, readonly Equation[]>;
  private readonly buffers: { next: number };

  private constructor(
    readonly program: Program,
    private readonly more: readonly CoreLowering[],
    parent?: Lowering,
  ) {
    this.buffers = parent?.buffers ?? { next: 0 };
    ({ uses: this.uses, readers: this.readers } = readersOf(program));
  }

  /** `more` answers core ops that came without a lowering. */
  static lower(program: Program, more: readonly CoreLowering[] = []): Func {
    return new Lowering(program, more).run();
  }

  /** The body of a loop or branch. */
  body(program: Program): Func {
    return new Lowering(program, this.more, this).run();
  }

  private run(): Func {
    const { program } = this;
    const inputs = program.inputs.map((v, i) => this.buffer(byteSize(v.aval), "input", i));
    program.inputs.forEach((v, i) => this.values.set(v, whole(inputs[i], v.aval.dtype, v.aval.shape)));
    const results = new Set(program.outputs.filter((a): a is Var => a.kind === "var"));
    for (const eq of program.equations) {
      if (!hasEffects(eq) && eq.outputs.every((v) => !this.uses.has(v))) continue;
      const args = eq.inputs.map((a) => this.valueOf(a));
      const values = this.ruleOf(eq.op)(this, eq.params, args, eq);
      eq.outputs.forEach((v, i) => this.settle(v, values[i], results.has(v)));
    }
    return { inputs, outputs: this.outputs(), steps: this.steps };
  }

  private ruleOf({ name, core, kernels }: Op): Rule<Params> {
    const own = kernels?.wasm as CoreLowering | undefined;
    const known = own?.rule ? own : this.more.find((l) => l.name === (core ? name : foreignName));
    if (!known)
      throw new ProgramError(
        "wasm",
        `op ${name} came without its lowering`,
        undefined,
        'take the op from @ansatz/tensor (extension ops from its defineOp), or pass them all: wasmBackend({ lowerings: allLowerings }) with "@ansatz/backend-wasm/lowerings"',
      );
    return known.rule as Rule<Params>;
  }

  private settle(v: Var, value: Value, result: boolean): void {
    const uses = this.uses.get(v) ?? 0;
    if (uses > 0 && value.kind !== "stored") {
      const w = this.weight(value);
      if (result || (uses > 1 && w.work > shareAbove) || w.nodes > most.nodes || w.loads > most.loads)
        value = this.store(value);
    }
    this.values.set(v, value);
  }

  valueOf(a: Atom): Value {
    if (a.kind === "literal") return constant(a.value, a.aval.dtype);
    return this.values.get(a) as Value;
  }

  weight(v: Value): Weight {
    return weigh(v, this.weights, (r) => this.done.has(r));
  }

  /** A value that a broadcast may repeat: heavy recipes are stored first. */
  repeatable(v: Value): Value {
    return v.kind !== "stored" && this.weight(v).work > repeatAbove ? this.store(v) : v;
  }

  buffer(bytes: number, home: Buffer["home"] = "temp", slot = -1): Buffer {
    return { id: this.buffers.next++, bytes, home, slot };
  }

  /** A fresh place for an aval, in order. */
  fresh(aval: Aval): Stored {
    return whole(this.buffer(byteSize(aval)), aval.dtype, aval.shape);
  }

  stored(v: Value): Stored | undefined {
    return v.kind === "stored" ? v : this.done.get(v);
  }

  /** The value in memory, in whatever order it is there. */
  store(v: Value): Stored {
    const known = this.stored(v);
    if (known) return known;
    const out = this.fresh(v);
    const twin = v.kind === "computed" ? v.twin : undefined;
    if (twin && !this.done.has(twin) && sizeOf(v.shape) > 0) {
      const other = this.fresh(twin);
      const b = new NestBuilder(v.shape, this);
      const nodes = [v, twin].map((x) => b.value(x, b.identity));
      b.storeAt(out, nodes[0], b.identity);
      b.storeAt(other, nodes[1], b.identity);
      this.done.set(twin, other);
      this.nest(b.finish());
    } else this.write(v as Recipe, out);
    this.done.set(v, out);
    return out;
  }

  /** The equations that read a variable, or undefined if it is a result as well. */
  readersOf(v: Var): readonly Equation[] | undefined {
    const readers = this.readers.get(v) ?? [];
    return readers.length === this.uses.get(v) ? readers : undefined;
  }

  /** Whether anything reads the variable. */
  isRead(v: Var): boolean {
    return this.uses.has(v);
  }

  /** The value in memory in row-major order, filling its place exactly from the start of a buffer. */
  contiguous(v: Value): Stored {
    const s = this.store(v);
    if (isContiguous(s)) return s;
    const known = this.done.get(s);
    if (known) return known;
    const out = this.fresh(s);
    this.write(s, out);
    this.done.set(s, out);
    return out;
  }

  /** One nest that computes `v` into `out`, whose strides may be any. */
  write(v: Value, out: Stored): void {
    if (sizeOf(v.shape) === 0) return;
    if (v.kind === "stored" && isContiguous(v) && isContiguous(out) && v.dtype === out.dtype) {
      this.copy(v, out);
      return;
    }
    const b = new NestBuilder(v.shape, this);
    b.storeAt(out, b.value(v, b.identity), b.identity);
    this.nest(b.finish());
  }

  copy(from: Stored, to: Stored): void {
    const bytes = sizeOf(from.shape) * bytesPer[from.dtype];
    if (bytes > 0) this.steps.push({ kind: "copy", type: copyStep, from: at(from.buffer), to: at(to.buffer), bytes });
  }

  nest({ nest, operands }: BuiltNest): void {
    const small = coalesce(nest);
    const dims = small.dims as readonly number[];
    const work = dims.reduce((n, d) => n * d, 1);
    if (dims.slice(0, small.parallel).some((d) => d === 0)) return;
    const outer = small.parallel > 0 ? dims[0] : 1;
    const tile = outer > 1 && work > 2 * tileWork ? Math.max(1, Math.floor(tileWork / (work / outer))) : 0;
    this.steps.push({ kind: "nest", type: nestStep, nest: small, operands, tile });
  }

  /** The result buffers: where a result was computed is where it stays; what is an input, a view or a second name is copied. */
  private outputs(): Buffer[] {
    return this.program.outputs.map((a, slot) => {
      const bytes = byteSize(a.aval);
      const v = this.valueOf(a);
      const s = v.kind === "stored" ? v : v.kind === "constant" || a.kind === "literal" ? undefined : this.store(v);
      if (s && s.buffer.home === "temp" && s.buffer.bytes === bytes && isContiguous(s)) {
        s.buffer.home = "output";
        s.buffer.slot = slot;
        return s.buffer;
      }
      const out = this.buffer(bytes, "output", slot);
      this.write(s ?? v, whole(out, a.aval.dtype, a.aval.shape));
      return out;
    });
  }
}

/** Which equations read each variable, and how many do, counting the results; equations nobody needs do not count. */
const readersOf = (p: Program): { uses: Map<Var, number>; readers: Map<Var, Equation[]> } => {
  const uses = new Map<Var, number>();
  const readers = new Map<Var, Equation[]>();
  const use = (atoms: readonly Atom[], eq?: Equation): void => {
    for (const a of new Set(atoms)) {
      if (a.kind !== "var") continue;
      uses.set(a, (uses.get(a) ?? 0) + 1);
      if (!eq) continue;
      const known = readers.get(a);
      if (known) known.push(eq);
      else readers.set(a, [eq]);
    }
  };
  use(p.outputs);
  for (let i = p.equations.length - 1; i >= 0; i--) {
    const eq = p.equations[i];
    if (hasEffects(eq) || eq.outputs.some((v) => uses.has(v))) use(eq.inputs, eq);
  }
  return { uses, readers };
};
