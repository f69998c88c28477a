import * as core from "../core/core-ops";
import { isLinearInput, type TensorOp, withCalculus } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { weakOf } from "../transforms/memo";
import { bindCall } from "./call";
import { isPresent, merge, not, only, present } from "./masks";
import {
  cutScan,
  type ScanParams,
  scanBack,
  scanBatch,
  scanJvp,
  scanPrune,
  splitBody,
  transposedBody,
} from "./scan-rules";

export const scanOp: TensorOp<ScanParams> = withCalculus<ScanParams>(core.scan, {
  derivative: {
    kind: "jvpCall",
    jvp: scanJvp(() => scanOp),
    transpose: (cts, inputs, p) => {
      const x = cutScan(p, inputs);
      const linear = [...x.consts.map(isLinearInput), ...x.carry.map(() => true), ...x.xs.map(isLinearInput)];
      const t = transposedBody(p, linear, cts.map(isPresent));
      const isPlain = (v: unknown): v is Tensor => !isLinearInput(v as Tensor);
      return scanBack(p, inputs, cts, t, (carry, sums) =>
        bind(
          scanOp,
          [...x.consts.filter(isPlain), ...carry, ...sums, ...x.xs.filter(isPlain), ...present(cts.slice(p.carry))],
          {
            body: t.body,
            length: p.length,
            consts: x.consts.filter(isPlain).length,
            carry: carry.length + sums.length,
            reverse: !p.reverse,
          },
        ),
      );
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
