import { jvp, vjp } from "@ansatz/autodiff";
import { add, DomainError, type Tensor, tensor, zerosLike } from "@ansatz/tensor";
import {
  type Atom,
  type Equation,
  evalProgram,
  Namer,
  type Program,
  printEquation,
  traceBody,
  type Var,
} from "@ansatz/tensor/transforms";
import { evaluateFormula, parseFormula } from "./formula";

/** A line of a program with what both sweeps leave there; inputs are lines without an op. */
export interface SweepLine {
  /** The variable, as the program prints it. */
  readonly name: string;
  /** The name a person gave: inputs alone have one. */
  readonly label?: string;
  /** The line as printed: `d:float64[] = mul a c`. */
  readonly text: string;
  readonly op?: string;
  /** The variables it is made of, without repetition; numbers are not listed. */
  readonly parents: readonly string[];
  readonly value: number;
  /** Derivative along the direction: the forward sweep, in the order of the lines. */
  readonly tangent: number;
  /** Derivative of the result by this value: the reverse sweep, in the opposite order. */
  readonly adjoint: number;
}

/** What one line hands to one of its parents in the reverse sweep. */
export interface SweepStep {
  readonly from: string;
  readonly to: string;
  /** ∂from/∂to along this edge alone. */
  readonly partial: number;
  /** What is added: the adjoint of `from` times the partial. */
  readonly amount: number;
  /** The adjoint of `to` after it. */
  readonly total: number;
}

export interface Sweeps {
  /** Lines in the order in which values and tangents are computed, the inputs first. */
  readonly lines: readonly SweepLine[];
  /** The reverse sweep, step by step. */
  readonly reverse: readonly SweepStep[];
  /** The variable that is the result. */
  readonly result: string;
  readonly value: number;
  /** The derivative along the direction, by the forward sweep. */
  readonly tangent: number;
  /** The gradient, by the reverse sweep: one entry per input. */
  readonly gradient: Readonly<Record<string, number>>;
}

const item = (t: Tensor): number => t.item() as number;

/**
 * Automatic differentiation seen as a program: a function of named numbers, staged and printed, with the value, the tangent along `direction` and
 * the adjoint of every line. Derivatives of a line are those of its one equation (jvp and vjp); the sweeps only pass them on.
 *
 * @throws {DomainError} the function does not return one number
 */
export const sweeps = (
  f: (inputs: Readonly<Record<string, Tensor>>) => Tensor,
  inputs: Readonly<Record<string, number>>,
  direction: Readonly<Record<string, number>> = {},
): Sweeps => {
  const labels = Object.keys(inputs).sort();
  const leaf = { kind: "leaf" } as const;
  const scalar = { shape: [], dtype: "float64" } as const;
  const { program, captured } = traceBody(
    (...xs: Tensor[]) => f(Object.fromEntries(labels.map((k, i) => [k, xs[i]]))),
    labels.map(() => leaf),
    labels.map(() => scalar),
    "sweeps",
  );
  const [out] = program.outputs;
  if (program.outputs.length !== 1 || out.aval.shape.length !== 0)
    throw new DomainError("sweeps", "the function must return one number", {
      results: program.outputs.map((a) => `${a.aval.dtype}[${a.aval.shape}]`),
    });
  const names = new Namer();
  for (const v of [...program.inputs, ...program.equations.flatMap((eq) => eq.outputs)]) names.of(v);
  const given = labels.map((k) => tensor(inputs[k], { dtype: "float64" }));
  const along = labels.map((k) => tensor(direction[k] ?? 0, { dtype: "float64" }));
  const start = [...captured, ...given];
  const values = new Map<Var, Tensor>(program.inputs.map((v, i) => [v, start[i]]));
  const tangents = new Map<Var, Tensor>(
    program.inputs.map((v, i) => [v, i < captured.length ? zerosLike(start[i]) : along[i - captured.length]]),
  );
  for (const eq of program.equations) {
    const { vars, apply } = alone(eq);
    const d = jvp(
      (...xs: Tensor[]) => apply(xs),
      vars.map((v) => values.get(v) as Tensor),
      vars.map((v) => tangents.get(v) as Tensor),
    );
    eq.outputs.forEach((v, i) => {
      values.set(v, d.value[i]);
      tangents.set(v, d.tangent[i]);
    });
  }
  const { adjoints, reverse } = backwards(program, values, names);
  const of = (m: ReadonlyMap<Var, Tensor>, a: Atom): number => {
    const t = a.kind === "var" ? m.get(a) : undefined;
    return t === undefined ? 0 : item(t);
  };
  const line = (v: Var, text: string, more: Partial<SweepLine>): SweepLine => ({
    name: names.of(v),
    text,
    parents: [],
    value: of(values, v),
    tangent: of(tangents, v),
    adjoint: of(adjoints, v),
    ...more,
  });
  const arguments_ = program.inputs.slice(captured.length);
  return {
    lines: [
      ...arguments_.map((v, i) => line(v, `${names.of(v)} = ${labels[i]}`, { label: labels[i] })),
      ...program.equations.flatMap((eq) =>
        eq.outputs.map((v) =>
          line(v, printEquation(eq, names), { op: eq.op.name, parents: alone(eq).vars.map((x) => names.of(x)) }),
        ),
      ),
    ],
    reverse,
    result: names.of(out),
    value: out.kind === "literal" ? out.value : of(values, out),
    tangent: of(tangents, out),
    gradient: Object.fromEntries(labels.map((k, i) => [k, of(adjoints, arguments_[i])])),
  };
};

/** `sweeps` of a formula as typed, in the variables given. */
export const formulaSweeps = (
  text: string,
  inputs: Readonly<Record<string, number>>,
  direction?: Readonly<Record<string, number>>,
): Sweeps => {
  const formula = parseFormula(text, Object.keys(inputs));
  return sweeps((at) => evaluateFormula(formula, at), inputs, direction);
};

/** One equation as a function of its variables, each once. */
const alone = (eq: Equation): { vars: Var[]; apply: (xs: readonly Tensor[]) => Tensor[] } => {
  const vars = [...new Set(eq.inputs.filter((a): a is Var => a.kind === "var"))];
  const program: Program = { inputs: vars, equations: [eq], outputs: eq.outputs };
  return { vars, apply: (xs) => evalProgram(program, xs) };
};

const backwards = (program: Program, values: ReadonlyMap<Var, Tensor>, names: Namer) => {
  const adjoints = new Map<Var, Tensor>();
  const reverse: SweepStep[] = [];
  const [out] = program.outputs;
  const one = tensor(1, { dtype: "float64" });
  if (out.kind === "var") adjoints.set(out, one);
  for (const eq of [...program.equations].reverse()) {
    const [made] = eq.outputs;
    const above = adjoints.get(made);
    if (above === undefined || eq.outputs.length !== 1) continue;
    const { vars, apply } = alone(eq);
    const { pullback } = (vjp as (f: unknown, ...xs: Tensor[]) => { pullback: (w: Tensor) => readonly Tensor[] })(
      (...xs: Tensor[]) => apply(xs)[0],
      ...vars.map((v) => values.get(v) as Tensor),
    );
    const amounts = pullback(above);
    const partials = pullback(one);
    vars.forEach((v, i) => {
      const before = adjoints.get(v);
      const total = before === undefined ? amounts[i] : add(before, amounts[i]);
      adjoints.set(v, total);
      reverse.push({
        from: names.of(made),
        to: names.of(v),
        partial: item(partials[i]),
        amount: item(amounts[i]),
        total: item(total),
      });
    });
  }
  return { adjoints, reverse };
};
