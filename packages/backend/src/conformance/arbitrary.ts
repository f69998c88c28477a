import type * as FastCheck from "fast-check";
import { type Aval, aval, sameAval } from "../aval";
import { buildProgram } from "../build";
import type { DType } from "../dtype";
import type { HostValue } from "../op";
import * as core from "../ops/all";
import { printProgram } from "../print";
import { type Atom, literal, type Program } from "../program";
import { hostValue } from "../reference/evaluate";
import { Pool, type Value } from "./arbitrary-pool";
import { plainSteps, type Step } from "./arbitrary-steps";
import { type ConformanceCase, programCase } from "./case";
import { ordinary, stream } from "./values";

/** What random programs may be made of. */
export interface ArbitraryOptions {
  readonly dtypes: readonly DType[];
  /** At most so many steps, each of an equation or a few (default 16). */
  readonly steps?: number;
}

const shapes: readonly (readonly number[])[] = [[], [3], [2, 3], [3, 2], [1, 3], [4], [0], [2, 1, 3]];
const steps = (): readonly Step[] => [...plainSteps, looping, scanning, branching, calling];

/** A nested program with inputs of these avals whose first results have the avals `wanted`; then up to `free` of any kind. */
const nested = (
  p: Pool,
  inputs: readonly Aval[],
  wanted: readonly Aval[],
  free: number,
): { body: Program; errs: number[] } => {
  const errs: number[] = [];
  const body = buildProgram(inputs, (emit, ...vars) => {
    const q = new Pool(emit, p.next, p.dtypes, p.depth + 1);
    for (const v of vars) q.add(v);
    const count = 1 + p.below(4);
    for (let i = 0; i < count; i++) q.choose(q.depth < 3 ? steps() : plainSteps)(q);
    const required = wanted.map((a) => q.make(a));
    const others = Array.from({ length: p.below(free + 1) }, () => q.choose(q.values)).filter((v) => v !== undefined);
    errs.push(...wanted.map(() => 0), ...others.map((v) => v.err));
    return [...required, ...others.map((v) => v.atom)];
  });
  return { body, errs };
};

/** Some exact values, for the operands of control flow. */
const operands = (p: Pool, n: number): Value[] =>
  Array.from({ length: n }, () => p.exact()).filter((v): v is Value => v !== undefined);
const avals = (vs: readonly Value[]): Aval[] => vs.map((v) => v.atom.aval);
const atoms = (vs: readonly Value[]): Atom[] => vs.map((v) => v.atom);

const scanning: Step = (p) => {
  const consts = operands(p, p.below(2));
  const carry = operands(p, p.below(3));
  const x = p.exact((a) => a.shape.length > 0);
  const length = x ? x.atom.aval.shape[0] : p.below(4);
  const xs = x ? [x] : [];
  const inputs = [...avals(consts), ...avals(carry), ...avals(xs).map((a) => aval(a.shape.slice(1), a.dtype))];
  if (length > 6) return;
  const { body, errs } = nested(p, inputs, avals(carry), 2);
  const params = { body, length, consts: consts.length, carry: carry.length, reverse: p.next() < 0.5 };
  const outs = p.emit(core.scan, params, ...atoms(consts), ...atoms(carry), ...atoms(xs));
  for (const [i, o] of outs.entries()) p.add(o, errs[i]);
};

/** A loop that counts to a literal; the predicate may look at a constant too. */
const looping: Step = (p) => {
  const i32 = aval([], "int32");
  const consts = operands(p, p.below(2));
  const carry = operands(p, 1 + p.below(2));
  const limit = p.below(5);
  const cond = buildProgram([i32, ...avals(carry)], (emit, i) => emit(core.lt, {}, i, literal(limit, "int32")));
  const inner = nested(p, [...avals(consts), ...avals(carry)], avals(carry), 0).body;
  const body = buildProgram([...avals(consts), i32, ...avals(carry)], (emit, ...vars) => {
    const i = vars[consts.length];
    const rest = vars.filter((v) => v !== i);
    return [emit(core.add, {}, i, literal(1, "int32"))[0], ...emit(core.call, { body: inner, name: "step" }, ...rest)];
  });
  const outs = p.emit(
    core.whileLoop,
    { cond, body, condConsts: 0, bodyConsts: consts.length },
    ...atoms(consts),
    p.int(p.below(3)),
    ...atoms(carry),
  );
  for (const o of outs) p.add(o);
};

const branching: Step = (p) => {
  const given = operands(p, 1 + p.below(2));
  const wanted = avals(given).filter(() => p.next() < 0.8);
  const branches = Array.from({ length: 1 + p.below(3) }, () => nested(p, avals(given), wanted, 0).body);
  const index = p.exact((a) => sameAval(a, aval([], "int32")))?.atom ?? p.int(p.below(4) - 1);
  for (const o of p.emit(core.cond, { branches }, index, ...atoms(given))) p.add(o);
};

const calling: Step = (p) => {
  const given = operands(p, 1 + p.below(2));
  const { body, errs } = nested(p, avals(given), [], 3);
  const outs = p.emit(core.call, { body, name: "f" }, ...atoms(given));
  for (const [i, o] of outs.entries()) p.add(o, errs[i]);
};

/** Small integers for floats, anything for the exact dtypes. */
const inputValue = (a: Aval, seed: string): HostValue => {
  if (a.dtype === "bool" || a.dtype === "key" || a.dtype === "uint32") return ordinary(a.dtype, a.shape, seed);
  const small = ordinary("int32", a.shape, seed, { low: -0.5, high: 0.5 });
  return hostValue(a.dtype, a.shape, [...small.data].map(Number));
};

const build = (
  seed: number,
  genes: readonly number[],
  inputs: readonly Aval[],
  dtypes: readonly DType[],
): ConformanceCase => {
  const errs: number[] = [];
  const program = buildProgram(inputs, (emit, ...vars) => {
    const at = (gene: number) => new Pool(emit, stream(gene), dtypes, 0);
    const values = vars.map((atom) => ({ atom, err: 0 }) as Value);
    for (const gene of genes) {
      // Every gene has a stream of its own: shrinking may drop or change one and leave the others' choices.
      const p = at(gene);
      p.values.push(...values);
      p.choose(steps())(p);
      values.push(...p.values.slice(values.length));
    }
    const p = at(seed);
    p.values.push(...values);
    const outputs = Array.from(
      { length: 1 + p.below(4) },
      (): Value =>
        p.next() < 0.1
          ? { atom: literal(p.below(3), p.choose(dtypes.filter((d) => d !== "key"))), err: 0 }
          : (p.pick(() => true) as Value),
    ).filter((v) => v !== undefined);
    if (outputs.length > 0 && p.next() < 0.2) outputs.push(outputs[0]);
    errs.push(...outputs.map((v) => v.err));
    return outputs.map((v) => v.atom);
  });
  const c = programCase(
    "program",
    dtypes[0],
    program,
    inputs.map((a, i) => inputValue(a, `${seed} ${i}`)),
    { shapeClass: "random", variant: `seed ${seed}` },
  );
  // Integers are equal under any tolerance; the least of them only forgives the sign of a zero, which the order of a sum decides.
  const print = () => `${c.name}\n${printProgram(c.program)}`;
  return Object.assign(c, {
    [Symbol.for("fast-check/toStringMethod")]: print,
    tolerance: errs.map((err) => ({ eps: Math.max(err, 2 ** -20), of: "unit" as const })),
  });
};

/**
 * Whole random well-typed programs as cases for `runCase`: every family of core op, nested scan, while and cond, shared
 * subexpressions, dead code, inputs and literals as outputs, outputs given twice, ops with several results, extension ops. Give it
 * fast-check:
 *
 *     import fc from "fast-check";
 *     fc.asyncProperty(arbitraryProgram(fc, { dtypes }), async (c) => (await runCase(backend, c)) === null)
 */
export const arbitraryProgram = (
  fc: Pick<typeof FastCheck, "tuple" | "array" | "nat" | "constantFrom">,
  options: ArbitraryOptions,
): FastCheck.Arbitrary<ConformanceCase> => {
  const dtypes = options.dtypes;
  const input = fc.tuple(fc.constantFrom(...dtypes), fc.constantFrom(...shapes)).map(([d, s]) => aval(s, d));
  return fc
    .tuple(
      fc.nat({ max: 2 ** 30 }),
      fc.array(fc.nat({ max: 2 ** 30 }), { maxLength: options.steps ?? 16 }),
      fc.array(input, { minLength: 1, maxLength: 4 }),
    )
    .map(([seed, genes, inputs]) => build(seed, genes, inputs, dtypes));
};
