import { buildFftKernels, type FftKernels, type Radix, radices } from "./fft-kernels";
import { type Pass, pass2, pass4, passOf, roots, type Step } from "./fft-passes";

/** Prime factors with fours for pairs of twos: even ones first, so that later steps work on pairs. */
const factorsOf = (n: number): number[] => {
  const out: number[] = [];
  while (n % 4 === 0) {
    out.push(4);
    n /= 4;
  }
  for (let p = 2; p * p <= n; p++)
    while (n % p === 0) {
      out.push(p);
      n /= p;
    }
  if (n > 1) out.push(n);
  return out;
};

/** A transform of one length: y_k = Σ_j x_j exp(-2πi jk/n), not normalised; the arrays may be the same. */
export type Transform = (xr: Numbers, xi: Numbers | null, yr: Numbers, yi: Numbers) => void;
type Numbers = Float64Array | Float32Array;

/**
 * The memory in which transforms run: room for two copies of the numbers, and behind it the tables of all plans, which stay. Where it cannot be had, or grow, the same
 * steps run in TypeScript.
 */
interface Machine {
  readonly memory: WebAssembly.Memory;
  readonly kernels: FftKernels;
  /** Entries that each of the four working arrays may have. */
  room: number;
  /** Where the next table goes, in bytes. */
  free: number;
}
const limit = 2 ** 22;
let machine: Machine | null | undefined;
const plans = /* @__PURE__ */ new Map<number, Transform>();

const start = (): Machine | null => {
  if (machine !== undefined) return machine;
  try {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const module = new WebAssembly.Module(buildFftKernels() as BufferSource);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    machine = { memory, kernels: exports as unknown as FftKernels, room: 0, free: 0 };
  } catch {
    machine = null;
  }
  return machine;
};
const grown = (m: Machine, bytes: number): boolean => {
  const missing = bytes - m.memory.buffer.byteLength;
  try {
    if (missing > 0) m.memory.grow(Math.ceil(missing / 65536));
    return true;
  } catch {
    return false;
  }
};
/** Working arrays of n entries: when they outgrow their room, all tables move, and with them all plans are made again. */
const makeRoom = (m: Machine, n: number): boolean => {
  if (n <= m.room) return true;
  const room = Math.max(4096, 2 ** Math.ceil(Math.log2(n)));
  if (n > limit || !grown(m, 32 * room)) return false;
  m.room = room;
  m.free = 32 * room;
  plans.clear();
  return true;
};

/** Mixed radix (Stockham) where all prime factors are small, Bluestein's convolution otherwise: O(n log n) for every n. */
export const transformOf = (n: number): Transform => {
  let plan = plans.get(n);
  if (!plan) {
    const factors = factorsOf(n);
    const small = factors.every((p) => p <= 31);
    const m = n > 1 && small ? start() : null;
    // too many tables: begin anew
    if (m && (plans.size > 64 || m.free > 64 * m.room + 2 ** 24)) {
      plans.clear();
      m.free = 32 * m.room;
    }
    plan = n <= 1 ? copied : small ? ((m && machinePlan(m, n, factors)) ?? hostPlan(n, factors)) : bluestein(n);
    plans.set(n, plan);
  }
  return plan;
};
const copied: Transform = (xr, xi, yr, yi) => {
  yr.set(xr);
  if (xi) yi.set(xi);
  else yi.fill(0);
};

const stepsOf = (n: number, factors: readonly number[]): Step[] => {
  const { cos, sin } = roots(n);
  let done = 1;
  let left = n;
  return factors.map((p): Step => {
    const rest = (left /= p);
    const [c, s] = [new Float64Array(p * done), new Float64Array(p * done)];
    for (let q = 0; q < p; q++)
      for (let j = 0; j < done; j++) {
        c[q * done + j] = cos[q * j * rest];
        s[q * done + j] = sin[q * j * rest];
      }
    const step = { p, rest, done, cos: c, sin: s };
    done *= p;
    return step;
  });
};
const hostPass = (p: number): Pass => (p === 2 ? pass2 : p === 4 ? pass4 : passOf(p));

/** The steps in TypeScript, for lengths whose prime factors are at most 31. */
export const hostPlan = (n: number, factors = factorsOf(n)): Transform => {
  const steps = stepsOf(n, factors);
  const passes = factors.map(hostPass);
  return (xr, xi, yr, yi) => {
    let [sr, si, dr, di] = [0, 1, 2, 3].map(() => new Float64Array(n));
    sr.set(xr);
    if (xi) si.set(xi);
    steps.forEach((step, k) => {
      passes[k](sr, si, dr, di, step);
      [sr, si, dr, di] = [dr, di, sr, si];
    });
    yr.set(sr);
    yi.set(si);
  };
};

/** Twiddles of a step as its kernel reads them: for each pair of j the cosines and sines of all q ≥ 1; where `done` is odd, the last pair overlaps. */
const tableOf = ({ p, done, cos, sin }: Step): Float64Array => {
  const pairs = Math.ceil(done / 2);
  const out = new Float64Array(pairs * 4 * (p - 1));
  let at = 0;
  for (let b = 0; b < pairs; b++) {
    const j = Math.min(2 * b, done - 2);
    for (let q = 1; q < p; q++)
      for (const values of [cos, sin]) for (const i of [j, j + 1]) out[at++] = values[q * done + i];
  }
  return out;
};

const machinePlan = (m: Machine, n: number, factors: readonly number[]): Transform | null => {
  if (!makeRoom(m, n)) return null;
  const all = stepsOf(n, factors);
  const steps: ((sr: number, si: number, dr: number, di: number) => void)[] = [];
  for (const step of all) {
    const { p, rest, done } = step;
    const known = (radices as readonly number[]).includes(p) && (done > 1 || rest > 1);
    if (!known) {
      const pass = hostPass(p);
      const view = (at: number): Float64Array => new Float64Array(m.memory.buffer, at, n);
      steps.push((sr, si, dr, di) => pass(view(sr), view(si), view(dr), view(di), step));
      continue;
    }
    if (done === 1) {
      const kernel = m.kernels[`first${p as Radix}`];
      steps.push((sr, si, dr, di) => kernel(sr, si, dr, di, rest, 1, 0));
      continue;
    }
    const table = tableOf(step);
    const at = m.free;
    if (!grown(m, at + table.byteLength)) return null;
    new Float64Array(m.memory.buffer, at, table.length).set(table);
    m.free = (at + table.byteLength + 15) & ~15;
    const kernel = m.kernels[`${done >= rest ? "along" : "across"}${p as Radix}`];
    steps.push((sr, si, dr, di) => kernel(sr, si, dr, di, rest, done, at));
  }
  return (xr, xi, yr, yi) => {
    const bytes = 8 * m.room;
    let [sr, si, dr, di] = [0, bytes, 2 * bytes, 3 * bytes];
    const { buffer } = m.memory;
    new Float64Array(buffer, sr, n).set(xr);
    if (xi) new Float64Array(buffer, si, n).set(xi);
    else new Float64Array(buffer, si, n).fill(0);
    for (const step of steps) {
      step(sr, si, dr, di);
      [sr, si, dr, di] = [dr, di, sr, si];
    }
    yr.set(new Float64Array(buffer, sr, n));
    yi.set(new Float64Array(buffer, si, n));
  };
};

/** The least 2ᵃ3ᵇ5ᶜ that is even and not below n. */
const smoothFrom = (n: number): number => {
  let best = Infinity;
  for (let five = 1; five < 2 * n; five *= 5)
    for (let three = five; three < 2 * n; three *= 3) {
      let m = 2 * three;
      while (m < n) m *= 2;
      best = Math.min(best, m);
    }
  return best;
};

/** jk = (j² + k² - (k - j)²)/2 makes the transform a convolution with a chirp, done at a length of small factors. */
const bluestein = (n: number): Transform => {
  const m = smoothFrom(2 * n - 1);
  const { cos, sin } = roots(2 * n);
  const [cr, ci] = [new Float64Array(n), new Float64Array(n)];
  const [br, bi] = [new Float64Array(m), new Float64Array(m)];
  let square = 0; // k² mod 2n
  for (let k = 0; k < n; k++) {
    cr[k] = cos[square];
    ci[k] = sin[square];
    br[k] = br[(m - k) % m] = cr[k];
    bi[k] = bi[(m - k) % m] = ci[k];
    square = (square + 2 * k + 1) % (2 * n);
  }
  transformOf(m)(br, bi, br, bi);
  const [ar, ai] = [new Float64Array(m), new Float64Array(m)];
  return (xr, xi, yr, yi) => {
    // plans may have been made again since
    const inner = transformOf(m);
    ar.fill(0, n);
    ai.fill(0, n);
    for (let k = 0; k < n; k++) {
      const y = xi ? xi[k] : 0;
      ar[k] = xr[k] * cr[k] + y * ci[k];
      ai[k] = y * cr[k] - xr[k] * ci[k];
    }
    inner(ar, ai, ar, ai);
    // product, conjugated, so that the forward transform inverts
    for (let k = 0; k < m; k++) {
      const x = ar[k] * br[k] - ai[k] * bi[k];
      ai[k] = -(ar[k] * bi[k] + ai[k] * br[k]);
      ar[k] = x;
    }
    inner(ar, ai, ar, ai);
    for (let k = 0; k < n; k++) {
      const x = ar[k] / m;
      const y = -ai[k] / m;
      yr[k] = x * cr[k] + y * ci[k];
      yi[k] = y * cr[k] - x * ci[k];
    }
  };
};
