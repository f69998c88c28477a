import { isFloat, type Program } from "@ansatz/backend";
import type { Tensor } from "@ansatz/tensor";
import { bind, evalProgram, memo, type Tangent, traceClosed, zeros } from "@ansatz/tensor/transforms";
import type { SeriesRule } from "./rules";
import { jetFlat, type Series } from "./trace";

/**
 * Loops and branches on series: every operand that moves, and every float carry and result, becomes its order + 1 coefficients, side by side in place
 * of the one.
 */
const moves = (s: Series): boolean => s.slice(1).some((c) => c !== null);
const full = (s: Series): Tensor[] => s.map((c) => c ?? zeros(s[0] as Tensor));
const spreadOut = (s: Series, wide: boolean): readonly Tensor[] => (wide ? full(s) : [s[0] as Tensor]);

/** Takes apart a list in which the wide places hold n entries each. */
const gather = <T>(wide: readonly boolean[], list: readonly T[], n: number): T[][] => {
  let at = 0;
  return wide.map((w) => list.slice(at, (at += w ? n : 1)));
};
const asSeries = (group: readonly Tensor[], order: number): Series =>
  group.length > 1 || order === 0 ? group : [group[0], ...new Array<Tangent>(order).fill(null)];

const floats = (avals: readonly { readonly aval: { readonly dtype: string } }[]): boolean[] =>
  avals.map((a) => isFloat(a.aval.dtype as never));

/** A program on coefficients: wide inputs, then wide results. */
const jetProgram = (p: Program, wideIn: readonly boolean[], wideOut: readonly boolean[], order: number): Program =>
  memo(p, `jet ${order} ${wideIn} ${wideOut}`, () =>
    traceClosed(
      (xs) => {
        const series = gather(wideIn, xs, order + 1).map((g) => asSeries(g, order));
        const outs = jetFlat((ys) => evalProgram(p, ys), series, order, "jet");
        return outs.flatMap((s, i) => spreadOut(s, wideOut[i]));
      },
      p.inputs.flatMap((v, i) => (wideIn[i] ? new Array(order + 1).fill(v.aval) : [v.aval])),
      "jet",
    ),
  );

const scan: SeriesRule = (op, series, params, order) => {
  const { body, consts, carry } = params as unknown as { body: Program; consts: number; carry: number };
  const head = consts + carry;
  const wideIn = series.map((s, i) => (i >= consts && i < head ? isFloat((s[0] as Tensor).dtype) : moves(s)));
  const wideOut = floats(body.outputs);
  const count = (from: number, to: number): number =>
    wideIn.slice(from, to).reduce((n, w) => n + (w ? order + 1 : 1), 0);
  const outs = bind(
    op,
    series.flatMap((s, i) => spreadOut(s, wideIn[i])),
    {
      ...params,
      body: jetProgram(body, wideIn, wideOut, order),
      consts: count(0, consts),
      carry: count(consts, head),
    },
  );
  return gather(wideOut, outs, order + 1).map((g) => asSeries(g, order));
};

const whileLoop: SeriesRule = (op, series, params, order) => {
  const p = params as unknown as { cond: Program; body: Program; condConsts: number; bodyConsts: number };
  const head = p.condConsts + p.bodyConsts;
  const wideIn = series.map((s, i) => (i >= head ? isFloat((s[0] as Tensor).dtype) : i >= p.condConsts && moves(s)));
  const wideOut = floats(p.body.outputs);
  const cond = memo(p.cond, `jet ${order} ${wideOut}`, () =>
    traceClosed(
      (xs) => {
        const carry = gather(wideOut, xs.slice(p.condConsts), order + 1).map((g) => g[0]);
        return evalProgram(p.cond, [...xs.slice(0, p.condConsts), ...carry]);
      },
      p.cond.inputs.flatMap((v, i) =>
        i >= p.condConsts && wideOut[i - p.condConsts] ? new Array(order + 1).fill(v.aval) : [v.aval],
      ),
      "jet",
    ),
  );
  const bodyWide = wideIn.slice(p.condConsts);
  const outs = bind(
    op,
    series.flatMap((s, i) => spreadOut(s, wideIn[i])),
    {
      cond,
      body: jetProgram(p.body, bodyWide, wideOut, order),
      condConsts: p.condConsts,
      bodyConsts: bodyWide.slice(0, p.bodyConsts).reduce((n, w) => n + (w ? order + 1 : 1), 0),
    },
  );
  return gather(wideOut, outs, order + 1).map((g) => asSeries(g, order));
};

const cond: SeriesRule = (op, [index, ...series], params, order) => {
  const branches = params.branches as readonly Program[];
  const wideIn = series.map(moves);
  const wideOut = floats(branches[0].outputs);
  const outs = bind(op, [index[0] as Tensor, ...series.flatMap((s, i) => spreadOut(s, wideIn[i]))], {
    branches: branches.map((b) => jetProgram(b, wideIn, wideOut, order)),
  });
  return gather(wideOut, outs, order + 1).map((g) => asSeries(g, order));
};

export const flowRules: ReadonlyMap<string, SeriesRule> = /* @__PURE__ */ new Map<string, SeriesRule>([
  ["scan", scan],
  ["while", whileLoop],
  ["cond", cond],
]);
