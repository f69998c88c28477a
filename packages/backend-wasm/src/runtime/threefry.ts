import { type Callable, type FunctionBuilder, i32, type Local, type ModuleBuilder, v128 } from "../asm";

/** Rotations of the four rounds of a group; two groups alternate (Salmon et al. 2011, table 2: Threefry-2x32). */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const parity = 0x1bd11bda;

/**
 * Threefry-2x32, 20 rounds, in lanes: four counters per vector, `chains` vectors side by side, because one chain is a string of
 * dependent operations and leaves most of the machine idle. On return x0 and x1 hold the outputs.
 */
function rounds(
  f: FunctionBuilder,
  key: readonly [Local, Local, Local],
  x0: readonly Local[],
  x1: readonly Local[],
): void {
  const each = (emit: (a: Local, b: Local) => void) => {
    for (let c = 0; c < x0.length; c++) emit(x0[c] as Local, x1[c] as Local);
  };
  const inject = (a: Local, b: Local, i: number) => {
    f.get(a)
      .get(key[i % 3] as Local)
      .i32x4.add()
      .set(a);
    f.get(b)
      .get(key[(i + 1) % 3] as Local)
      .i32x4.add();
    if (i > 0) f.i32x4.const(i).i32x4.add();
    f.set(b);
  };
  each((a, b) => inject(a, b, 0));
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2] as readonly number[]) {
      each((a, b) => {
        f.get(a).get(b).i32x4.add().set(a);
        f.get(b)
          .i32.const(r)
          .i32x4.shl()
          .get(b)
          .i32.const(32 - r)
          .i32x4.shr_u()
          .v128.or()
          .get(a)
          .v128.xor()
          .set(b);
      });
    }
    each((a, b) => inject(a, b, group + 1));
  }
}

/**
 * The stream of a key over the 64-bit counters (hi, lo), (hi, lo) + 1, …: JAX's partitionable layout, in which output i of an
 * array is the block at counter i. `emit` stores what is wanted of the four blocks (y0, y1) for the elements i … i + 3.
 */
function stream(
  m: ModuleBuilder,
  outputs: number,
  store: (
    f: FunctionBuilder,
    at: readonly Local[],
    y0: Local,
    y1: Local,
    lanes: "all" | number,
    offset: number,
  ) => void,
): FunctionBuilder {
  const pointers = new Array(outputs).fill(i32);
  // key0, key1, hi, lo, n, destination(s)
  return m.func([i32, i32, i32, i32, i32, ...pointers], [], (f, k0, k1, hi, lo, n, ...at) => {
    const key = [f.local(v128), f.local(v128), f.local(v128)] as const;
    f.get(k0).i32x4.splat().set(key[0]);
    f.get(k1).i32x4.splat().set(key[1]);
    f.get(key[0]).get(key[1]).v128.xor().i32x4.const(parity).v128.xor().set(key[2]);
    const first = f.i32x4.const(0, 1, 2, 3).keep(v128);
    const x0 = [0, 1, 2, 3].map(() => f.local(v128));
    const x1 = [0, 1, 2, 3].map(() => f.local(v128));

    const turn = (chains: number) => {
      for (let c = 0; c < chains; c++) {
        const [a, b] = [x0[c] as Local, x1[c] as Local];
        f.get(lo).i32x4.splat().get(first).i32x4.add();
        if (c > 0) f.i32x4.const(4 * c).i32x4.add();
        f.tee(b);
        // a lane that wrapped past 2³² counts one more in the high word: (lo + i < lo) is −1 there
        f.get(lo).i32x4.splat().i32x4.lt_u().set(a);
        f.get(hi).i32x4.splat().get(a).i32x4.sub().set(a);
      }
      rounds(f, key, x0.slice(0, chains), x1.slice(0, chains));
    };
    const advance = (count: number) => {
      f.get(lo).i32.const(count).i32.add().tee(lo).i32.const(count).i32.lt_u().get(hi).i32.add().set(hi);
      f.inc(n, -count);
      for (const p of at) f.inc(p, 4 * count);
    };
    for (const chains of [4, 1]) {
      f.block((done) =>
        f.loop((again) => {
          f.get(n)
            .i32.const(4 * chains)
            .i32.lt_s()
            .brIf(done);
          turn(chains);
          for (let c = 0; c < chains; c++) store(f, at, x0[c] as Local, x1[c] as Local, "all", 16 * c);
          advance(4 * chains);
          f.br(again);
        }),
      );
    }
    f.get(n).if(() => {
      turn(1);
      for (let lane = 0; lane < 3; lane++) {
        f.get(n)
          .i32.const(lane)
          .i32.gt_s()
          .if(() => store(f, at, x0[0] as Local, x1[0] as Local, lane, 4 * lane));
      }
    });
  });
}

/**
 * `threefry_bits` stores 32-bit draws y0 ^ y1; `threefry_pair` both words, to two arrays: 64-bit draws are y0·2³² + y1, new keys
 * are (y0, y1).
 */
export function addThreefry(m: ModuleBuilder, pair: boolean): Callable {
  const put = (f: FunctionBuilder, at: Local, lanes: "all" | number, offset: number, value: () => unknown) => {
    f.get(at);
    value();
    if (lanes === "all") f.v128.store(offset, 2);
    else f.v128.store32_lane(lanes, offset);
  };
  return stream(m, pair ? 2 : 1, (f, [high, low], y0, y1, lanes, offset) => {
    put(f, high as Local, lanes, offset, () => {
      f.get(y0);
      if (!pair) f.get(y1).v128.xor();
    });
    if (pair) put(f, low as Local, lanes, offset, () => f.get(y1));
  });
}
