import { type Aval, type Program, sameAval, showAval } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, type TensorOp, withCalculus } from "../core/op";
import { scalar, type Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { batchedAt } from "../ops/batching";
import { bitcast, select } from "../ops/choice";
import { le } from "../ops/comparison";
import { broadcast } from "../ops/shape";
import { type Axis, batchProgram } from "../transforms/batch-trace";
import { restrict } from "../transforms/dce";
import { memo, setWeak, weakOf } from "../transforms/memo";
import { evalProgram, traceClosed } from "../transforms/program-trace";
import { jvpProgram, partialEvalProgram } from "../transforms/program-transforms";
import { transposeProgram } from "../transforms/transpose";
import { zeros } from "../transforms/zeros";
import { cotangentsOf, isPresent, merge, not, only, or, present, spread } from "./masks";

interface CondParams {
  readonly [k: string]: readonly Program[];
  readonly branches: readonly Program[];
}

const anyOf = (masks: readonly (readonly boolean[])[]): boolean[] =>
  masks.reduce<boolean[]>((a, b) => or(a, b), masks[0].slice());

export const condOp: TensorOp<CondParams> = withCalculus<CondParams>(core.cond, {
  derivative: {
    kind: "jvpCall",
    jvp: ([index, ...xs], [, ...dxs], { branches }) => {
      const mask = dxs.map(isPresent);
      const nonzero = anyOf(branches.map((b) => jvpProgram(b, mask).nonzero));
      const outs = bind(condOp, [index, ...xs, ...present(dxs)], {
        branches: branches.map((b) => jvpProgram(b, mask, nonzero).program),
      });
      const n = branches[0].outputs.length;
      return { outs: outs.slice(0, n), tangents: spread(nonzero, outs.slice(n)) };
    },
    transpose: (cts, [index, ...xs], { branches }) => {
      const linear = xs.map(isLinearInput);
      const nonzero = cts.map(isPresent);
      const ts = branches.map((b) => transposeProgram(b, linear, nonzero));
      const given = anyOf(ts.map((t) => t.given));
      const plain = xs.filter((x): x is Tensor => !isLinearInput(x));
      const back = branches.map((b, k) =>
        memo(b, `cond transpose ${linear} ${nonzero} ${given}`, () => {
          const lin = only(linear, b.inputs);
          return traceClosed(
            (vs) => {
              const gs = spread(ts[k].given, evalProgram(ts[k].program, vs));
              return only(
                given,
                gs.map((g, i) => g ?? zeros(lin[i].aval)),
              );
            },
            ts[k].program.inputs.map((v) => v.aval),
            "transpose",
          );
        }),
      );
      const gs = bind(condOp, [index as Tensor, ...plain, ...present(cts)], { branches: back });
      return [null, ...cotangentsOf(xs, given, gs)];
    },
  },
  partial: (recorder, inputs, unknown, p) => {
    if (unknown[0]) return recorder.record(condOp as unknown as TensorOp, inputs, p);
    const [index, ...xs] = inputs;
    const u = unknown.slice(1);
    const s = splitBranches(p.branches, u);
    const known = bind(condOp, [index, ...only(not(u), xs)], { branches: s.known });
    const n = s.unknownOut.filter((y) => !y).length;
    const later = recorder.record(
      condOp as unknown as TensorOp,
      [index, ...known.slice(n), ...s.forwarded.map((i) => xs[i]), ...only(u, xs)],
      { branches: s.later },
    );
    return merge(s.unknownOut, later, known.slice(0, n));
  },
  batch: (size, inputs, axes, { branches }) => {
    const mask = axes.slice(1).map(isPresent);
    const xs = inputs.slice(1).map((x, i) => (mask[i] ? batchedAt(x, axes[i + 1], size) : x));
    if (axes[0] === null) {
      const force = anyOf(branches.map((b) => batchProgram(b, size, mask).batched));
      const outs = bind(condOp, [inputs[0], ...xs], {
        branches: branches.map((b) => batchProgram(b, size, mask, force).program),
      });
      return { outs, axes: force.map((yes): Axis => (yes ? 0 : null)) };
    }
    // Members take different branches: all run, and each member selects.
    const all = branches[0].outputs.map(() => true);
    const results = branches.map((b) => evalProgram(batchProgram(b, size, mask, all).program, xs));
    const index = batchedAt(inputs[0], axes[0], size);
    const outs = results[0].map((_, k) => {
      let y = results[results.length - 1][k];
      for (let i = results.length - 2; i >= 0; i--) {
        const here = le(index, broadcast(scalar(i, "int32"), [size], []));
        y = select(broadcast(here, y.shape, [0]), results[i][k], y);
      }
      return y;
    });
    return { outs, axes: outs.map((): Axis => 0) };
  },
  prune: ({ branches }, used) => {
    const parts = branches.map((b) => restrict(b, used));
    const inputs = anyOf(parts.map((r) => r.inputs));
    const kept = parts.map((r, k) =>
      setWeak({ ...r.program, inputs: only(inputs, branches[k].inputs) }, only(used, weakOf(branches[k]))),
    );
    return { params: { branches: kept }, inputs: [true, ...inputs], outputs: used };
  },
  weak: (_, { branches }) => weakOf(branches[0]),
});

/** A value that nobody reads. */
const unread = (a: Aval): Tensor =>
  a.dtype === "key" ? bitcast(broadcast(scalar(0, "uint32"), [...a.shape, 2], []), "key") : zeros(a);

/**
 * Branches cut in known and unknown parts with one list of residuals: a slot per residual that any branch needs, shared by branches where
 * the abstract values agree; a branch without use for a slot fills it with zeros. Operands that are residuals are handed on as they are.
 */
const splitBranches = (branches: readonly Program[], unknown: readonly boolean[]) => {
  const unknownOut = anyOf(branches.map((b) => partialEvalProgram(b, unknown).unknownOut));
  const parts = branches.map((b) => partialEvalProgram(b, unknown, unknownOut));
  const places = unknown.map((_, i) => i).filter((i) => !unknown[i]);
  const slots: Aval[] = [];
  const forwarded: number[] = [];
  // For each branch and residual: the operand handed on, or the slot.
  const plan = parts.map((s) => {
    const taken = new Set<number>();
    return s.known.outputs.slice(s.known.outputs.length - s.residuals).map((a) => {
      const i = s.known.inputs.indexOf(a as never);
      if (i >= 0) {
        if (!forwarded.includes(places[i])) forwarded.push(places[i]);
        return { forward: places[i], slot: -1 };
      }
      let slot = slots.findIndex((v, k) => !taken.has(k) && sameAval(v, a.aval));
      if (slot < 0) slot = slots.push(a.aval) - 1;
      taken.add(slot);
      return { forward: -1, slot };
    });
  });
  const key = `${unknown} ${unknownOut} ${slots.map(showAval)} ${forwarded}`;
  const w = weakOf(branches[0]);
  return {
    unknownOut,
    forwarded,
    known: branches.map((b, k) =>
      memo(b, `cond known ${key} ${JSON.stringify(plan[k])}`, () => {
        const s = parts[k];
        const n = s.known.outputs.length - s.residuals;
        const program = traceClosed(
          (xs) => {
            const outs = evalProgram(s.known, xs);
            const filled = slots.map((v, i) => {
              const r = plan[k].findIndex((q) => q.slot === i);
              return r < 0 ? unread(v) : outs[n + r];
            });
            return [...outs.slice(0, n), ...filled];
          },
          s.known.inputs.map((v) => v.aval),
          "partial evaluation",
        );
        return setWeak(program, [...only(not(unknownOut), w), ...slots.map(() => false)]);
      }),
    ),
    later: branches.map((b, k) =>
      memo(b, `cond later ${key} ${JSON.stringify(plan[k])}`, () => {
        const s = parts[k];
        const program = traceClosed(
          (xs) => {
            const held = xs.slice(0, slots.length);
            const handed = xs.slice(slots.length, slots.length + forwarded.length);
            const rest = xs.slice(slots.length + forwarded.length);
            const residuals = plan[k].map((q) => (q.slot >= 0 ? held[q.slot] : handed[forwarded.indexOf(q.forward)]));
            return evalProgram(s.unknown, [...residuals, ...rest]);
          },
          [...slots, ...forwarded.map((i) => b.inputs[i].aval), ...only(unknown, b.inputs).map((v) => v.aval)],
          "partial evaluation",
        );
        return setWeak(program, only(unknownOut, w));
      }),
    ),
  };
};
