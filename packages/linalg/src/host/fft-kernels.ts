import { type FunctionBuilder, i32, type Local, ModuleBuilder, v128 } from "@ansatz/backend-wasm/asm";

/**
 * A step of Stockham's algorithm in SIMD, two numbers at a time: from [p, rest, done] to [rest, p, done]. Pointers are in bytes; the four arrays are real and imaginary
 * parts of source and target.
 */
export type FftPass = (
  sr: number,
  si: number,
  dr: number,
  di: number,
  rest: number,
  done: number,
  twiddles: number,
) => void;
/** By radix: steps with twiddles, memory walked along `done` or along `rest` inside, and the first step (done = 1), which needs none. */
export type FftKernels = Readonly<Record<`along${Radix}` | `across${Radix}` | `first${Radix}`, FftPass>>;
export const radices = [2, 3, 4, 5] as const;
export type Radix = (typeof radices)[number];

type Pair = { readonly re: Local; readonly im: Local };

/** Expressions over vectors, each in a local of its own. */
const algebra = (f: FunctionBuilder) => {
  const two = (op: "add" | "sub" | "mul") => (a: Local, b: Local) => {
    const t = f.local(v128);
    f.get(a).get(b).f64x2[op]().set(t);
    return t;
  };
  const [plus, minus, times] = [two("add"), two("sub"), two("mul")];
  const constant = (x: number): Local => {
    const t = f.local(v128);
    f.f64x2.const(x).set(t);
    return t;
  };
  return {
    plus: (a: Pair, b: Pair): Pair => ({ re: plus(a.re, b.re), im: plus(a.im, b.im) }),
    minus: (a: Pair, b: Pair): Pair => ({ re: minus(a.re, b.re), im: minus(a.im, b.im) }),
    scaled: (a: Pair, s: Local): Pair => ({ re: times(a.re, s), im: times(a.im, s) }),
    /** a - i b and a + i b. */
    turned: (a: Pair, b: Pair): readonly [Pair, Pair] => [
      { re: plus(a.re, b.im), im: minus(a.im, b.re) },
      { re: minus(a.re, b.im), im: plus(a.im, b.re) },
    ],
    /** a times the conjugate of w. */
    conjugated: (a: Pair, w: Pair): Pair => ({
      re: plus(times(a.re, w.re), times(a.im, w.im)),
      im: minus(times(a.im, w.re), times(a.re, w.im)),
    }),
    constant,
  };
};

/** The transform of p numbers, with what must be made ready before the loop. */
const butterfly = (f: FunctionBuilder, p: Radix): ((x: readonly Pair[]) => readonly Pair[]) => {
  const { plus, minus, scaled, turned, constant } = algebra(f);
  if (p === 2) return ([a, b]) => [plus(a, b), minus(a, b)];
  if (p === 4)
    return ([a, b, c, d]) => {
      const [s, t, u, v] = [plus(a, c), minus(a, c), plus(b, d), minus(b, d)];
      const [low, high] = turned(t, v);
      return [plus(s, u), low, minus(s, u), high];
    };
  // for odd p, sums and differences of opposite inputs serve two results each
  const angle = (k: number): number => (2 * Math.PI * k) / p;
  const h = (p - 1) / 2;
  const table = (of: (x: number) => number): Local[][] =>
    Array.from({ length: h }, (_, o) => Array.from({ length: h }, (__, q) => constant(of(angle((o + 1) * (q + 1))))));
  const [cos, sin] = [table(Math.cos), table(Math.sin)];
  return (x) => {
    const sums = Array.from({ length: h }, (_, q) => plus(x[q + 1], x[p - 1 - q]));
    const differences = Array.from({ length: h }, (_, q) => minus(x[q + 1], x[p - 1 - q]));
    const out: Pair[] = new Array(p);
    out[0] = sums.reduce(plus, x[0]);
    for (let o = 0; o < h; o++) {
      const even = sums.reduce((s, t, q) => plus(s, scaled(t, cos[o][q])), x[0]);
      const odd = differences.map((t, q) => scaled(t, sin[o][q])).reduce(plus);
      [out[o + 1], out[p - 1 - o]] = turned(even, odd);
    }
    return out;
  };
};

export const buildFftKernels = (): Uint8Array => {
  const m = new ModuleBuilder();
  m.importMemory("env", "memory", { min: 1 });
  type F = FunctionBuilder;
  /** Pointers to the p parts of an array, `step` bytes apart. */
  const parts = (f: F, base: Local, step: Local, p: number): Local[] => {
    const out = [base];
    for (let q = 1; q < p; q++) {
      const at = f.local(i32);
      f.get(out[q - 1])
        .get(step)
        .i32.add()
        .set(at);
      out.push(at);
    }
    return out;
  };
  const loaded = (f: F, base: Local, at: Local): Local => {
    const t = f.local(v128);
    f.get(base).get(at).i32.add().v128.load(0, 3).set(t);
    return t;
  };

  for (const p of radices) {
    for (const inside of [true, false]) {
      const pass = m.func([i32, i32, i32, i32, i32, i32, i32], [], (f, sr, si, dr, di, rest, done, twiddles) => {
        const [block, line, from, to, j, r, pairs, w, jBytes] = Array.from({ length: 9 }, () => f.local(i32));
        const transform = butterfly(f, p);
        const { conjugated } = algebra(f);
        f.get(done).i32.const(3).i32.shl().set(line);
        f.get(rest).get(line).i32.mul().set(block);
        f.get(done).i32.const(1).i32.add().i32.const(1).i32.shr_u().set(pairs);
        const [srs, sis] = [sr, si].map((x) => parts(f, x, block, p));
        const [drs, dis] = [dr, di].map((x) => parts(f, x, line, p));
        /** Pair number j: entries 2j and 2j + 1, or, where `done` is odd, the last two again. */
        const place = (): void => {
          f.get(j).i32.const(4).i32.shl().tee(jBytes);
          f.get(line).i32.const(16).i32.sub().tee(w);
          f.get(jBytes).get(w).i32.lt_s().select().set(jBytes);
          f.get(twiddles)
            .get(j)
            .i32.const(32 * (p - 1))
            .i32.mul()
            .i32.add()
            .set(w);
        };
        const roots = (): Pair[] =>
          Array.from({ length: p - 1 }, (_, q) => {
            const [re, im] = [f.local(v128), f.local(v128)];
            f.get(w)
              .v128.load(32 * q, 3)
              .set(re);
            f.get(w)
              .v128.load(32 * q + 16, 3)
              .set(im);
            return { re, im };
          });
        const body = (ws: () => readonly Pair[]): void => {
          f.get(r).get(line).i32.mul().tee(from).i32.const(p).i32.mul().get(jBytes).i32.add().set(to);
          f.get(from).get(jBytes).i32.add().set(from);
          const x = srs.map((base, q) => ({ re: loaded(f, base, from), im: loaded(f, sis[q], from) }));
          const turned = ws();
          const y = transform(x.map((v, q) => (q === 0 ? v : conjugated(v, turned[q - 1]))));
          y.forEach(({ re, im }, q) => {
            f.get(drs[q]).get(to).i32.add().get(re).v128.store(0, 3);
            f.get(dis[q]).get(to).i32.add().get(im).v128.store(0, 3);
          });
        };
        if (inside)
          f.forRange(r, 0, rest, 1, () =>
            f.forRange(j, 0, pairs, 1, () => {
              place();
              body(roots);
            }),
          );
        else
          f.forRange(j, 0, pairs, 1, () => {
            place();
            const ws = roots();
            f.forRange(r, 0, rest, 1, () => body(() => ws));
          });
      });
      m.export(`${inside ? "along" : "across"}${p}`, pass);
    }
    const first = m.func([i32, i32, i32, i32, i32, i32, i32], [], (f, sr, si, dr, di, rest, _done, _twiddles) => {
      const [block, j, pairs, at, to] = Array.from({ length: 5 }, () => f.local(i32));
      const transform = butterfly(f, p);
      f.get(rest).i32.const(3).i32.shl().set(block);
      f.get(rest).i32.const(1).i32.add().i32.const(1).i32.shr_u().set(pairs);
      const [srs, sis] = [sr, si].map((x) => parts(f, x, block, p));
      f.forRange(j, 0, pairs, 1, () => {
        f.get(j).i32.const(4).i32.shl().tee(at);
        f.get(block).i32.const(16).i32.sub().tee(to);
        f.get(at).get(to).i32.lt_s().select().set(at);
        f.get(at).i32.const(p).i32.mul().set(to);
        const y = transform(srs.map((base, q) => ({ re: loaded(f, base, at), im: loaded(f, sis[q], at) })));
        // results of two r side by side become those of one r side by side
        for (const [base, part] of [
          [dr, "re"],
          [di, "im"],
        ] as const)
          if (p % 2 === 0)
            for (const lane of [0, 1])
              for (let o = 0; o < p; o += 2) {
                f.get(base).get(to).i32.add();
                f.get(y[o][part])
                  .get(y[o + 1][part])
                  .i64x2.shuffle(lane, lane + 2);
                f.v128.store(8 * (lane * p + o), 3);
              }
          else
            y.forEach((v, o) => {
              for (const lane of [0, 1]) {
                f.get(base).get(to).i32.add().get(v[part]).f64x2.extract_lane(lane);
                f.f64.store(8 * (lane * p + o));
              }
            });
      });
    });
    m.export(`first${p}`, first);
  }
  return m.finish();
};
