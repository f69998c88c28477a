import { ShapeError } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { type TensorLike, toTensor } from "../core/tensor-like";
import { add, mul, sub } from "../ops/arithmetic";
import { range } from "../ops/batching";
import { iota } from "../ops/choice";
import { dotGeneral } from "../ops/contraction";
import { fill } from "../ops/fill";
import { gather, scatter } from "../ops/indexing";
import { reduceSum } from "../ops/reductions";
import { broadcast, concatenate, reshape, transpose } from "../ops/shape";
import { normalAxis } from "./axes";
import { broadcastShapes, promote, stretch } from "./promotion";
import { roll } from "./shape";

const operands = (caller: string, x: TensorLike, y: TensorLike): [Tensor, Tensor] =>
  promote(caller, [x, y], "numeric") as [Tensor, Tensor];

/**
 * The matrix product. Vectors are a row on the left, a column on the right; further axes in front are a stack of matrices and broadcast.
 *
 *   (xy)[…, i, j] = Σ_k x[…, i, k] y[…, k, j]
 *
 * @throws {ShapeError} the inner extents differ, or an operand is a scalar
 * @example matmul([[1, 2], [3, 4]], [1, 1]) // [3, 7]
 */
export const matmul = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = operands("matmul", x, y);
  const [p, q] = [a.shape.length, b.shape.length];
  if (p === 0 || q === 0)
    throw new ShapeError("matmul", "takes vectors and matrices", { a: a.shape, b: b.shape }, "use mul for scalars");
  const inner = Math.max(0, q - 2);
  if (a.shape[p - 1] !== b.shape[inner])
    throw new ShapeError(
      "matmul",
      "inner dimensions must agree",
      { a: a.shape, b: b.shape },
      `${a.shape[p - 1]} against ${b.shape[inner]}`,
    );
  // one matrix on either side: a single product, its free axes in order
  if (q <= 2) return dotGeneral(a, b, { lhsContract: [p - 1], rhsContract: [0] });
  if (p <= 2) {
    const out = dotGeneral(a, b, { lhsContract: [p - 1], rhsContract: [inner] });
    return p === 1 ? out : transpose(out, [...range(q - 2, 1), 0, q - 1]);
  }
  const lead = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  const stack = range(lead.length);
  const [s, t] = [stretch(a, [...lead, ...a.shape.slice(-2)]), stretch(b, [...lead, ...b.shape.slice(-2)])];
  const n = lead.length;
  return dotGeneral(s, t, { lhsContract: [n + 1], rhsContract: [n], lhsBatch: stack, rhsBatch: stack });
};

/** NumPy's dot: the inner product of vectors, the product of matrices; beyond, the last axis of x with the second to last of y. */
export const dot = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = operands("dot", x, y);
  const [p, q] = [a.shape.length, b.shape.length];
  if (p === 0 || q === 0) {
    const shape = broadcastShapes("dot", a.shape, b.shape);
    return mul(stretch(a, shape), stretch(b, shape));
  }
  return contract("dot", a, b, [p - 1], [Math.max(0, q - 2)]);
};
/** Σ x y over all elements, in order. */
export const vdot = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = operands("vdot", x, y);
  return contract("vdot", reshape(a, [a.size]), reshape(b, [b.size]), [0], [0]);
};
/** Products summed over the last axis of both. */
export const inner = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = operands("inner", x, y);
  if (a.shape.length === 0 || b.shape.length === 0) return dot(a, b);
  return contract("inner", a, b, [a.shape.length - 1], [b.shape.length - 1]);
};
/** All products x_i y_j, as a matrix; operands are flattened. */
export const outer = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = operands("outer", x, y);
  return contract("outer", reshape(a, [a.size]), reshape(b, [b.size]), [], []);
};

const contract = (caller: string, a: Tensor, b: Tensor, lhs: readonly number[], rhs: readonly number[]): Tensor => {
  if (lhs.some((k, i) => a.shape[k] !== b.shape[rhs[i]]))
    throw new ShapeError(caller, "contracted extents must agree", { a: a.shape, b: b.shape, axes: [lhs, rhs] });
  return dotGeneral(a, b, { lhsContract: lhs, rhsContract: rhs });
};

/**
 * Products summed over paired axes: the last n of x with the first n of y, or the axes named.
 *
 * @example tensordot(ones([2, 3, 4]), ones([4, 3]), [[2, 1], [0, 1]]).shape // [2]
 */
export const tensordot = (
  x: TensorLike,
  y: TensorLike,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor => {
  const [a, b] = operands("tensordot", x, y);
  const [p, q] = [a.shape.length, b.shape.length];
  if (typeof axes === "number" && (axes > p || axes > q))
    throw new ShapeError("tensordot", `cannot pair ${axes} axes`, { a: a.shape, b: b.shape });
  const [l, r] = typeof axes === "number" ? [range(axes, p - axes), range(axes)] : axes;
  if (l.length !== r.length) throw new ShapeError("tensordot", "axes must come in pairs", { axes: [l, r] });
  return contract(
    "tensordot",
    a,
    b,
    l.map((k) => normalAxis("tensordot", k, p)),
    r.map((k) => normalAxis("tensordot", k, q)),
  );
};

/** The Kronecker product: every element of x times all of y, blocks laid out as x. */
export const kron = (x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = operands("kron", x, y);
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = (t: Tensor): number[] => [...new Array<number>(rank - t.shape.length).fill(1), ...t.shape];
  const [s, t] = [padded(a), padded(b)];
  const both = s.flatMap((d, i) => [d, t[i]]);
  const left = broadcast(
    reshape(a, s),
    both,
    range(rank).map((i) => 2 * i),
  );
  const right = broadcast(
    reshape(b, t),
    both,
    range(rank).map((i) => 2 * i + 1),
  );
  return reshape(
    mul(left, right),
    s.map((d, i) => d * t[i]),
  );
};

/** Two index columns i + down, i + right for the places of a diagonal. */
const diagonalIndices = (n: number, down: number, right: number): Tensor => {
  const column = (start: number): Tensor => {
    const i = iota([n, 1], "int32", 0);
    return start === 0 ? i : add(i, fill(start, i));
  };
  return concatenate([column(down), column(right)], 1);
};
const diagonalLength = (rows: number, columns: number, k: number): number =>
  Math.max(0, Math.min(rows - Math.max(0, -k), columns - Math.max(0, k)));

/** The k-th diagonal over two axes, as the last axis of the result. @example diagonal([[1, 2], [3, 4]]) // [1, 4] */
export const diagonal = (
  x: TensorLike,
  { k = 0, axes = [0, 1] }: { readonly k?: number; readonly axes?: readonly [number, number] } = {},
): Tensor => {
  const t = toTensor(x, "diagonal");
  const rank = t.shape.length;
  const [a, b] = axes.map((i) => normalAxis("diagonal", i, rank));
  if (a === b) throw new ShapeError("diagonal", "needs two different axes", { axes });
  const n = diagonalLength(t.shape[a], t.shape[b], k);
  const out = gather(t, diagonalIndices(n, Math.max(0, -k), Math.max(0, k)), { batch: 0, axes: [a, b], mode: "clip" });
  return rank === 2 ? out : transpose(out, [...range(rank - 2, 1), 0]);
};
/** The matrix with a vector on its k-th diagonal; of a matrix, the vector that is there. */
export const diag = (x: TensorLike, k = 0): Tensor => {
  const t = toTensor(x, "diag");
  if (t.shape.length === 2) return diagonal(t, { k });
  if (t.shape.length !== 1) throw new ShapeError("diag", "takes a vector or a matrix", { shape: t.shape });
  const n = t.size + Math.abs(k);
  const zeros = fill(0, { shape: [n, n], dtype: t.dtype });
  const indices = diagonalIndices(t.size, Math.max(0, -k), Math.max(0, k));
  return scatter(zeros, indices, t, { batch: 0, axes: [0, 1], kind: "set" });
};
/** The sum of the k-th diagonal over two axes. */
export const trace = (
  x: TensorLike,
  options: { readonly k?: number; readonly axes?: readonly [number, number] } = {},
): Tensor => {
  const d = diagonal(promote("trace", [x], "numeric")[0], options);
  return reduceSum(d, [d.shape.length - 1]);
};

/** The cross product of 3-vectors along the last axis. */
export const cross = (x: TensorLike, y: TensorLike): Tensor => {
  const [a0, b0] = operands("cross", x, y);
  const shape = broadcastShapes("cross", a0.shape, b0.shape);
  if (shape[shape.length - 1] !== 3)
    throw new ShapeError("cross", "needs 3 components on the last axis", { a: a0.shape, b: b0.shape });
  const [a, b] = [stretch(a0, shape), stretch(b0, shape)];
  const turn = (t: Tensor, by: number): Tensor => roll(t, by, -1);
  return sub(mul(turn(a, -1), turn(b, -2)), mul(turn(a, -2), turn(b, -1)));
};
