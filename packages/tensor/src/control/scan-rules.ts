import type { Atom, Program, Var } from "@ansatz/backend";
import type * as core from "../core/core-ops";
import {
  type BatchRule,
  isLinearInput,
  type JvpCallRule,
  type LinearInput,
  type PruneRule,
  type TensorOp,
} from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { add } from "../ops/arithmetic";
import { batchedAt } from "../ops/batching";
import { type Axis, batchProgram } from "../transforms/batch-trace";
import { dce, restrict } from "../transforms/dce";
import { memo, setWeak, weakOf } from "../transforms/memo";
import { evalProgram, traceClosed } from "../transforms/program-trace";
import { jvpProgram, partialEvalProgram } from "../transforms/program-transforms";
import { transposeProgram } from "../transforms/transpose";
import { zeros } from "../transforms/zeros";
import { isPresent, not, only, or, present, same, spread } from "./masks";

/** The rules of ops that compute what scan does. */

export type ScanParams = core.ScanParams;

/** Cuts a list into consts, carry and the rest. */
export const cutScan = <T>(p: ScanParams, list: readonly T[]) => ({
  consts: list.slice(0, p.consts),
  carry: list.slice(p.consts, p.consts + p.carry),
  xs: list.slice(p.consts + p.carry),
});

/** Forward mode of an op that computes what scan does. */
export const scanJvp =
  /* @__NO_SIDE_EFFECTS__ */
    <P extends ScanParams>(op: () => TensorOp<P>): JvpCallRule<P> =>
    (primals, tangents, p) => {
      const x = cutScan(p, primals);
      const dx = cutScan(p, tangents);
      const { body, carried, ys } = jvpBody(p, tangents.map(isPresent));
      const carry0 = spread(carried, only(carried, x.carry)).map((t, i) =>
        t === null ? null : (dx.carry[i] ?? zeros(t)),
      );
      const outs = bind(
        op(),
        [...x.consts, ...present(dx.consts), ...x.carry, ...present(carry0), ...x.xs, ...present(dx.xs)],
        {
          ...p,
          body,
          consts: p.consts + present(dx.consts).length,
          carry: p.carry + present(carry0).length,
        },
      );
      const n = p.carry;
      const m = n + present(carry0).length;
      const k = p.body.outputs.length - n;
      return {
        outs: [...outs.slice(0, n), ...outs.slice(m, m + k)],
        tangents: [...spread(carried, outs.slice(n, m)), ...spread(ys, outs.slice(m + k))],
      };
    };

/** Batching of an op that computes what scan does. */
export const scanBatch =
  /* @__NO_SIDE_EFFECTS__ */
    <P extends ScanParams>(op: () => TensorOp<P>): BatchRule<P> =>
    (size, inputs, axes, p) => {
      const given = axes.map(isPresent);
      const m = cutScan(p, given);
      let carried = m.carry;
      let b = batchProgram(p.body, size, given);
      for (;;) {
        b = batchProgram(
          p.body,
          size,
          [...m.consts, ...carried, ...m.xs],
          [...carried, ...p.body.outputs.slice(p.carry).map(() => false)],
        );
        const next = or(carried, b.batched.slice(0, p.carry));
        if (same(next, carried)) break;
        carried = next;
      }
      const head = p.consts + p.carry;
      const outs = bind(
        op(),
        inputs.map((x, i) => {
          if (i >= head) return axes[i] === null ? x : batchedAt(x, axes[i], size, 1);
          const batched = i < p.consts ? given[i] : carried[i - p.consts];
          return batched ? batchedAt(x, axes[i], size) : x;
        }),
        { ...p, body: b.program },
      );
      return { outs, axes: b.batched.map((yes, i): Axis => (yes ? (i < p.carry ? 0 : 1) : null)) };
    };

/** A scan without results that nothing uses. */
export const scanPrune = <P extends ScanParams>(p: P, used: readonly boolean[]): ReturnType<PruneRule<P>> => {
  // A carry is needed when its last value is, or when a needed result of some round is made of it.
  let keep = used.slice();
  let r = restrict(p.body, keep);
  for (;;) {
    const next = keep.map((k, i) => k || (i < p.carry && r.inputs[p.consts + i]));
    if (same(next, keep)) break;
    keep = next;
    r = restrict(p.body, keep);
  }
  const inputs = r.inputs.map((need, i) => (i >= p.consts && i < p.consts + p.carry ? keep[i - p.consts] : need));
  const at = cutScan(p, inputs);
  const body = { ...r.program, inputs: only(inputs, p.body.inputs) };
  const count = (mask: readonly boolean[]): number => mask.filter(Boolean).length;
  return {
    params: {
      ...p,
      body: setWeak(body, only(keep, weakOf(p.body))),
      consts: count(at.consts),
      carry: count(at.carry),
    },
    inputs,
    outputs: keep,
  };
};

/** The body with tangents beside values: (consts, dconsts, carry, dcarry, xs, dxs) → (carry, dcarry, ys, dys). */
const jvpBody = (p: ScanParams, nonzero: readonly boolean[]) =>
  memo(p.body, `scan jvp ${p.consts} ${p.carry} ${nonzero}`, () => {
    const given = cutScan(p, nonzero);
    let carried = given.carry;
    for (;;) {
      const mask = [...given.consts, ...carried, ...given.xs];
      const force = [...carried, ...p.body.outputs.slice(p.carry).map(() => false)];
      const j = jvpProgram(p.body, mask, force);
      const next = or(carried, j.nonzero.slice(0, p.carry));
      if (!same(next, carried)) {
        carried = next;
        continue;
      }
      const n = p.body.inputs.length;
      const x = cutScan(p, j.program.inputs.slice(0, n));
      const dx = cutScan(p, spread(mask, j.program.inputs.slice(n)));
      const k = p.body.outputs.length;
      const y = j.program.outputs.slice(0, k);
      const dy = spread(j.nonzero, j.program.outputs.slice(k));
      const body: Program = {
        inputs: [...x.consts, ...present(dx.consts), ...x.carry, ...present(dx.carry), ...x.xs, ...present(dx.xs)],
        equations: j.program.equations,
        outputs: [
          ...y.slice(0, p.carry),
          ...present(dy.slice(0, p.carry)),
          ...y.slice(p.carry),
          ...present(dy.slice(p.carry)),
        ],
      };
      const w = weakOf(p.body);
      setWeak(body, [
        ...w.slice(0, p.carry),
        ...only(carried, w),
        ...w.slice(p.carry),
        ...only(j.nonzero.slice(p.carry), w.slice(p.carry)),
      ]);
      return { body, carried, ys: j.nonzero.slice(p.carry) };
    }
  });

/**
 * The body of the transposed scan, which runs the other way: (plain consts, plain carry, cotangents of the carry, sums of those of linear consts,
 * plain xs, cotangents of ys) → (cotangents of the carry, sums, cotangents of linear xs).
 */
export const transposedBody = (p: ScanParams, linear: readonly boolean[], nonzero: readonly boolean[]) =>
  memo(p.body, `scan transpose ${p.consts} ${p.carry} ${linear} ${nonzero}`, () => {
    const ys = nonzero.slice(p.carry);
    const l = cutScan(p, linear);
    const nLinearConsts = l.consts.filter(Boolean).length;
    const nLinear = nLinearConsts + l.carry.filter(Boolean).length;
    const carryOf = <T>(back: readonly T[]): (T | null)[] => spread(l.carry, back.slice(nLinearConsts, nLinear));
    let carried = l.carry.map((c, i) => c && nonzero[i]);
    let t = transposeProgram(p.body, linear, [...carried, ...ys]);
    for (;;) {
      const next = or(
        carried,
        carryOf(t.given).map((g) => g ?? false),
      );
      if (same(next, carried)) break;
      carried = next;
      t = transposeProgram(p.body, linear, [...carried, ...ys]);
    }
    const summed = t.given.slice(0, nLinearConsts);
    const avals = (vs: readonly Atom[]) => vs.map((v) => v.aval);
    const inputs = cutScan(p, p.body.inputs);
    const plainConsts = avals(only(not(l.consts), inputs.consts));
    const plainCarry = avals(only(not(l.carry), inputs.carry));
    const plainXs = avals(only(not(l.xs), inputs.xs));
    const gCarry = avals(only(carried, p.body.outputs.slice(0, p.carry)));
    const gSums = avals(only(summed, only(l.consts, inputs.consts)));
    const gYs = avals(only(ys, p.body.outputs.slice(p.carry)));
    const body = traceClosed(
      (vars) => {
        let k = 0;
        const take = (n: number): readonly Tensor[] => vars.slice(k, (k += n));
        const plain = take(plainConsts.length + plainCarry.length);
        const gc = take(gCarry.length);
        const sums = take(gSums.length);
        const xs = take(plainXs.length);
        const gy = take(gYs.length);
        const back = spread(t.given, evalProgram(t.program, [...plain, ...xs, ...gc, ...gy]));
        const fromConsts = only(summed, back.slice(0, nLinearConsts)) as Tensor[];
        return [
          ...only(
            carried,
            carryOf(back).map((g, i) => () => g ?? zeros(inputs.carry[i].aval)),
          ).map((g) => g()),
          ...sums.map((s, i) => add(s, fromConsts[i])),
          ...present(back.slice(nLinear)),
        ];
      },
      [...plainConsts, ...plainCarry, ...gCarry, ...gSums, ...plainXs, ...gYs],
      "transpose",
    );
    return { body, carried, summed, xs: t.given.slice(nLinear) };
  });

type Transposed = ReturnType<typeof transposedBody>;

/**
 * The cotangents of a scan's inputs, by its transposed loop `t`. `run` binds that loop, of any kind, with the cotangents of the carry and the sums of
 * the constants' cotangents, which begin at zero.
 */
export const scanBack = (
  p: ScanParams,
  inputs: readonly (Tensor | LinearInput)[],
  cts: readonly (Tensor | null)[],
  t: Transposed,
  run: (carry: readonly Tensor[], sums: readonly Tensor[]) => readonly Tensor[],
): (Tensor | null)[] => {
  const x = cutScan(p, inputs);
  const gCarry = present(t.carried.map((c, i) => (c ? (cts[i] ?? zeros(p.body.outputs[i].aval)) : null)));
  const gSums = only(t.summed, x.consts.filter(isLinearInput)).map((c) => zeros(c.aval));
  const outs = run(gCarry, gSums);
  const a = gCarry.length;
  const b = a + gSums.length;
  const carryBack = spread(t.carried, outs.slice(0, a));
  const constsBack = spread(t.summed, outs.slice(a, b));
  const xsBack = spread(t.xs, outs.slice(b));
  let c = 0;
  let k = 0;
  return [
    ...x.consts.map((v) => (isLinearInput(v) ? constsBack[c++] : null)),
    ...x.carry.map((v, i) => (isLinearInput(v) ? carryBack[i] : null)),
    ...x.xs.map((v) => (isLinearInput(v) ? xsBack[k++] : null)),
  ];
};

/** The body cut in what is known, what is known and the same in every round, and the rest. */
export const splitBody = (p: ScanParams, unknownIn: readonly boolean[]) =>
  memo(p.body, `scan split ${p.consts} ${p.carry} ${unknownIn}`, () => {
    const given = cutScan(p, unknownIn);
    let carried = given.carry;
    const split = () =>
      partialEvalProgram(
        p.body,
        [...given.consts, ...carried, ...given.xs],
        [...carried, ...p.body.outputs.slice(p.carry).map(() => false)],
      );
    let s = split();
    for (;;) {
      const next = or(carried, s.unknownOut.slice(0, p.carry));
      if (same(next, carried)) break;
      carried = next;
      s = split();
    }
    const unknown = [...given.consts, ...carried, ...given.xs];
    const knownConsts = s.known.inputs.slice(0, given.consts.filter((c) => !c).length);
    const fixed = new Set<Atom>(knownConsts);
    for (const eq of s.known.equations)
      if (eq.inputs.every((a) => a.kind === "literal" || fixed.has(a)) && eq.op.effects === undefined)
        for (const v of eq.outputs) fixed.add(v);
    // Where each known input stands among all inputs: a residual that is one of xs needs no stacking.
    const places = unknownIn.map((_, i) => i).filter((i) => !unknown[i]);
    const xAt = new Map<Atom, number>();
    s.known.inputs.forEach((v, i) => {
      if (places[i] >= p.consts + p.carry) xAt.set(v, places[i]);
    });
    const n = s.known.outputs.length - s.residuals;
    const residuals = s.known.outputs.slice(n);
    const isFixed = residuals.map((a) => a.kind === "literal" || fixed.has(a));
    const isX = residuals.map((a) => xAt.has(a));
    const isStacked = residuals.map((_, i) => !isFixed[i] && !isX[i]);
    const laterResiduals = s.unknown.inputs.slice(0, s.residuals);
    const rest = s.unknown.inputs.slice(s.residuals);
    const nc = given.consts.filter(Boolean).length;
    const nk = carried.filter(Boolean).length;
    const w = weakOf(p.body);
    const known = dce({ ...s.known, outputs: [...s.known.outputs.slice(0, n), ...only(isStacked, residuals)] });
    return {
      unknown,
      unknownOut: s.unknownOut,
      known: setWeak(known, [...only(not(s.unknownOut), w), ...only(isStacked, residuals).map(() => false)]),
      invariant: dce({
        inputs: knownConsts,
        equations: s.known.equations.filter((eq) => eq.outputs.every((v) => fixed.has(v))),
        outputs: only(isFixed, residuals),
      }),
      forwarded: only(isX, residuals).map((a) => xAt.get(a) as number),
      later: setWeak(
        {
          inputs: [
            ...only(isFixed, laterResiduals),
            ...rest.slice(0, nc + nk),
            ...only(isStacked, laterResiduals),
            ...only(isX, laterResiduals),
            ...rest.slice(nc + nk),
          ] as Var[],
          equations: s.unknown.equations,
          outputs: s.unknown.outputs,
        },
        only(s.unknownOut, w),
      ),
    };
  });
