import { DomainError } from "@ansatz/backend";
import {
  add,
  concatenate,
  defineOp,
  eye,
  matmul,
  matrixTranspose,
  slice,
  type Tensor,
  type TensorLike,
  zerosLike,
} from "@ansatz/tensor";
import { bind, bind1, isLinearInput, stretch, type TensorOp } from "@ansatz/tensor/transforms";
import { logarithm, squareRoot } from "./host/matrix-functions";
import { failure } from "./info";
import { inv } from "./solve";
import { batchOf, infoOf, leading, overBatch, rows, scaleRows, square } from "./support";
import { svd } from "./svd";

type Host = (a: Float64Array, n: number) => Float64Array | null;

/**
 * A matrix function f and its Fréchet derivative L(A, E), which is the upper right block of f([[A, E], [0, A]]). L is linear in E with
 * transpose L(Aᵀ, ·), and its own derivative along D is again such a block, so one host function serves every order, and repeated eigenvalues
 * need no care.
 */
const matrixFunction = /* @__NO_SIDE_EFFECTS__ */ (name: string, f: Host) => {
  const valueOp: TensorOp = defineOp({
    name,
    abstract: ([a]) => [a, infoOf(a)],
    host: ([a], _, into) => {
      const n = rows(a.aval);
      return overBatch(
        [a],
        [2],
        [
          { shape: [n, n], dtype: a.aval.dtype },
          { shape: [], dtype: "int32" },
        ],
        into,
        ([x], [y], [info]) => {
          const value = f(x, n);
          info[0] = value ? 0 : failure(x.every(Number.isFinite) ? "noRealValue" : "notFinite");
          if (value) y.set(value);
          else y.fill(Number.NaN);
        },
      );
    },
    derivative: { kind: "jvp", jvp: ([a], [da]) => [bind1(tangentOp, [a, da as Tensor], {}), null] },
    batch: (...args) => leading(() => valueOp)(...args),
  });
  const tangentOp: TensorOp = defineOp({
    name: `${name}Frechet`,
    abstract: ([a]) => [a],
    host: ([a, e], _, into) => {
      const n = rows(a.aval);
      return overBatch([a, e], [2, 2], [{ shape: [n, n], dtype: a.aval.dtype }], into, ([x, dx], [y]) => {
        // E is scaled to the size of A: L is linear in it
        const m = 2 * n;
        const top = (v: Float64Array): number => v.reduce((s, t) => Math.max(s, Math.abs(t)), 0);
        const scale = top(dx) > 0 ? (top(x) || 1) / top(dx) : 1;
        const b = new Float64Array(m * m);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            b[i * m + j] = b[(n + i) * m + n + j] = x[i * n + j];
            b[i * m + n + j] = dx[i * n + j] * scale;
          }
        const value = f(b, m);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) y[i * n + j] = value ? value[i * m + n + j] / scale : Number.NaN;
      });
    },
    derivative: {
      kind: "jvp",
      jvp: ([a, e], [da, de]) => {
        const parts: Tensor[] = [];
        if (de) parts.push(bind1(tangentOp, [a, de], {}));
        if (da) {
          const zero = zerosLike(a);
          const blocks = (p: Tensor, q: Tensor): Tensor =>
            concatenate([concatenate([p, q], -1), concatenate([zero, p], -1)], -2);
          const second = bind1(tangentOp, [blocks(a, e), blocks(da, zero)], {});
          parts.push(upperRight(second, rows(a)));
        }
        return [parts.reduce((p, q) => add(p, q))];
      },
      transpose: ([g], [a, e]) => {
        if (!g || isLinearInput(a) || !isLinearInput(e)) return [null, null];
        return [null, bind1(tangentOp, [matrixTranspose(a), g], {})];
      },
    },
    batch: (...args) => leading(() => tangentOp)(...args),
  });
  return (a: TensorLike): MatrixFunction => {
    const [value, info] = bind(valueOp, [square(name, a)], {});
    return { value, info };
  };
};
const upperRight = (x: Tensor, n: number): Tensor => {
  const lead = batchOf(x, 2);
  return slice(x, [...lead.map(() => 0), 0, n], [...lead, n, 2 * n]);
};

export interface MatrixFunction {
  readonly value: Tensor;
  /** Fails where the function has no real principal value: an eigenvalue on the closed negative real axis. */
  readonly info: Tensor;
}

/** The principal square root: X X = A, eigenvalues in the right half plane. @example sqrtm([[4, 0], [0, 9]]).value // [[2, 0], [0, 3]] */
export const sqrtm: (a: TensorLike) => MatrixFunction = /* @__PURE__ */ matrixFunction("sqrtm", squareRoot);

/** The principal logarithm: expm(X) = A, eigenvalues with imaginary part in (-π, π). @example logm([[1, 0], [0, 1]]).value // zeros */
export const logm: (a: TensorLike) => MatrixFunction = /* @__PURE__ */ matrixFunction("logm", logarithm);

/** Aᵏ for a whole k by repeated squaring; negative powers by the inverse. @example matrixPower([[1, 1], [0, 1]], 5) // [[1, 5], [0, 1]] */
export const matrixPower = (a: TensorLike, k: number): Tensor => {
  if (!Number.isInteger(k))
    throw new DomainError("matrixPower", "takes a whole exponent", { k }, "use expm(mul(k, logm(a).value)) for others");
  const x = square("matrixPower", a);
  if (k === 0) return stretch(eye(rows(x), rows(x), { dtype: x.dtype }), x.shape);
  let base = k < 0 ? inv(x) : x;
  let out: Tensor | null = null;
  for (let rest = Math.abs(k); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) out = out ? matmul(out, base) : base;
    if (rest > 1) base = matmul(base, base);
  }
  return out as Tensor;
};

export interface Polar {
  /** Orthonormal columns (rows where A is wide): the nearest such matrix to A. */
  readonly u: Tensor;
  /** Symmetric, positive semidefinite. */
  readonly p: Tensor;
  readonly info: Tensor;
}
/** The polar decomposition A = U P. @example polar([[0, -2], [2, 0]]).u // [[0, -1], [1, 0]] */
export const polar = (a: TensorLike): Polar => {
  const { u, s, vt, info } = svd(a);
  return { u: matmul(u, vt), p: matmul(matrixTranspose(vt), scaleRows(s, vt)), info };
};
