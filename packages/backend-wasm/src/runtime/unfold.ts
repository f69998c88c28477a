import { type Callable, type FunctionBuilder, i32, type Local, type ModuleBuilder, type Operand } from "../asm";

/** Names of the parameters of `unfold`, all i32; steps in elements. */
export const unfoldParams = [
  "channels",
  "height",
  "width",
  // one row of the matrix for each of these, in steps of so many elements of the image
  "rowsHigh",
  "rowsWide",
  "rowStepHigh",
  "rowStepWide",
  // along a row, likewise
  "linesHigh",
  "linesWide",
  "lineStepHigh",
  "lineStepWide",
  "padHigh",
  "padWide",
  "source",
  "channelStep",
  "yStep",
  "xStep",
  "destination",
  "toChannelStep",
  "toRowStep",
] as const;

/**
 * Unfolds an image into a matrix: row (i, j) of channel c holds, for every (p, q),
 *
 *     x[c, i·rowStepHigh + p·lineStepHigh - padHigh, j·rowStepWide + q·lineStepWide - padWide],   0 outside the image.
 *
 * With rows for the taps of a window and lines for its places this is what a convolution multiplies by its kernel; with the two
 * exchanged, its transpose. `width` elements that lie side by side are copied as vectors.
 */
export function addUnfold(m: ModuleBuilder, type: "f32" | "f64"): Callable {
  const log2 = type === "f32" ? 2 : 3;
  const size = 1 << log2;
  const lanes = 16 >> log2;
  return m.func(
    new Array(unfoldParams.length).fill(i32),
    [],
    (f, ...all) => {
      const of = Object.fromEntries(unfoldParams.map((name, k) => [name, all[k]])) as Record<
        (typeof unfoldParams)[number],
        Local
      >;
      const times = (x: Operand, y: Operand) => f.push(x).push(y).i32.mul();
      const least = (x: Local, y: Operand) => f.get(x).push(y).get(x).push(y).i32.lt_s().select().set(x);
      /** How many steps along a line it takes to reach `distance`, at most all of them. */
      const steps = (distance: () => unknown): Local => {
        distance();
        const n = f.keep(i32);
        f.get(n).i32.const(0).get(n).i32.const(0).i32.gt_s().select();
        f.get(of.lineStepWide).i32.add().i32.const(1).i32.sub().get(of.lineStepWide).i32.div_u().set(n);
        least(n, of.linesWide);
        return n;
      };
      const [c, i, j, p, to, end, row, y, at] = Array.from({ length: 9 }, () => f.local(i32)) as Local[];
      for (const s of [of.channelStep, of.yStep, of.xStep, of.toChannelStep, of.toRowStep])
        f.get(s).i32.const(log2).i32.shl().set(s);
      const step = times(of.lineStepWide, of.xStep).keep(i32);
      /** Stores until `to` is as many elements behind `row` as `count` says. */
      const until = (count: Local, width: number, store: (f: FunctionBuilder) => void) => {
        f.address(row, count, log2).set(end);
        f.block((done) =>
          f.loop((again) => {
            f.get(to)
              .i32.const((width - 1) * size)
              .i32.add()
              .get(end)
              .i32.ge_u()
              .brIf(done);
            store(f.get(to));
            f.inc(to, width * size).br(again);
          }),
        );
      };
      const zero = () => void f[type].const(0)[type].store();
      f.forRange(c, 0, of.channels, 1, () =>
        f.forRange(i, 0, of.rowsHigh, 1, () =>
          f.forRange(j, 0, of.rowsWide, 1, () => {
            const first = times(j, of.rowStepWide).get(of.padWide).i32.sub().keep(i32);
            const from = steps(() => f.i32.const(0).get(first).i32.sub());
            const till = steps(() => f.get(of.width).get(first).i32.sub());
            times(c, of.toChannelStep).get(of.destination).i32.add();
            times(i, of.rowsWide).get(j).i32.add().get(of.toRowStep).i32.mul().i32.add().set(row);
            const x = times(c, of.channelStep).get(of.source).i32.add();
            times(first, of.xStep).i32.add();
            times(from, step).i32.add();
            const start = x.keep(i32);
            f.forRange(p, 0, of.linesHigh, 1, () => {
              times(p, of.lineStepHigh);
              times(i, of.rowStepHigh).i32.add().get(of.padHigh).i32.sub().set(y);
              f.get(row).set(to);
              f.get(y).get(of.height).i32.lt_u();
              f.if(() => {
                times(y, of.yStep).get(start).i32.add().set(at);
                until(from, 1, zero);
                f.get(step)
                  .i32.const(size)
                  .i32.eq()
                  .if(() => {
                    until(till, lanes, () => f.get(at).v128.load().v128.store().inc(at, 16));
                  });
                until(till, 1, () => f.get(at)[type].load()[type].store().inc(at, step));
              });
              until(of.linesWide, 1, zero);
              f.address(row, of.linesWide, log2).set(row);
            });
          }),
        ),
      );
    },
    `unfold_${type}`,
  );
}
