import { bytesPer } from "@ansatz/backend";
import { i32, type Local } from "../asm";
import { isParam, type Size } from "../nest/ir";
import type { ConvSize, ConvStep, Ref, StepType } from "../plan/func";
import { gemmFunction, gemmScratchBytes, unfoldFunction, unfoldParams } from "../runtime";
import type { Frame, ProgramEmitter } from "./program";

/** Multiplications that make threads worth their waking. */
const worthThreads = 2 ** 21;

const emitConv = (p: ProgramEmitter, frame: Frame, s: ConvStep): void => {
  const { sizes } = s;
  const type = s.dtype === "float64" ? "f64" : "f32";
  const [gemm, unfold] = [p.runtime(gemmFunction(type)), p.runtime(unfoldFunction(type))];
  const byPlaces = s.rows === "places";
  const known = Object.values(sizes).every((n) => !isParam(n));
  const n = (name: ConvSize): number => sizes[name] as number;

  const part = (at: Frame, from: Local, to: Local, scratch: () => void): void => {
    const { f } = at;
    const numbers = new Map<ConvSize, Local>();
    const size = (name: ConvSize): Local => {
      let local = numbers.get(name);
      if (!local) numbers.set(name, (local = f.local(i32)));
      return local;
    };
    for (const name of Object.keys(sizes) as ConvSize[]) {
      p.pushSize(at, sizes[name]);
      f.set(size(name));
    }
    const times = (...xs: (Local | number)[]): Local => {
      xs.forEach((x, k) => {
        f.push(x);
        if (k > 0) f.i32.mul();
      });
      return f.keep(i32);
    };
    const width = bytesPer[s.dtype];
    const place = (ref: Ref, ...elements: Local[]): Local => {
      p.pushRef(at, ref);
      for (const e of elements) f.get(e).i32.const(width).i32.mul().i32.add();
      return f.keep(i32);
    };
    const high = times(size("rowsHigh"), size("rowsWide"));
    const long = times(size("linesHigh"), size("linesWide"));
    scratch();
    const columns = f.keep(i32);
    const work = f.get(columns).get(size("columnBytes")).i32.add().keep(i32);
    const ld = byPlaces ? times(size("channelsAtOnce"), long) : long;
    const toChannelStep = byPlaces ? long : times(high, long);
    const [image, group, channel, count] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];

    const unfoldImage = (destination: Local): void => {
      const source = place(
        s.x,
        times(image, size("imageStep")),
        times(group, size("channels"), size("channelStep")),
        times(channel, size("channelStep")),
      );
      const given: Partial<Record<(typeof unfoldParams)[number], Local>> = {
        channels: count,
        source,
        destination,
        toChannelStep,
        toRowStep: ld,
      };
      for (const name of unfoldParams) f.get(given[name] ?? size(name as ConvSize));
      f.call(unfold);
    };
    const multiply = (columnsOfC: Local, k: Local, bRow: Local | number, bColumn: Local | number, out: Local): void => {
      f.get(size("perGroup")).get(columnsOfC).get(k);
      f.get(place(s.kernel, times(group, size("perGroup"), size("taps")), times(channel, byPlaces ? long : high)));
      f.get(size("taps")).i32.const(1);
      f.get(columns).push(bRow).push(bColumn).get(out).get(size("outRowStep"));
      f.get(channel).i32.const(0).i32.ne().get(work).call(gemm);
    };
    const outGroup = () => times(group, size("perGroup"), size("outRowStep"));

    if (!byPlaces) {
      f.get(size("channels")).set(count);
      f.forRange(image, from, to, 1, () =>
        f.forRange(group, 0, size("groups"), 1, () => {
          unfoldImage(columns);
          const out = place(s.out, times(image, size("outImageStep")), outGroup());
          multiply(long, times(count, high), ld, 1, out);
        }),
      );
      return;
    }
    const imageBytes = times(high, ld, width);
    f.forRange(group, 0, size("groups"), 1, () =>
      f.forRange(channel, 0, size("channels"), size("channelsAtOnce"), () => {
        const left = f.get(size("channels")).get(channel).i32.sub().keep(i32);
        f.get(left).get(size("channelsAtOnce")).get(left).get(size("channelsAtOnce")).i32.lt_s().select().set(count);
        f.forRange(image, from, to, 1, () => {
          unfoldImage(f.get(columns).get(image).get(imageBytes).i32.mul().i32.add().keep(i32));
        });
        multiply(times(to, high), times(count, long), 1, ld, place(s.out, outGroup()));
      }),
    );
  };

  p.divide(frame, {
    end: () => p.pushSize(frame, sizes.images),
    grain: () => frame.f.i32.const(1),
    // images that share one product are not divided: where it is cut, sums begin anew
    when:
      !byPlaces &&
      known &&
      n("images") * n("groups") * n("perGroup") * n("taps") * n("linesHigh") * n("linesWide") >= worthThreads
        ? (end) => frame.f.get(end).i32.const(2).i32.ge_s()
        : undefined,
    scratch: {
      ref: s.scratch,
      bytes: known ? n("columnBytes") + gemmScratchBytes(type, n("perGroup"), 1 << 20, n("taps")) : 0,
    },
    part,
  });
};

const each = (sizes: ConvStep["sizes"], to: (s: Size) => Size): ConvStep["sizes"] =>
  Object.fromEntries(Object.entries(sizes).map(([name, s]) => [name, to(s)])) as unknown as ConvStep["sizes"];

export const convStep: StepType<ConvStep> = {
  key: (s, k) => `${s.dtype} ${s.rows} ${k.sizes(Object.values(s.sizes))} ${k.refs([s.x, s.kernel, s.out, s.scratch])}`,
  uses: (s) => ({
    reads: [s.x.buffer, s.kernel.buffer],
    writes: [s.out.buffer],
    scratch: [s.scratch.buffer],
  }),
  general: (s, g) => ({ ...s, x: g.ref(s.x), sizes: each(s.sizes, (n) => g.number(n)) }),
  emit: emitConv,
};
