import { type Callable, type FunctionBuilder, i32, i64, type Local, type ValType, v128 } from "../asm";
import type { Node, Statement } from "./formula";
import { type Formula, type Helper, type Lane, laneType, type Made, type Scope } from "./lanes";
import type { Rows } from "./rows";

/** The type of a value inside a formula: float, integer, truth value. */
type Kind = "f" | "i" | "b";

const scratch = new DataView(new ArrayBuffer(8));

function floatBits(value: number, wide: boolean): bigint {
  if (wide) {
    scratch.setFloat64(0, value);
    return scratch.getBigInt64(0);
  }
  scratch.setFloat32(0, value);
  return BigInt(scratch.getInt32(0));
}

function intBits(text: string): bigint {
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}

const floatOps = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "==": "eq",
  "!=": "ne",
} as const;
const intOps = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "<": "lt_s",
  "<=": "le_s",
  ">": "gt_s",
  ">=": "ge_s",
  "==": "eq",
  "!=": "ne",
  "<<": "shl",
  ">>": "shr_s",
  ">>>": "shr_u",
} as const;
const logicOps = { "&": "and", "|": "or", "^": "xor" } as const;

/** Emits one formula; a fresh one of these per function or inlined body. */
class Emission {
  private readonly names = new Map<string, { readonly local: Local; readonly kind: Kind }>();
  private readonly vector: boolean;
  private readonly wide: boolean;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly lane: Lane,
    private readonly scope: Scope,
    private readonly made: Made,
    private readonly inlined: boolean,
  ) {
    this.vector = laneType[lane] === v128;
    this.wide = lane.startsWith("f64");
  }

  bind(name: string, local: Local, kind: Kind): void {
    this.names.set(name, { local, kind });
  }

  body(statements: readonly Statement[], outermost = true): Kind[] {
    for (const [at, s] of statements.entries()) {
      if (s.op === "=") this.assign(s);
      else if (s.op === "return") {
        const kinds = s.values.map((v) => this.value(v));
        if (outermost && at === statements.length - 1) return kinds;
        if (this.inlined) throw new Error("formula: an early return cannot be inlined");
        this.f.return();
      } else {
        this.value(s.condition);
        this.f.if(
          () => void this.body(s.then, false),
          s.otherwise.length > 0 ? () => void this.body(s.otherwise, false) : undefined,
        );
      }
    }
    return [];
  }

  private assign({ names, value }: { readonly names: readonly string[]; readonly value: Node }): void {
    let kinds: readonly Kind[];
    if (value.op === "call" && value.name === "row") {
      const [of, index] = value.args as readonly [{ readonly name: string }, Node];
      this.value(index, "i");
      const table = this.made.uses?.[of.name] as Rows;
      const columns = table.read(this.f, this.scope.rows, this.f.keep(this.typeOf("i")));
      for (const [i, name] of names.entries()) this.bind(name, columns[i] as Local, "f");
      return;
    }
    if (names.length > 1 && value.op === "call") {
      const target = this.target(value.name);
      if (target) {
        for (const a of value.args) this.value(a);
        this.f.call(target);
        kinds = names.map(() => "f" as const);
      } else kinds = this.expand(value.name, value.args);
    } else kinds = [this.value(value)];
    for (const [i, name] of [...names.entries()].reverse()) {
      const kind = kinds[i] as Kind;
      const old = this.names.get(name);
      // a name may change its kind; then it is another variable
      if (old?.kind === kind) this.f.set(old.local);
      else this.bind(name, this.f.keep(this.typeOf(kind)), kind);
    }
  }

  private typeOf(kind: Kind): ValType {
    return kind === "f" ? laneType[this.lane] : this.vector ? v128 : kind === "i" && this.wide ? i64 : i32;
  }

  private used(name: string): Formula | Helper {
    const of = this.made.uses?.[name];
    if (!of) throw new Error(`formula: no function ${name}`);
    return of as Formula | Helper;
  }

  private target(name: string): Callable | undefined {
    if (this.lane !== "f64") return undefined;
    const of = this.used(name);
    return "add" in of || of.made().own ? this.scope.call(of) : undefined;
  }

  /** Inlines a formula: its parameters are new variables (or the caller's own, when they are plain names and never assigned). */
  private expand(name: string, args: readonly Node[]): Kind[] {
    const called = this.used(name) as Formula;
    const of = (this.wide ? undefined : called.made().single) ?? called;
    const made = of.made();
    const inner = new Emission(this.f, this.lane, this.scope, made, true);
    const assigned = new Set(made.body.flatMap(assignedNames));
    for (const [i, param] of of.params.entries()) {
      const arg = args[i] as Node;
      const mine = arg.op === "name" ? this.names.get(arg.name) : undefined;
      if (mine && !assigned.has(param)) inner.bind(param, mine.local, mine.kind);
      else {
        const kind = this.value(arg);
        inner.bind(param, this.f.keep(this.typeOf(kind)), kind);
      }
    }
    return inner.body(made.body);
  }

  /** Emits an expression; a number takes the kind wanted of it. */
  private value(node: Node, want: Kind = "f"): Kind {
    const { f } = this;
    switch (node.op) {
      case "number":
        return this.literal(node.text, node.value, want);
      case "name": {
        const known = this.names.get(node.name);
        if (!known) throw new Error(`formula: unknown name ${node.name}`);
        f.get(known.local);
        return known.kind;
      }
      case "?": {
        const [condition, then, otherwise] = node.args;
        if (this.vector && then.op === "number" && then.text === "0") {
          const kind = this.value(otherwise);
          this.value(condition);
          f.v128.andnot();
          return kind;
        }
        const kind = this.pair(then, otherwise);
        this.value(condition);
        if (this.vector) f.v128.bitselect();
        else f.select();
        return kind;
      }
      case "unary":
        return this.unary(node.name, node.args[0] as Node, want);
      case "binary":
        return this.binary(node.name, node.args[0] as Node, node.args[1] as Node);
      case "call":
        return this.call(node.name, node.args);
    }
  }

  private literal(text: string, value: number, kind: Kind): Kind {
    const { f, wide } = this;
    if (this.vector) this.scope.constant(f, kind === "f" ? floatBits(value, wide) : intBits(text), wide);
    else if (kind === "f") f[wide ? "f64" : "f32"].const(value);
    else if (wide) f.i64.const(intBits(text));
    else f.i32.const(Number(text));
    return kind;
  }

  /** Two operands of one kind; a number beside something else takes the other's kind. */
  private pair(a: Node, b: Node): Kind {
    if (a.op !== "number") {
      const kind = this.value(a);
      this.value(b, kind);
      return kind;
    }
    const kind = this.kindOf(b);
    this.value(a, kind);
    return this.value(b, kind);
  }

  private kindOf(node: Node): Kind {
    if (node.op === "name") return this.names.get(node.name)?.kind ?? "f";
    if (node.op === "call") return node.name === "bits" ? "i" : "f";
    if (node.op === "number") return "f";
    if (node.op === "binary" && node.name in floatOps && /[<>=]/.test(node.name)) return "b";
    const kinds = node.args.slice(node.op === "?" ? 1 : 0).map((n) => (n.op === "number" ? undefined : this.kindOf(n)));
    return kinds.find((k) => k !== undefined) ?? "f";
  }

  private binary(op: string, a: Node, b: Node): Kind {
    const { f, lane } = this;
    if (op === "<<" || op === ">>" || op === ">>>") {
      this.value(a, "i");
      if (this.vector) {
        if (b.op !== "number") throw new Error("formula: vectors shift by constants");
        f.i32.const(b.value);
      } else this.value(b, "i");
      this.ints()[intOps[op]]();
      return "i";
    }
    if (op === "&" && this.vector && b.op === "unary" && b.name === "!") {
      const kind = this.value(a);
      this.value(b.args[0] as Node);
      f.v128.andnot();
      return kind;
    }
    const kind = this.pair(a, b);
    if (op in logicOps) {
      const name = logicOps[op as keyof typeof logicOps];
      if (kind === "f") throw new Error(`formula: ${op} of floats; use bits()`);
      if (this.vector) f.v128[name]();
      else f[kind === "i" && this.wide ? "i64" : "i32"][name]();
      return kind;
    }
    if (kind === "f") f[lane][floatOps[op as keyof typeof floatOps]]();
    else this.ints()[intOps[op as "+"]]();
    return /[<>=]/.test(op) ? "b" : kind;
  }

  /** The namespace of integers; those of the four lanes agree on what is asked of them here. */
  private ints(): FunctionBuilder["i64x2"] {
    const { f, vector, wide } = this;
    return (vector ? (wide ? f.i64x2 : f.i32x4) : wide ? f.i64 : f.i32) as FunctionBuilder["i64x2"];
  }

  private unary(op: string, a: Node, want: Kind): Kind {
    const { f } = this;
    if (op === "-") {
      if (this.kindOf(a) === "i" || (a.op === "number" && want === "i")) {
        this.literal("0", 0, "i");
        this.value(a, "i");
        this.ints().sub();
        return "i";
      }
      this.value(a);
      if (this.vector) {
        this.scope.constant(f, floatBits(-0, this.wide), this.wide);
        f.v128.xor();
      } else f[this.lane as "f64"].neg();
      return "f";
    }
    const kind = this.value(a);
    if (this.vector) f.v128.not();
    else if (kind === "b") f.i32.eqz();
    else {
      this.literal("-1", -1, "i");
      (this.wide ? f.i64 : f.i32).xor();
    }
    return kind;
  }

  private call(name: string, args: readonly Node[]): Kind {
    const { f, lane, vector } = this;
    const operands = () => {
      for (const a of args) this.value(a);
    };
    const mask = (bits: bigint) => {
      this.scope.constant(f, this.wide ? bits : BigInt.asIntN(32, bits >> 32n), this.wide);
      f.v128.and();
    };
    switch (name) {
      case "abs":
        operands();
        if (vector) mask(0x7fffffffffffffffn);
        else f[lane as "f64"].abs();
        return "f";
      case "copysign":
        if (!vector) {
          operands();
          f[lane as "f64"].copysign();
        } else {
          this.value(args[0] as Node);
          mask(0x7fffffffffffffffn);
          this.value(args[1] as Node);
          mask(-0x8000000000000000n);
          f.v128.or();
        }
        return "f";
      case "sqrt":
      case "floor":
      case "nearest":
      case "trunc":
        operands();
        f[lane][name]();
        return "f";
      // pmin(a, b) is b < a ? b : a, so a NaN in a comes through; it is two instructions where IEEE min takes eight
      case "pmin":
      case "pmax": {
        if (vector) {
          operands();
          f[lane as "f64x2"][name]();
        } else {
          const [b, a] = [args[1] as Node, args[0] as Node];
          this.value(b);
          this.value(a);
          this.value(b);
          this.value(a);
          f[lane as "f64"][name === "pmin" ? "lt" : "gt"]().select();
        }
        return "f";
      }
      case "bits":
        operands();
        if (lane === "f64") f.i64.reinterpret_f64();
        if (lane === "f32") f.i32.reinterpret_f32();
        return "i";
      case "float":
        this.value(args[0] as Node, "i");
        if (lane === "f64") f.f64.reinterpret_i64();
        if (lane === "f32") f.f32.reinterpret_i32();
        return "f";
      case "any":
        this.value(args[0] as Node);
        if (vector) f.v128.any_true();
        return "b";
      case "poly":
        return this.horner(args);
      case "estrin":
        return this.estrin(args);
      case "each":
        return this.each((args[0] as { name: string }).name, args.slice(1));
    }
    const target = this.target(name);
    if (!target) return this.expand(name, args)[0] as Kind;
    operands();
    f.call(target);
    return "f";
  }

  /** c₀ + x(c₁ + x(c₂ + …)): fewest operations, longest chain. */
  private horner([x, ...c]: readonly Node[]): Kind {
    const at = this.variable(x as Node);
    this.value(c[c.length - 1] as Node);
    for (let i = c.length - 2; i >= 0; i--) {
      this.f.get(at)[this.lane].mul();
      this.value(c[i] as Node);
      this.f[this.lane].add();
    }
    return "f";
  }

  /** The same polynomial by halves: shorter chains, a few more multiplications. */
  private estrin([x, ...c]: readonly Node[]): Kind {
    const powers = [this.variable(x as Node)];
    const part = (from: number, count: number): void => {
      if (count === 1) return void this.value(c[from] as Node);
      const level = Math.ceil(Math.log2(count)) - 1;
      const half = 2 ** level;
      for (let p = powers.length; p <= level; p++) {
        const last = powers[p - 1] as Local;
        powers.push(this.f.get(last).get(last)[this.lane].mul().keep(laneType[this.lane]));
      }
      part(from + half, count - half);
      this.f.get(powers[level] as Local)[this.lane].mul();
      part(from, half);
      this.f[this.lane].add();
    };
    part(0, c.length);
    return "f";
  }

  private variable(x: Node): Local {
    const known = x.op === "name" ? this.names.get(x.name)?.local : undefined;
    if (known) return known;
    this.value(x);
    return this.f.keep(laneType[this.lane]);
  }

  /** The scalar function, lane by lane: the way out for arguments that a vector formula does not cover. */
  private each(name: string, args: readonly Node[]): Kind {
    const { f, lane } = this;
    const target = this.scope.call(this.used(name));
    if (!target) throw new Error(`formula: no scalar function ${name}`);
    if (!this.vector) {
      for (const a of args) {
        this.value(a);
        if (!this.wide) f.f64.promote_f32();
      }
      f.call(target);
      if (!this.wide) f.f32.demote_f64();
      return "f";
    }
    const locals = args.map((a) => this.variable(a));
    const out = f.local(v128);
    const vectors = f[lane as "f64x2"];
    for (let i = 0; i < (this.wide ? 2 : 4); i++) {
      f.get(out);
      for (const l of locals) {
        f.get(l);
        vectors.extract_lane(i);
        if (!this.wide) f.f64.promote_f32();
      }
      f.call(target);
      if (!this.wide) f.f32.demote_f64();
      vectors.replace_lane(i);
      f.set(out);
    }
    f.get(out);
    return "f";
  }
}

function assignedNames(s: Statement): readonly string[] {
  if (s.op === "=") return s.names;
  return s.op === "if" ? [...s.then, ...s.otherwise].flatMap(assignedNames) : [];
}

/** Emits a formula in place: the arguments are locals (left as they are), the results are left on the stack; gives how many. */
export function inline(
  f: FunctionBuilder,
  lane: Lane,
  of: Formula,
  args: readonly Local[],
  scope: Scope,
  body = of.made().body,
): number {
  const emission = new Emission(f, lane, scope, of.made(), true);
  const assigned = new Set(body.flatMap(assignedNames));
  for (const [i, param] of of.params.entries()) {
    const arg = args[i] as Local;
    emission.bind(param, assigned.has(param) ? f.get(arg).keep(arg.type) : arg, "f");
  }
  return emission.body(body).length;
}
