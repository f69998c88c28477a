import { AnsatzError, type Program } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { type TensorOp, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { batchedAt, range } from "../ops/batching";
import { select } from "../ops/choice";
import { reduceOr } from "../ops/reductions";
import { broadcast } from "../ops/shape";
import { type Axis, batchProgram } from "../transforms/batch-trace";
import { dce } from "../transforms/dce";
import { memo, setWeak, weakOf } from "../transforms/memo";
import { evalProgram, traceClosed } from "../transforms/program-trace";
import { jvpProgram, partialEvalProgram } from "../transforms/program-transforms";
import { zeros } from "../transforms/zeros";
import { isPresent, merge, not, only, or, present, same, spread } from "./masks";

type WhileParams = core.WhileParams;

const cut = <T>(p: WhileParams, list: readonly T[]) => ({
  cond: list.slice(0, p.condConsts),
  body: list.slice(p.condConsts, p.condConsts + p.bodyConsts),
  carry: list.slice(p.condConsts + p.bodyConsts),
});

export const whileOp: TensorOp<WhileParams> = withCalculus<WhileParams>(core.whileLoop, {
  derivative: {
    kind: "jvpCall",
    jvp: (primals, tangents, p) => {
      const x = cut(p, primals);
      const dx = cut(p, tangents);
      const { cond, body, carried } = jvpBody(p, dx.body.map(isPresent), dx.carry.map(isPresent));
      const dcarry = only(
        carried,
        x.carry.map((c, i) => dx.carry[i] ?? zeros(c)),
      );
      const outs = bind(whileOp, [...x.cond, ...x.body, ...present(dx.body), ...x.carry, ...dcarry], {
        cond,
        body,
        condConsts: p.condConsts,
        bodyConsts: p.bodyConsts + present(dx.body).length,
      });
      const n = x.carry.length;
      return { outs: outs.slice(0, n), tangents: spread(carried, outs.slice(n)) };
    },
    transpose: () => {
      throw new AnsatzError(
        "derivative",
        "whileLoop",
        "cannot be differentiated in reverse: the number of rounds, and so the memory for their values, is not known",
        undefined,
        "use boundedWhile where the rounds have a bound; scan, or fori with bounds that are plain numbers; forward mode (jvp); or customRoot and customFixedPoint where only the result of an iteration counts",
      );
    },
  },
  partial: (recorder, inputs, unknown, p) => {
    const s = knownLoop(p, unknown);
    const later = (): readonly Tensor[] => recorder.record(whileOp as unknown as TensorOp, inputs, p);
    if (s === null) return later();
    const x = cut(p, inputs);
    const u = cut(p, unknown);
    const known = bind(whileOp, [...x.cond, ...only(not(u.body), x.body), ...only(not(s.carried), x.carry)], {
      cond: s.cond,
      body: s.body,
      condConsts: p.condConsts,
      bodyConsts: only(not(u.body), x.body).length,
    });
    // The unknown results come from the whole loop, known values and all: their rounds were not kept.
    return merge(s.carried, only(s.carried, later()), known);
  },
  batch: (size, inputs, axes, p) => {
    const x = cut(p, inputs);
    const a = cut(p, axes);
    const { cond, body, carried, each } = batchedLoop(p, size, axes.map(isPresent));
    const at = (ts: readonly Tensor[], as: readonly Axis[], m: readonly boolean[]) =>
      ts.map((t, i) => (m[i] ? batchedAt(t, as[i], size) : t));
    const condConsts = at(x.cond, a.cond, a.cond.map(isPresent));
    const bodyConsts = at(x.body, a.body, a.body.map(isPresent));
    const carry = at(x.carry, a.carry, carried);
    const outAxes = carried.map((c): Axis => (c ? 0 : null));
    if (!each) {
      const params = { cond, body, condConsts: p.condConsts, bodyConsts: p.bodyConsts };
      return { outs: bind(whileOp, [...condConsts, ...bodyConsts, ...carry], params), axes: outAxes };
    }
    const going = evalProgram(cond, [...condConsts, ...carry]);
    const outs = bind(whileOp, [...condConsts, ...bodyConsts, ...going, ...carry], {
      cond: anyGoing(p, size, carry),
      body,
      condConsts: 0,
      bodyConsts: condConsts.length + bodyConsts.length,
    });
    return { outs: outs.slice(1), axes: outAxes };
  },
  weak: (_, { body }) => weakOf(body),
});

const jvpBody = (p: WhileParams, consts: readonly boolean[], carry: readonly boolean[]) =>
  memo(p.body, `while jvp ${consts} ${carry}`, () => {
    let carried = carry;
    for (;;) {
      const mask = [...consts, ...carried];
      const j = jvpProgram(p.body, mask, carried);
      const next = or(carried, j.nonzero);
      if (!same(next, carried)) {
        carried = next;
        continue;
      }
      const n = p.body.inputs.length;
      const dx = spread(mask, j.program.inputs.slice(n));
      const nc = p.bodyConsts;
      const body: Program = {
        inputs: [
          ...j.program.inputs.slice(0, nc),
          ...present(dx.slice(0, nc)),
          ...j.program.inputs.slice(nc, n),
          ...present(dx.slice(nc)),
        ],
        equations: j.program.equations,
        outputs: j.program.outputs,
      };
      setWeak(body, [...weakOf(p.body), ...only(carried, weakOf(p.body))]);
      return { body, carried, cond: withMoreInputs(p.cond, present(dx.slice(nc))) };
    }
  });

/** A program that takes, and ignores, further inputs. */
const withMoreInputs = (
  p: Program,
  more: readonly { readonly aval: Program["inputs"][number]["aval"] }[],
): Program => ({
  ...p,
  inputs: [...p.inputs, ...more.map((v) => ({ kind: "var" as const, aval: v.aval }))],
});

/** The loop on what is known alone, or null where the predicate needs more. */
const knownLoop = (p: WhileParams, unknown: readonly boolean[]) => {
  const u = cut(p, unknown);
  if (u.cond.some(Boolean)) return null;
  let carried = u.carry;
  let s = partialEvalProgram(p.body, [...u.body, ...carried], carried);
  for (;;) {
    const next = or(carried, s.unknownOut);
    if (same(next, carried)) break;
    carried = next;
    s = partialEvalProgram(p.body, [...u.body, ...carried], carried);
  }
  if (carried.every(Boolean)) return null;
  const c = partialEvalProgram(p.cond, [...u.cond, ...carried]);
  if (c.unknownOut[0]) return null;
  const n = carried.filter((x) => !x).length;
  const body = dce({ ...s.known, outputs: s.known.outputs.slice(0, n) });
  return { carried, cond: c.known, body: setWeak(body, only(not(carried), weakOf(p.body))) };
};

const batchedLoop = (p: WhileParams, size: number, given: readonly boolean[]) => {
  const m = cut(p, given);
  let carried = m.carry;
  for (;;) {
    const c = batchProgram(p.cond, size, [...m.cond, ...carried]);
    const each = c.batched[0];
    const force = carried.map((x) => x || each);
    const b = batchProgram(p.body, size, [...m.body, ...force], force);
    const next = or(force, b.batched);
    if (!same(next, carried)) {
      carried = next;
      continue;
    }
    const body = each
      ? memo(b.program, `while going ${p.condConsts}`, () => whereGoing(p, size, c.program, b.program))
      : b.program;
    return { cond: c.program, body: setWeak(body, each ? [false, ...weakOf(p.body)] : weakOf(p.body)), carried, each };
  }
};

/** (condConsts, bodyConsts, going, carry) → (going, carry): members that are done keep their carry. */
const whereGoing = (p: WhileParams, size: number, cond: Program, body: Program): Program => {
  const condConsts = cond.inputs.slice(0, p.condConsts);
  return traceClosed(
    (xs) => {
      const cc = xs.slice(0, p.condConsts);
      const bc = xs.slice(p.condConsts, p.condConsts + p.bodyConsts);
      const going = xs[p.condConsts + p.bodyConsts];
      const carry = xs.slice(p.condConsts + p.bodyConsts + 1);
      const stepped = evalProgram(body, [...bc, ...carry]);
      const kept = stepped.map((y, i) => select(broadcast(going, y.shape, [0]), y, carry[i]));
      return [...evalProgram(cond, [...cc, ...kept]), ...kept];
    },
    [...condConsts, ...body.inputs.slice(0, p.bodyConsts)]
      .map((v) => v.aval)
      .concat(
        [{ shape: [size], dtype: "bool" }],
        body.outputs.map((v) => v.aval),
      ),
    "vmap",
  );
};

const anyGoing = (p: WhileParams, size: number, carry: readonly Tensor[]): Program =>
  memo(p.cond, `any going ${size} ${carry.map((t) => t.shape).join(";")}`, () =>
    traceClosed(
      (xs) => [reduceOr(xs[0], range(1))],
      [{ shape: [size], dtype: "bool" }, ...carry.map((t) => ({ shape: t.shape, dtype: t.dtype }))],
      "vmap",
    ),
  );
