import { type Callable, i32, i64, type Local, type ModuleBuilder, v128 } from "../asm";
import type { Pair, Words } from "./scalar-op";

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/**
 * Threefry-2x32 with 20 rounds on one counter: (key, counter high, counter low) → both words, the first one low.
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"
 */
export const addThreefry = (m: ModuleBuilder): Callable =>
  m.func([i64, i32, i32], [i64], (f, key, high, low) => {
    const k0 = f.get(key).i32.wrap_i64().keep(i32);
    const k1 = f.get(key).i64.const(32).i64.shr_u().i32.wrap_i64().keep(i32);
    const k2 = f.get(k0).get(k1).i32.xor().i32.const(0x1bd11bda).i32.xor().keep(i32);
    const keys = [k0, k1, k2];
    f.get(high).get(k0).i32.add().set(high);
    f.get(low).get(k1).i32.add().set(low);
    for (let block = 0; block < 5; block++) {
      for (const r of rotations[block % 2]) {
        f.get(high).get(low).i32.add().tee(high);
        f.get(low).i32.const(r).i32.rotl().i32.xor().set(low);
      }
      f.get(high)
        .get(keys[(block + 1) % 3])
        .i32.add()
        .set(high);
      f.get(low)
        .get(keys[(block + 2) % 3])
        .i32.add()
        .i32.const(block + 1)
        .i32.add()
        .set(low);
    }
    f.get(high).i64.extend_i32_u().get(low).i64.extend_i32_u().i64.const(32).i64.shl().i64.or();
  });

/** Rotates every word by 16: two instructions, where two shifts and their union are three. */
const halvesSwapped = Array.from({ length: 16 }, (_, i) => i ^ 2);

/** The same on vectors of four counters under one key. Rounds depend on each other, so several vectors go through them side by side. */
export const threefryLanes: Words = {
  schedule: (f) => {
    const key = f.keep(i64);
    const k0 = f.get(key).i32.wrap_i64().keep(i32);
    const k1 = f.get(key).i64.const(32).i64.shr_u().i32.wrap_i64().keep(i32);
    const k2 = f.get(k0).get(k1).i32.xor().i32.const(0x1bd11bda).i32.xor().keep(i32);
    const keys = [k0, k1, k2];
    const splat = (k: Local, more: number) => f.get(k).i32.const(more).i32.add().i32x4.splat().keep(v128);
    // k0, k1, then what each block of rounds adds to its two words.
    const blocks = [1, 2, 3, 4, 5].flatMap((b) => [splat(keys[b % 3], 0), splat(keys[(b + 1) % 3], b)]);
    return [splat(k0, 0), splat(k1, 0), ...blocks];
  },
  emit: (f, schedule, counters) => {
    const pairs = counters.map((pair): Pair => {
      const [high, low] = pair.map((word, i) => f.get(word).get(schedule[i]).i32x4.add().keep(v128));
      return [high, low];
    });
    for (let block = 0; block < 5; block++) {
      for (const r of rotations[block % 2])
        for (const [high, low] of pairs) {
          f.get(high).get(low).i32x4.add().set(high);
          if (r === 16) {
            f.get(low)
              .get(low)
              .i8x16.shuffle(...halvesSwapped)
              .get(high)
              .v128.xor()
              .set(low);
            continue;
          }
          f.get(low)
            .i32.const(r)
            .i32x4.shl()
            .get(low)
            .i32.const(32 - r)
            .i32x4.shr_u()
            .v128.or()
            .get(high)
            .v128.xor()
            .set(low);
        }
      for (const pair of pairs)
        pair.forEach((word, i) => {
          f.get(word)
            .get(schedule[2 + 2 * block + i])
            .i32x4.add()
            .set(word);
        });
    }
    return pairs;
  },
};
