import {
  type Atom,
  type Aval,
  type Equation,
  equation,
  isFloat,
  type Literal,
  literal,
  newVar,
  type Op,
  type Params,
  type Var,
} from "@ansatz/backend";
import { leaked } from "../core/leaks";
import type { TensorOp } from "../core/op";
import { type Tensor, tracer } from "../core/tensor";
import { isWeak, type Trace, weakResults } from "../core/trace";

/** What an abstract argument is: an aval, and whether somebody asked for its dtype. */
export interface Arg extends Aval {
  readonly weak?: boolean;
}

/** What staging and partial evaluation share: ops become equations, tensors from outside become inputs. */
export abstract class Staging {
  done = false;
  readonly equations: Equation[] = [];
  readonly captured: Tensor[] = [];
  readonly capturedVars: Var[] = [];
  private readonly capturedAt = new Map<object, Var>();

  constructor(
    readonly parent: Trace | null,
    readonly origin: string,
  ) {}

  input(a: Arg): Tensor {
    return this.tracer(newVar({ shape: a.shape, dtype: a.dtype }), a.weak ?? false);
  }

  private tracer(v: Var, weak: boolean): Tensor {
    return tracer(this as unknown as Trace, v.aval.shape, v.aval.dtype, weak, v);
  }

  owns(t: Tensor): boolean {
    return t.trace === (this as unknown as Trace);
  }

  below(): null {
    return null;
  }

  atom(t: Tensor): Atom {
    return this.owns(t) ? (t.payload as Var) : (literalOf(t) ?? this.capture(t));
  }

  private capture(t: Tensor): Var {
    const identity = t.cell ?? t;
    let v = this.capturedAt.get(identity);
    if (v === undefined) {
      if (t.trace !== null && !isAncestor(t.trace, this.parent)) throw leaked(this.origin, t);
      v = newVar({ shape: t.shape, dtype: t.dtype });
      this.capturedAt.set(identity, v);
      this.captured.push(t);
      this.capturedVars.push(v);
    }
    return v;
  }

  record(op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] {
    const atoms = inputs.map((t) => this.atom(t));
    const eq = equation(op as unknown as Op, params, atoms);
    this.equations.push(eq);
    const weak = weakResults(op, inputs, params);
    return eq.outputs.map((v, i) => this.tracer(v, isWeak(weak, i) && isFloat(v.aval.dtype)));
  }
}

export const isAncestor = (t: Trace, of: Trace | null): boolean => {
  if (t.done) return false;
  for (let a = of; a !== null; a = a.parent) if (a === t) return true;
  return false;
};

/** Weak host scalars are what JS numbers become: they are literals of a program. Everything else is an input. */
export const literalOf = (t: Tensor): Literal | null => {
  const cell = t.cell;
  return t.weak && cell !== null && t.shape.length === 0 && cell.host !== null && !cell.committed && t.dtype !== "key"
    ? literal(Number(cell.host[0]), t.dtype)
    : null;
};
