import * as core from "../core/core-ops";
import { isLinearInput, type TensorOp, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { weakOf } from "../transforms/memo";
import { zeros } from "../transforms/zeros";
import { bindCall } from "./call";
import { isPresent, merge, not, only, present, spread } from "./masks";
import { cutScan, type ScanParams, scanBatch, scanJvp, scanPrune, splitBody, transposedBody } from "./scan-rules";

export const scanOp: TensorOp<ScanParams> = withCalculus<ScanParams>(core.scan, {
  derivative: {
    kind: "jvpCall",
    jvp: scanJvp(() => scanOp),
    transpose: (cts, inputs, p) => {
      const x = cutScan(p, inputs);
      const linear = [...x.consts.map(isLinearInput), ...x.carry.map(() => true), ...x.xs.map(isLinearInput)];
      const t = transposedBody(p, linear, cts.map(isPresent));
      const isPlain = (v: unknown): v is Tensor => !isLinearInput(v as Tensor);
      const linearConsts = x.consts.filter(isLinearInput);
      const gCarry = present(t.carried.map((c, i) => (c ? (cts[i] ?? zeros(p.body.outputs[i].aval)) : null)));
      const gSums = only(t.summed, linearConsts).map((c) => zeros(c.aval));
      const outs = bind(
        scanOp,
        [...x.consts.filter(isPlain), ...gCarry, ...gSums, ...x.xs.filter(isPlain), ...present(cts.slice(p.carry))],
        {
          body: t.body,
          length: p.length,
          consts: x.consts.filter(isPlain).length,
          carry: gCarry.length + gSums.length,
          reverse: !p.reverse,
        },
      );
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
    },
  },
  partial: (recorder, inputs, unknown, p) => {
    const s = splitBody(p, unknown);
    const x = cutScan(p, inputs);
    const u = cutScan(p, s.unknown);
    // The known loop, if anything is known, with the residuals it leaves behind stacked among its ys.
    const known = only(not(s.unknown), inputs);
    const knownOuts =
      s.known.outputs.length === 0
        ? []
        : bind(scanOp, known, {
            ...p,
            body: s.known,
            consts: only(not(u.consts), x.consts).length,
            carry: only(not(u.carry), x.carry).length,
          });
    const invariants = bindCall(only(not(u.consts), x.consts), s.invariant, "loop invariants");
    const nKnown = s.unknownOut.filter((y) => !y).length;
    const later = recorder.record(
      scanOp as unknown as TensorOp,
      [
        ...invariants,
        ...only(u.consts, x.consts),
        ...only(u.carry, x.carry),
        ...knownOuts.slice(nKnown),
        ...s.forwarded.map((i) => inputs[i]),
        ...only(u.xs, x.xs),
      ],
      {
        ...p,
        body: s.later,
        consts: invariants.length + only(u.consts, x.consts).length,
        carry: only(u.carry, x.carry).length,
      },
    );
    return merge(s.unknownOut, later, knownOuts.slice(0, nKnown));
  },
  batch: scanBatch(() => scanOp),
  prune: scanPrune,
  weak: (_, { body }) => weakOf(body),
});
