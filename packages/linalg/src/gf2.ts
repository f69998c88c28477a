import { DomainError, ShapeError } from "@ansatz/backend";

/**
 * Linear algebra over the field of two elements, where 1 + 1 = 0: codes given by parity checks H x = 0. Matrices and words are plain arrays of 0 and 1; ranks and
 * null spaces over it are not those over the reals.
 */
export type Bits = readonly number[];
export type BitMatrix = readonly Bits[];

const checked = (caller: string, h: BitMatrix): { m: number; n: number } => {
  const [m, n] = [h.length, h[0]?.length ?? 0];
  for (const row of h) {
    if (row.length !== n) throw new ShapeError(caller, "rows must have one length", { rows: h.map((r) => r.length) });
    const strange = row.find((x) => x !== 0 && x !== 1);
    if (strange !== undefined) throw new DomainError(caller, "entries are 0 or 1", { entry: strange });
  }
  return { m, n };
};

/** Reduced row echelon form: rows that are not zero, with their pivot columns. */
const reduce = (h: BitMatrix, n: number): { rows: Uint8Array[]; pivots: number[] } => {
  const rows = h.map((r) => Uint8Array.from(r));
  const pivots: number[] = [];
  let at = 0;
  for (let c = 0; c < n && at < rows.length; c++) {
    const found = rows.findIndex((r, i) => i >= at && r[c] === 1);
    if (found < 0) continue;
    [rows[at], rows[found]] = [rows[found], rows[at]];
    const pivot = rows[at];
    rows.forEach((r, i) => {
      if (i !== at && r[c] === 1) for (let j = c; j < n; j++) r[j] ^= pivot[j];
    });
    pivots.push(c);
    at++;
  }
  return { rows: rows.slice(0, at), pivots };
};

/** The rank over GF(2): how many parity checks are independent. @example gf2Rank([[1, 1], [1, 1]]) // 1 */
export const gf2Rank = (h: BitMatrix): number => reduce(h, checked("gf2Rank", h).n).pivots.length;

/** A basis, in rows, of {x : H x = 0 mod 2}: n - rank words that generate the code. @example gf2NullSpace([[1, 1, 0]]) // [[1, 1, 0], [0, 0, 1]] */
export const gf2NullSpace = (h: BitMatrix): number[][] => {
  const { n } = checked("gf2NullSpace", h);
  const { rows, pivots } = reduce(h, n);
  const free = Array.from({ length: n }, (_, j) => j).filter((j) => !pivots.includes(j));
  return free.map((f) => {
    const word = new Array<number>(n).fill(0);
    word[f] = 1;
    rows.forEach((r, i) => {
      word[pivots[i]] = r[f];
    });
    return word;
  });
};

/** Whether H x = 0 mod 2. */
export const isCodeword = (h: BitMatrix, x: Bits): boolean => {
  const { n } = checked("isCodeword", h);
  checked("isCodeword", [x]);
  if (x.length !== n)
    throw new ShapeError("isCodeword", "the word must be as long as the rows of H", { word: x.length, n });
  return h.every((row) => row.reduce((s, v, j) => s ^ (v & x[j]), 0) === 0);
};

/**
 * All words of the code, the zero word first: 2^(n - rank) of them, each the sum of some words of the basis.
 *
 * @throws {DomainError} more than 2²⁰ words
 */
export const codewords = (h: BitMatrix): number[][] => {
  const { n } = checked("codewords", h);
  const basis = gf2NullSpace(h);
  if (basis.length > 20)
    throw new DomainError("codewords", "would list more than 2^20 words", { dimension: basis.length });
  let words: number[][] = [new Array<number>(n).fill(0)];
  for (const b of basis) words = words.concat(words.map((w) => w.map((x, j) => x ^ b[j])));
  return words;
};

/** The least number of ones in a word that is not zero, which is the least distance of two words; ∞ when there is only the zero word. */
export const minimumDistance = (h: BitMatrix): number =>
  codewords(h)
    .slice(1)
    .reduce(
      (least, w) =>
        Math.min(
          least,
          w.reduce((s, x) => s + x, 0),
        ),
      Infinity,
    );

export interface TannerGraph {
  readonly checks: number;
  readonly bits: number;
  /** [check, bit] for each 1 of H. */
  readonly edges: readonly (readonly [check: number, bit: number])[];
}
/** The bipartite graph of checks and bits, an edge for each 1 of H. */
export const tannerGraph = (h: BitMatrix): TannerGraph => {
  const { m, n } = checked("tannerGraph", h);
  return {
    checks: m,
    bits: n,
    edges: h.flatMap((row, i) => row.flatMap((x, j) => (x === 1 ? [[i, j] as const] : []))),
  };
};
