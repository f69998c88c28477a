import { DomainError, ShapeError } from "@ansatz/backend";
import {
  add,
  concatenate,
  einsum,
  index,
  matmul,
  matrixTranspose,
  mul,
  pad,
  reshape,
  sqrt,
  square,
  sum,
  type Tensor,
  type TensorLike,
  zeros,
} from "@ansatz/tensor";
import { operand } from "@ansatz/tensor/transforms";
import { norm2 } from "./norms";
import { qr } from "./qr";
import { scaleRows } from "./support";
import { svd } from "./svd";

/**
 * A tensor in tensor-train form: X[i₁, …, i_d] = G₁[:, i₁, :] G₂[:, i₂, :] … G_d[:, i_d, :], a product of matrices. Cores G_k are [r_{k-1}, n_k, r_k] with
 * r₀ = r_d = 1; it holds Σ r n r numbers instead of Π n.
 */
export interface TensorTrain {
  readonly cores: readonly Tensor[];
}
export interface TensorTrainOptions {
  /** The bonds r₁ … r_{d-1} at most; a number for all of them. */
  readonly ranks?: number | readonly number[];
  /** Relative error ‖X - train‖ ≤ tol ‖X‖, by the least ranks that keep it. It reads values, so inside jit give `ranks` instead. */
  readonly tol?: number;
}
export interface TruncatedTrain extends TensorTrain {
  /** √Σ_k ε_k², ε_k being what the SVD at bond k left out: at least the error, which is at most √(d - 1) times the least for these ranks. */
  readonly errorBound: Tensor;
}

/** How many singular values to keep: at most `most`, at least 1, and as few as leave a tail of norm `allowed`. */
const keep = (caller: string, s: Tensor, most: number, allowed: Tensor | null): number => {
  const top = Math.max(1, Math.min(most, s.shape[0]));
  if (allowed === null) return top;
  if (s.trace !== null || allowed.trace !== null)
    throw new DomainError(
      caller,
      "ranks chosen by tol depend on values",
      { tol: "given" },
      "inside jit give { ranks }",
    );
  const values = Array.from(s.dataSync(), Number);
  const limit = Number(allowed.item());
  let tail = 0;
  let r = values.length;
  while (r > 1 && Math.sqrt(tail + values[r - 1] ** 2) <= limit) tail += values[--r] ** 2;
  return Math.max(1, Math.min(top, r));
};
const bondLimits = (caller: string, bonds: number, ranks: number | readonly number[] | undefined): number[] => {
  const list =
    typeof ranks === "number" || ranks === undefined ? new Array<number>(bonds).fill(ranks ?? Infinity) : [...ranks];
  if (list.length !== bonds || list.some((r) => !(r >= 1)))
    throw new DomainError(caller, `needs ${bonds} ranks of at least 1`, { ranks: list });
  return list;
};

/** Splits [r n, rest] at its singular values: the left part, and what goes on to the right. */
const splitAt = (caller: string, m: Tensor, most: number, allowed: Tensor | null) => {
  const { u, s, vt } = svd(m);
  const r = keep(caller, s, most, allowed);
  return {
    r,
    left: index(u, ":", { stop: r }),
    right: scaleRows(index(s, { stop: r }), index(vt, { stop: r })),
    missed: sum(square(index(s, { start: r }))),
  };
};

/**
 * The tensor train of a full tensor by successive SVDs (TT-SVD). Differentiable as the SVD is.
 *
 * @see Oseledets 2011, SIAM J. Sci. Comput. 33, 2295–2317, theorem 2.2
 * @example tensorTrain(outer([1, 2], [3, 4]), { tol: 1e-12 }).cores[0].shape // [1, 2, 1]
 */
export const tensorTrain = (x: TensorLike, { ranks, tol }: TensorTrainOptions = {}): TruncatedTrain => {
  const t = operand("tensorTrain", x, "float");
  const shape = t.shape;
  if (shape.length === 0 || t.size === 0)
    throw new ShapeError("tensorTrain", "takes a tensor of at least one axis, none empty", { shape });
  const d = shape.length;
  const limits = bondLimits("tensorTrain", d - 1, ranks);
  // each of the d - 1 cuts may leave out its share
  const allowed = tol === undefined ? null : mul(tol / Math.sqrt(Math.max(1, d - 1)), norm2(t));
  const cores: Tensor[] = [];
  let missed = zeros([], { dtype: t.dtype });
  let rest = reshape(t, [1, t.size]);
  let r = 1;
  for (let k = 0; k < d - 1; k++) {
    const cut = splitAt("tensorTrain", reshape(rest, [r * shape[k], rest.size / (r * shape[k])]), limits[k], allowed);
    cores.push(reshape(cut.left, [r, shape[k], cut.r]));
    missed = add(missed, cut.missed);
    [rest, r] = [cut.right, cut.r];
  }
  cores.push(reshape(rest, [r, shape[d - 1], 1]));
  return { cores, errorBound: sqrt(missed) };
};

/** The full tensor. */
export const trainToTensor = ({ cores }: TensorTrain): Tensor => {
  let out = reshape(cores[0], [cores[0].shape[1], cores[0].shape[2]]);
  for (const g of cores.slice(1)) {
    const [r, n, next] = g.shape;
    out = reshape(matmul(reshape(out, [out.size / r, r]), reshape(g, [r, n * next])), [(out.size / r) * n, next]);
  }
  return reshape(
    out,
    cores.map((g) => g.shape[1]),
  );
};

/**
 * The same tensor with smaller bonds: cores are made orthonormal from the right by QR, then cut by SVD from the left. With `tol` the relative error is at most
 * tol; the ranks found are those of TT-SVD.
 *
 * @see Oseledets 2011, algorithm 2
 */
export const trainRound = (train: TensorTrain, { ranks, tol }: TensorTrainOptions = {}): TruncatedTrain => {
  const cores = [...train.cores];
  const d = cores.length;
  const limits = bondLimits("trainRound", d - 1, ranks);
  for (let k = d - 1; k > 0; k--) {
    const [r, n, next] = cores[k].shape;
    const { q, r: right } = qr(matrixTranspose(reshape(cores[k], [r, n * next])));
    const s = q.shape[1];
    cores[k] = reshape(matrixTranspose(q), [s, n, next]);
    cores[k - 1] = einsum("anb,bc->anc", cores[k - 1], matrixTranspose(right));
  }
  const allowed = tol === undefined ? null : mul(tol / Math.sqrt(Math.max(1, d - 1)), norm2(cores[0]));
  let missed = zeros([], { dtype: cores[0].dtype });
  for (let k = 0; k < d - 1; k++) {
    const [r, n, next] = cores[k].shape;
    const cut = splitAt("trainRound", reshape(cores[k], [r * n, next]), limits[k], allowed);
    cores[k] = reshape(cut.left, [r, n, cut.r]);
    cores[k + 1] = einsum("ab,bnc->anc", cut.right, cores[k + 1]);
    missed = add(missed, cut.missed);
  }
  return { cores, errorBound: sqrt(missed) };
};

/** ⟨X, Y⟩ = Σ X ∘ Y of two trains of one shape, bond by bond: O(d n r³), the full tensors are never formed. */
export const trainInner = (x: TensorTrain, y: TensorTrain): Tensor => {
  sameModes("trainInner", x, y);
  let carry = reshape(add(mul(0, index(x.cores[0], 0, 0, 0)), 1), [1, 1]);
  x.cores.forEach((g, k) => {
    carry = einsum("ab,anc,bnd->cd", carry, g, y.cores[k]);
  });
  return reshape(carry, []);
};

/** X + Y as a train, with the sums of their bonds: cores in block-diagonal form. Round it to make the bonds small again. */
export const trainAdd = (x: TensorTrain, y: TensorTrain): TensorTrain => {
  sameModes("trainAdd", x, y);
  const d = x.cores.length;
  if (d === 1) return { cores: [add(x.cores[0], y.cores[0])] };
  return {
    cores: x.cores.map((g, k) => {
      const h = y.cores[k];
      if (k === 0) return concatenate([g, h], 2);
      if (k === d - 1) return concatenate([g, h], 0);
      const [left, right] = [g.shape[2], h.shape[2]];
      return concatenate(
        [
          pad(g, [
            [0, 0],
            [0, 0],
            [0, right],
          ]),
          pad(h, [
            [0, 0],
            [0, 0],
            [left, 0],
          ]),
        ],
        0,
      );
    }),
  };
};
const sameModes = (caller: string, x: TensorTrain, y: TensorTrain): void => {
  const modes = (t: TensorTrain): number[] => t.cores.map((g) => g.shape[1]);
  if (modes(x).join() !== modes(y).join())
    throw new ShapeError(caller, "trains must have one shape", { x: modes(x), y: modes(y) });
};
