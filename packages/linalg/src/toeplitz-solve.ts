import { ShapeError } from "@ansatz/backend";
import { add, concatenate, defineOp, flip, mul, neg, slice, sub, type Tensor, type TensorLike } from "@ansatz/tensor";
import { bind, broadcastShapes, isLinearInput, promote, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { fft, ifft } from "./fft";
import { largest } from "./host/scaling";
import { levinson } from "./host/toeplitz";
import { failure } from "./info";
import { batchOf, columns, infoOf, leading, like, overBatch, rows } from "./support";

const toeplitzOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "solveToeplitz",
  abstract: ([, , b]) => [like(b, [rows(b), columns(b)]), infoOf(b)],
  host: ([c, r, b], _, into) => {
    const [n, k] = [rows(b.aval), columns(b.aval)];
    const outputs = [
      { shape: [n, k], dtype: b.aval.dtype },
      { shape: [], dtype: "int32" as const },
    ];
    return overBatch([c, r, b], [1, 1, 2], outputs, into, ([column, row, y], [x], [info]) => {
      const finite = largest(column) < Infinity && largest(row.subarray(1)) < Infinity && largest(y) < Infinity;
      const bad = finite ? levinson(column, row, y, n, k) : 0;
      info[0] = !finite ? failure("notFinite") : bad > 0 ? failure("singular", bad) : 0;
      if (info[0] === 0) x.set(y);
      else x.fill(NaN);
    });
  },
  derivative: {
    kind: "jvp",
    // T X = B: dX = T⁻¹ (dB - dT X)
    jvp: ([c, r], [dc, dr, db], params, [x]) => {
      const moved = dc || dr ? timesToeplitz(dc ?? mul(0, c), dr ?? mul(0, r), x) : null;
      const right = db && moved ? sub(db, moved) : (db ?? neg(moved as Tensor));
      return [bind(toeplitzOp, [c, r, right], params)[0], null];
    },
    // Tᵀ has the row of T for its column
    transpose: ([g], [c, r, b], params) => {
      if (!g || isLinearInput(c) || isLinearInput(r) || !isLinearInput(b)) return [null, null, null];
      const head = part(c, 0, 1);
      return [null, null, bind(toeplitzOp, [concatenate([head, part(r, 1)], -1), c, g], params)[0]];
    },
  },
  batch: (...args) => leading(() => toeplitzOp)(...args),
});
const part = (x: Tensor, from: number, to = columns(x)): Tensor => {
  const lead = x.shape.slice(0, -1);
  return slice(x, [...lead.map(() => 0), from], [...lead, to]);
};

/** T X by a circular convolution of length 2n. */
const timesToeplitz = (c: Tensor, r: Tensor, x: Tensor): Tensor => {
  const n = rows(x);
  const zero = mul(0, part(c, 0, 1));
  const tail = n > 1 ? [part(r, 1).reshape([...batchOf(r, 1), n - 1])] : [];
  const turned = tail.map((t) => flip(t, -1));
  const f = fft(concatenate([c, zero, ...turned], -1));
  const g = fft(x, { axis: -2, n: 2 * n });
  const [fr, fi] = [f.re, f.im].map((t) => t.reshape([...batchOf(t, 1), 2 * n, 1]));
  const y = ifft({ re: sub(mul(fr, g.re), mul(fi, g.im)), im: add(mul(fr, g.im), mul(fi, g.re)) }, { axis: -2 }).re;
  return slice(
    y,
    y.shape.map(() => 0),
    y.shape.map((d, i) => (i === y.shape.length - 2 ? n : d)),
  );
};

export interface ToeplitzSolution {
  readonly x: Tensor;
  /** Fails where T, or a leading block of it, is singular: the recursion needs them all. */
  readonly info: Tensor;
}

/**
 * The solution of T X = B for the Toeplitz matrix with first column c and first row r (whose first entry is not read), by Levinson's recursion in
 * O(n²). Stable for positive definite T (Cybenko 1980: the residual is that of Cholesky up to ∏(1 + |reflection|)/(1 - |reflection|)); for others the
 * error grows with the condition of the worst leading block, so compare with `solve(toeplitz(c, r), b)` where that may be poor.
 *
 * @param c [..., n]   @param r [..., n], c by default (a symmetric T)   @param b [n] or [n, k]
 * @example solveToeplitz([2, 1, 0], [3, 4, 3]).x // [1, 1, 1]
 */
export const solveToeplitz = (
  c: TensorLike,
  b: TensorLike,
  { row = c }: { readonly row?: TensorLike } = {},
): ToeplitzSolution => {
  const s = aligned("solveToeplitz", [c, row], b);
  const [x, info] = bind(toeplitzOp, [...s.lines, s.b], {});
  return { x: s.undo(x), info };
};

/** Lines [..., n] and a right-hand side [..., n, k] in one dtype with one batch. */
const aligned = (caller: string, xs: readonly TensorLike[], b: TensorLike) => {
  const promoted = promote(caller, [...xs, b], "float");
  const lines = promoted.slice(0, -1);
  const r = promoted[promoted.length - 1];
  for (const line of lines)
    if (line.shape.length === 0 || columns(line) !== columns(lines[0]))
      throw new ShapeError(caller, "the first column and the first row are vectors of one length", {
        lines: lines.map((t) => t.shape),
      });
  const n = columns(lines[0]);
  const vector = r.shape.length === 1 || (lines[0].shape.length > 1 && r.shape.length === lines[0].shape.length);
  const column = vector ? r.reshape([...r.shape, 1]) : r;
  if (column.shape.length < 2 || rows(column) !== n)
    throw new ShapeError(caller, "the matrix and b must have as many rows", { n, b: r.shape });
  const lead = lines.reduce<readonly number[]>((s, t) => broadcastShapes(caller, s, batchOf(t, 1)), batchOf(column, 2));
  return {
    lines: lines.map((t) => stretch(t, [...lead, n])),
    b: stretch(column, [...lead, n, columns(column)]),
    undo: (x: Tensor): Tensor => (vector ? x.reshape(x.shape.slice(0, -1)) : x),
  };
};
