/** cos and sin of 2πk/n, from the first octant, so that symmetric entries are equal. */
export const roots = (n: number): { cos: Float64Array; sin: Float64Array } => {
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const eighth = Math.floor((8 * k) / n);
    const rest = 8 * k - eighth * n;
    const turned = eighth & 1;
    const angle = ((turned ? n - rest : rest) * Math.PI) / (4 * n);
    const [a, b] = turned ? [Math.sin(angle), Math.cos(angle)] : [Math.cos(angle), Math.sin(angle)];
    const quarter = eighth >> 1;
    // (a, b) is the point within the quarter
    const [c, s] = quarter === 0 ? [a, b] : quarter === 1 ? [-b, a] : quarter === 2 ? [-a, -b] : [b, -a];
    cos[k] = c;
    sin[k] = s;
  }
  return { cos, sin };
};

/** One step of Stockham's algorithm: from [p, rest, done] to [rest, p, done], which needs no bit reversal. Twiddles of factor q stand from q · done on. */
export interface Step {
  readonly p: number;
  readonly rest: number;
  readonly done: number;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}
export type Pass = (sr: Float64Array, si: Float64Array, dr: Float64Array, di: Float64Array, step: Step) => void;

// Memory is walked in order where `done` is large (j inside); where it is small the other way round is no worse, and saves the twiddles.

export const pass2: Pass = (sr, si, dr, di, { rest, done, cos, sin }) => {
  const half = rest * done;
  for (let r = 0; r < rest; r++) {
    let from = r * done;
    let to = 2 * from;
    for (let j = 0; j < done; j++, from++, to++) {
      const c = cos[done + j];
      const s = sin[done + j];
      const x = sr[from + half];
      const y = si[from + half];
      const br = x * c + y * s;
      const bi = y * c - x * s;
      const ar = sr[from];
      const ai = si[from];
      dr[to] = ar + br;
      di[to] = ai + bi;
      dr[to + done] = ar - br;
      di[to + done] = ai - bi;
    }
  }
};

export const pass4: Pass = (sr, si, dr, di, { rest, done, cos, sin }) => {
  const quarter = rest * done;
  const inside = done >= rest;
  const [outer, inner] = inside ? [rest, done] : [done, rest];
  const [outFrom, outTo] = inside ? [done, 4 * done] : [1, 1];
  const [inFrom, inTo] = inside ? [1, 1] : [done, 4 * done];
  for (let o = 0; o < outer; o++) {
    let from = o * outFrom;
    let to = o * outTo;
    for (let i = 0; i < inner; i++, from += inFrom, to += inTo) {
      const j = inside ? i : o;
      const c1 = cos[done + j];
      const s1 = sin[done + j];
      const c2 = cos[2 * done + j];
      const s2 = sin[2 * done + j];
      const c3 = cos[3 * done + j];
      const s3 = sin[3 * done + j];
      const x0 = sr[from];
      const y0 = si[from];
      const p1 = sr[from + quarter];
      const q1 = si[from + quarter];
      const p2 = sr[from + 2 * quarter];
      const q2 = si[from + 2 * quarter];
      const p3 = sr[from + 3 * quarter];
      const q3 = si[from + 3 * quarter];
      const x1 = p1 * c1 + q1 * s1;
      const y1 = q1 * c1 - p1 * s1;
      const x2 = p2 * c2 + q2 * s2;
      const y2 = q2 * c2 - p2 * s2;
      const x3 = p3 * c3 + q3 * s3;
      const y3 = q3 * c3 - p3 * s3;
      const ar = x0 + x2;
      const ai = y0 + y2;
      const br = x0 - x2;
      const bi = y0 - y2;
      const cr = x1 + x3;
      const ci = y1 + y3;
      const er = x1 - x3;
      const ei = y1 - y3;
      dr[to] = ar + cr;
      di[to] = ai + ci;
      dr[to + done] = br + ei;
      di[to + done] = bi - er;
      dr[to + 2 * done] = ar - cr;
      di[to + 2 * done] = ai - ci;
      dr[to + 3 * done] = br - ei;
      di[to + 3 * done] = bi + er;
    }
  }
};

/**
 * An odd factor: with t_q = x_q + x_{p-q} and d_q = x_q - x_{p-q}, X_o and X_{p-o} are x_0 + Σ_q cos(2πqo/p) t_q ∓ i Σ_q sin(2πqo/p) d_q, so each sum serves
 * two results.
 */
export const passOf = (p: number): Pass => {
  const { cos: wc, sin: ws } = roots(p);
  const h = (p - 1) / 2;
  const [tr, ti, ur, ui] = [0, 1, 2, 3].map(() => new Float64Array(h + 1));
  return (sr, si, dr, di, { rest, done, cos, sin }) => {
    const block = rest * done;
    for (let r = 0; r < rest; r++)
      for (let j = 0; j < done; j++) {
        const from = r * done + j;
        const to = r * p * done + j;
        const x0 = sr[from];
        const y0 = si[from];
        let sumR = x0;
        let sumI = y0;
        for (let q = 1; q <= h; q++) {
          const a = from + q * block;
          const b = from + (p - q) * block;
          const ca = cos[q * done + j];
          const sa = sin[q * done + j];
          const cb = cos[(p - q) * done + j];
          const sb = sin[(p - q) * done + j];
          const xa = sr[a] * ca + si[a] * sa;
          const ya = si[a] * ca - sr[a] * sa;
          const xb = sr[b] * cb + si[b] * sb;
          const yb = si[b] * cb - sr[b] * sb;
          sumR += tr[q] = xa + xb;
          sumI += ti[q] = ya + yb;
          ur[q] = xa - xb;
          ui[q] = ya - yb;
        }
        dr[to] = sumR;
        di[to] = sumI;
        for (let o = 1; o <= h; o++) {
          let er = x0;
          let ei = y0;
          let fr = 0;
          let fi = 0;
          for (let q = 1, k = o; q <= h; q++, k = k + o >= p ? k + o - p : k + o) {
            const c = wc[k];
            const s = ws[k];
            er += c * tr[q];
            ei += c * ti[q];
            fr += s * ur[q];
            fi += s * ui[q];
          }
          dr[to + o * done] = er + fi;
          di[to + o * done] = ei - fr;
          dr[to + (p - o) * done] = er - fi;
          di[to + (p - o) * done] = ei + fr;
        }
      }
  };
};
