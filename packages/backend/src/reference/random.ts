import { sizeOf } from "../aval";
import type { HostValue } from "../op";
import * as core from "../ops/shape";
import { type Entry, entry, fresh } from "./array";

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/**
 * Threefry-2x32 with 20 rounds: counter (x0, x1) enciphered under key (k0, k1).
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; constants as in Random123's threefry.h
 */
export const threefry2x32 = (k0: number, k1: number, x0: number, x1: number): [number, number] => {
  const key = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  let a = (x0 + key[0]) | 0;
  let b = (x1 + key[1]) | 0;
  for (let block = 0; block < 5; block++) {
    for (const r of rotations[block % 2]) {
      a = (a + b) | 0;
      b = ((b << r) | (b >>> (32 - r))) ^ a;
    }
    a = (a + key[(block + 1) % 3]) | 0;
    b = (b + key[(block + 2) % 3] + block + 1) | 0;
  }
  return [a >>> 0, b >>> 0];
};

/** The words of keys, two each, the low word first. */
const words = (v: HostValue): Uint32Array => new Uint32Array(v.data.buffer, v.data.byteOffset, v.data.length * 2);

/** Calls back with threefry(key, i) for every key and every flat index i below n, in row-major order. */
const draw = (keys: HostValue, n: number, put: (at: number, y0: number, y1: number) => void): void => {
  const w = words(keys);
  for (let k = 0; k < keys.data.length; k++)
    for (let i = 0; i < n; i++) {
      const [y0, y1] = threefry2x32(w[2 * k], w[2 * k + 1], Math.floor(i / 2 ** 32), i >>> 0);
      put(k * n + i, y0, y1);
    }
};

const randomBits = entry(core.randomBits, ([keys], p, outs) => {
  const [high, low] = outs.map(fresh);
  draw(keys, sizeOf(p.shape), (at, y0, y1) => {
    high[at] = p.width === 64 ? y0 : y0 ^ y1;
    if (low) low[at] = y1;
  });
  return low ? [high, low] : [high];
});

const randomSplit = entry(core.randomSplit, ([keys], p, [out]) => {
  const n = sizeOf(p.shape);
  const w = new Uint32Array(sizeOf(out.shape) * 2);
  draw(keys, n, (at, y0, y1) => w.set([y0, y1], 2 * at));
  return [new BigUint64Array(w.buffer)];
});

const randomFoldIn = entry(core.randomFoldIn, ([keys, data]) => {
  const k = words(keys);
  const d = data.data as Uint32Array;
  const w = new Uint32Array(k.length);
  for (let i = 0; i < d.length; i++) w.set(threefry2x32(k[2 * i], k[2 * i + 1], 0, d[i]), 2 * i);
  return [new BigUint64Array(w.buffer)];
});

export const random: readonly Entry[] = [randomBits, randomSplit, randomFoldIn];
