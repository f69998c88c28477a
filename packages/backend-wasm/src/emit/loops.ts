import { i32 } from "../asm";
import { generalise } from "../nest/generalise";
import { type Affine, type Nest, nestKey, type Size } from "../nest/ir";
import type { Buffer, NestStep, StepType } from "../plan/func";
import { emitNest } from "./nest";
import type { Frame } from "./program";

const same = (a: Size, b: Size): boolean => a === b;
const sameAffine = (a: Affine, b: Affine): boolean =>
  same(a.offset, b.offset) && a.coefs.every((c, d) => same(c, b.coefs[d]));

const inPlace = ({ nest, operands }: NestStep, from: Buffer, to: Buffer): boolean => {
  if (nest.dims.length !== nest.parallel) return false;
  const stores = nest.stores.filter((t) => operands[t.operand].buffer === to);
  const loads = nest.nodes.flatMap((n) => (n.kind === "load" && operands[n.operand].buffer === from ? [n] : []));
  const [store] = stores;
  if (stores.length !== 1 || store.dynamic.length > 0 || store.combine) return false;
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

/**
 * How many tiles make threads worth their waking, which is about a fifth of a millisecond of work; undefined where elements may be
 * written by several turns. A tile of one op per element takes some four microseconds.
 */
const tilesWorthThreads = (nest: Nest): number | undefined => {
  if (nest.stores.some((s) => s.dynamic.length > 0)) return undefined;
  const work = nest.nodes.reduce((w, n) => w + (n.kind === "op" ? n.op.work : 0), 0);
  return Math.max(2, Math.ceil(48 / Math.max(1, work)));
};

/** A loop nest: a call of its function, or one for every tile. */
export const nestStep: StepType<NestStep> = {
  key: (s, k) => `${k.refs(s.operands)} ${k.size(s.tile)} ${nestKey(s.nest)}`,
  uses: ({ nest, operands }) => {
    const stored = new Set(nest.stores.map((t) => t.operand));
    const loaded = new Set(nest.nodes.flatMap((n) => (n.kind === "load" ? [n.operand] : [])));
    const pick = (of: Set<number>) => operands.filter((_, i) => of.has(i)).map((r) => r.buffer);
    return { reads: pick(loaded), writes: pick(stored), scratch: [] };
  },
  inPlace: (s, from, to) => from.bytes === to.bytes && inPlace(s, from, to),
  general: (s, g) => ({
    ...s,
    nest: generalise(s.nest, g.args),
    operands: s.operands.map((r) => g.ref(r)),
    // Always tiled, perhaps in one piece: whether it is must not make another module.
    tile: s.nest.parallel === 0 ? 0 : g.args.of(s.tile === 0 ? 0x7fffffff : (s.tile as number)),
  }),
  emit: (p, frame, { nest, operands, tile }) => {
    const { f } = frame;
    const parametric = frame.args >= 0;
    // Parameters are numbered through the whole program, so equal texts may differ in them.
    const key = parametric ? nest : nestKey(nest);
    let kernel = p.nests.get(key);
    if (!kernel) p.nests.set(key, (kernel = emitNest(p.module, nest, parametric, p)));
    const target = kernel;
    const pointers = (at: Frame) => {
      for (const r of operands) p.pushRef(at, r);
      if (parametric) at.f.get(at.base).i32.const(at.args).i32.add();
    };
    if (nest.parallel === 0) {
      pointers(frame);
      f.call(target);
      return;
    }
    if (tile === 0) {
      pointers(frame);
      f.i32.const(0);
      p.pushSize(frame, nest.dims[0]);
      f.call(target);
      return;
    }
    const worth = tilesWorthThreads(nest);
    p.divide(frame, {
      end: () => p.pushSize(frame, nest.dims[0]),
      grain: () => p.pushSize(frame, tile),
      when:
        worth === undefined
          ? undefined
          : (end) => {
              f.get(end).i32.const(worth).i32.div_u();
              p.pushSize(frame, tile);
              f.i32.ge_u();
            },
      // A call per tile: the engine replaces code between calls, never inside one.
      part: (inner, from, end) => {
        const g = inner.f;
        const to = g.local(i32);
        g.loop((next) => {
          g.get(end).get(from).i32.sub().tee(to);
          p.pushSize(inner, tile);
          g.i32.gt_u().if(() => {
            p.pushSize(inner, tile);
            g.set(to);
          });
          g.get(from).get(to).i32.add().set(to);
          pointers(inner);
          g.get(from).get(to).call(target);
          g.get(to).tee(from).get(end).i32.lt_s().brIf(next);
        });
      },
    });
  },
};
