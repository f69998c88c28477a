import { type Aval, type Program, singleton } from "@ansatz/backend";
import * as core from "../core/core-ops";
import { isLinearInput, type TensorOp } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { batchedAt } from "../ops/batching";
import { type Axis, batchProgram } from "../transforms/batch-trace";
import { dce } from "../transforms/dce";
import { memo, setWeak, weakOf } from "../transforms/memo";
import { jvpProgram } from "../transforms/program-transforms";
import { transposeProgram } from "../transforms/transpose";
import { bindCall } from "./call";
import { cotangentsOf, isPresent, merge, not, only, present, spread } from "./masks";
import { checkpointTable, keepingAll, type ReverseScan, revolving } from "./revolve";
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

export interface CheckpointScanParams extends ScanParams {
  /** How many carries the reverse pass may keep at one time. */
  readonly snapshots: number;
}

const plainScan = ({ body, length, consts, carry, reverse }: ScanParams): ScanParams => ({
  body,
  length,
  consts,
  carry,
  reverse,
});

/**
 * A scan whose reverse pass keeps a few carries instead of all, and computes the others again: nothing of its rounds is left behind by the forward
 * pass but its operands.
 */
export const checkpointScanOp: TensorOp<CheckpointScanParams> = {
  name: "checkpointScan",
  core: false,
  abstract: (ins, p) => core.scan.abstract(ins, p),
  compose: (avals, p) => singleton(core.scan, plainScan(p), avals),
  derivative: {
    kind: "jvpCall",
    jvp: scanJvp(() => checkpointScanOp),
    transpose: (cts, inputs, p) => {
      const { unknown } = splitBody(p, inputs.map(isLinearInput));
      const t = transposedBody(p, unknown, cts.map(isPresent));
      const x = cutScan(p, inputs);
      const l = cutScan(p, unknown);
      const plain = (mask: readonly boolean[], list: readonly unknown[]): Tensor[] => only(not(mask), list) as Tensor[];
      return scanBack(p, inputs, cts, t, (carry, sums) =>
        bindReverse(p, unknown, t.body, {
          consts: plain(l.consts, x.consts),
          carry: plain(l.carry, x.carry),
          xs: plain(l.xs, x.xs),
          cotangents: [...carry, ...sums],
          ys: present(cts.slice(p.carry)),
        }),
      );
    },
  },
  partial: (recorder, inputs, unknown, p) => {
    const s = splitBody(p, unknown);
    const n = s.unknownOut.filter((u) => !u).length;
    const body = setWeak(
      dce({ ...s.known, outputs: s.known.outputs.slice(0, n) }),
      only(not(s.unknownOut), weakOf(p.body)),
    );
    const u = cutScan(p, s.unknown);
    const known =
      n === 0
        ? []
        : bind(checkpointScanOp, only(not(s.unknown), inputs), {
            ...p,
            body,
            consts: only(not(u.consts), u.consts).length,
            carry: only(not(u.carry), u.carry).length,
          });
    const later = recorder.record(checkpointScanOp as unknown as TensorOp, inputs, p);
    return merge(s.unknownOut, only(s.unknownOut, later), known);
  },
  batch: scanBatch(() => checkpointScanOp),
  prune: scanPrune,
  weak: (_, { body }) => weakOf(body),
};

interface ReverseParams {
  readonly [k: string]: Program;
  /** What runs. */
  readonly body: Program;
  /** The same with every carry kept: what its derivatives are those of. */
  readonly plain: Program;
}

/** The reverse pass as one op. It is differentiated, and so is a gradient of a gradient, as the pass that keeps everything. */
const reverseOp: TensorOp<ReverseParams> = {
  name: "checkpointScanReverse",
  core: false,
  abstract: (_, { body }) => body.outputs.map((a) => a.aval),
  compose: (_, { body }) => body,
  derivative: {
    kind: "jvpCall",
    jvp: (primals, tangents, { plain }) => {
      const j = jvpProgram(plain, tangents.map(isPresent));
      const all = bindCall([...primals, ...present(tangents)], j.program, "jvp(checkpointScanReverse)");
      const n = plain.outputs.length;
      return { outs: all.slice(0, n), tangents: spread(j.nonzero, all.slice(n)) };
    },
    transpose: (cts, inputs, { plain }) => {
      const t = transposeProgram(plain, inputs.map(isLinearInput), cts.map(isPresent));
      const known = inputs.filter((x): x is Tensor => !isLinearInput(x));
      return cotangentsOf(
        inputs,
        t.given,
        bindCall([...known, ...present(cts)], t.program, "transpose(checkpointScanReverse)"),
      );
    },
  },
  batch: (size, inputs, axes, p) => {
    const mask = axes.map(isPresent);
    const all = p.body.outputs.map(() => true);
    const outs = bind(
      reverseOp,
      inputs.map((x, i) => (mask[i] ? batchedAt(x, axes[i], size) : x)),
      { body: batchProgram(p.body, size, mask, all).program, plain: batchProgram(p.plain, size, mask, all).program },
    );
    return { outs, axes: outs.map((): Axis => 0) };
  },
};

const bindReverse = (
  p: CheckpointScanParams,
  unknown: readonly boolean[],
  step: Program,
  operands: ReverseScan<Tensor>,
): readonly Tensor[] => {
  const { consts, carry, xs, cotangents, ys } = operands;
  const snapshots = Math.max(1, Math.min(p.snapshots, p.length));
  const table = checkpointTable(snapshots, p.length);
  const programs = memo(step, `reverse ${p.length} ${p.reverse} ${p.snapshots}`, () => {
    const s = splitBody(p, unknown);
    const known = carry.length;
    const advance = dce({ ...s.known, outputs: s.known.outputs.slice(0, known) });
    const pass = { advance, step, shape: operands as ReverseScan<Aval>, length: p.length, reverse: p.reverse };
    const avalOfTable: Aval = { shape: table.shape, dtype: table.dtype };
    return { body: revolving({ ...pass, snapshots }, avalOfTable), plain: keepingAll(pass, avalOfTable) };
  });
  return bind(reverseOp, [table, ...consts, ...carry, ...xs, ...cotangents, ...ys], programs);
};
