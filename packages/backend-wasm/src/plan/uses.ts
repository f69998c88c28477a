import type { Affine, Nest, Size } from "../nest/ir";
import type { Buffer, NestStep, Ref, ScanStep, Step, WhileStep } from "./func";

export interface Uses {
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
  /** Memory needed during the step only. */
  readonly scratch: readonly Buffer[];
}

const buffers = (refs: readonly (Ref | undefined)[]): Buffer[] => refs.flatMap((r) => (r ? [r.buffer] : []));

export const usesOf = (s: Step): Uses => {
  switch (s.kind) {
    case "nest": {
      const stored = new Set(s.nest.stores.map((t) => t.operand));
      const loaded = new Set(s.nest.nodes.flatMap((n) => (n.kind === "load" ? [n.operand] : [])));
      const pick = (of: Set<number>) => s.operands.filter((_, i) => of.has(i)).map((r) => r.buffer);
      return { reads: pick(loaded), writes: pick(stored), scratch: [] };
    }
    case "copy":
      return { reads: [s.from.buffer], writes: [s.to.buffer], scratch: [] };
    case "matmul":
      return { reads: [s.a.ref.buffer, s.b.ref.buffer], writes: [s.c.ref.buffer], scratch: buffers([s.scratch]) };
    case "sort":
      return { reads: buffers(s.from), writes: buffers(s.to), scratch: buffers([s.scratch, s.order]) };
    case "kernel":
      return {
        reads: s.inputs.map((m) => m.ref.buffer),
        writes: s.outputs.map((m) => m.ref.buffer),
        scratch: buffers([s.scratch]),
      };
    case "host":
      return { reads: buffers(s.inputs), writes: buffers(s.outputs), scratch: [s.table.buffer] };
    case "scan":
      return {
        reads: buffers([...s.consts, ...s.carry.map((c) => c.from), ...s.xs.map((x) => x.ref)]),
        writes: buffers([...s.carry.map((c) => c.to), ...s.ys.map((y) => y.ref)]),
        scratch: [s.frame, ...buffers(s.carry.map((c) => c.spare))],
      };
    case "while":
      return {
        reads: buffers([...s.condConsts, ...s.bodyConsts, ...s.carry.map((c) => c.from)]),
        writes: buffers(s.carry.map((c) => c.to)),
        scratch: [s.condFrame, s.bodyFrame, s.predicate.buffer, ...buffers(s.carry.map((c) => c.spare))],
      };
    case "cond":
      return { reads: buffers([s.index, ...s.operands]), writes: buffers(s.outputs), scratch: s.frames };
  }
};

const same = (a: Size, b: Size): boolean => a === b;
const sameAffine = (a: Affine, b: Affine): boolean =>
  same(a.offset, b.offset) && a.coefs.every((c, d) => same(c, b.coefs[d]));

/** Whether the step may write `to` over `from`: every element is read just before it is written, and not again. */
export const inPlace = (s: Step, from: Buffer, to: Buffer): boolean => {
  if (from.bytes !== to.bytes) return false;
  if (s.kind === "copy") return s.from.buffer === from && s.to.buffer === to && s.from.offset === s.to.offset;
  if (s.kind === "scan" || s.kind === "while") return carriedInPlace(s, from, to);
  return s.kind === "nest" && nestInPlace(s, from, to);
};

/** A carry of one place that begins where nothing else of the loop looks. */
const carriedInPlace = (s: ScanStep | WhileStep, from: Buffer, to: Buffer): boolean => {
  const carry = s.carry.find((c) => c.to.buffer === to);
  return (
    carry !== undefined &&
    carry.spare === undefined &&
    carry.from.buffer === from &&
    usesOf(s).reads.filter((b) => b === from).length === 1
  );
};

const nestInPlace = ({ nest, operands }: NestStep, from: Buffer, to: Buffer): boolean => {
  if (nest.dims.length !== nest.parallel) return false;
  const stores = nest.stores.filter((t) => operands[t.operand].buffer === to);
  const loads = nest.nodes.flatMap((n) => (n.kind === "load" && operands[n.operand].buffer === from ? [n] : []));
  const [store] = stores;
  if (stores.length !== 1 || store.dynamic.length > 0 || store.combine !== "set") return false;
  if (!coversOnce(nest, store.address)) return false;
  return loads.every(
    (n) =>
      n.dynamic.length === 0 &&
      width(nest, n.operand) === width(nest, store.operand) &&
      operands[n.operand].offset === operands[store.operand].offset &&
      sameAffine(n.address, store.address),
  );
};

/** No element is visited twice: no dim of more than one step stands still. */
const coversOnce = (nest: Nest, a: Affine): boolean => nest.dims.every((n, d) => n === 1 || a.coefs[d] !== 0);

const widths = { float64: 8, float32: 4, int32: 4, uint32: 4, bool: 1, key: 8 } as const;
const width = (nest: Nest, operand: number): number => widths[nest.operands[operand]];
