import { type Aval, epsOf, type Params, type TensorFlowKernel, type TypedArray } from "@ansatz/backend";
import {
  abs,
  add,
  all,
  arange,
  defineOp,
  div,
  equal,
  expandDims,
  isFinite as finite,
  greater,
  lessEqual,
  logicalAnd,
  matrixTranspose,
  max,
  min,
  mul,
  slice,
  squeeze,
  sub,
  sum,
  type Tensor,
  where,
} from "@ansatz/tensor";
import { bind, bind1, notDifferentiable, type TensorOp } from "@ansatz/tensor/transforms";
import { factorCholesky } from "../host/cholesky";
import { failures, warnings } from "../info";
import { columns, corner, overBatch, rows, symmetricPart } from "../support";

/*
 * The factorizations on TensorFlow's engine (`kernels: { tfjs }`), where its own run, in float32 and on CUDA by cuSOLVER. TensorFlow does the
 * arithmetic; what makes it ours (scaling, `info`, NaN for what failed) is written around it in ordinary ops, so it stays on the device.
 * Where TensorFlow reports an error for a matrix, the host's factorization answers for that call.
 */

type Ins = readonly Tensor[];

/** One op of TensorFlow's. It stands in programs that are lowered already, so no transform sees it. */
const own = /* @__NO_SIDE_EFFECTS__ */ <P extends Params>(
  kernel: TensorFlowKernel<P>,
  abstract: (inputs: readonly Aval[], params: P) => readonly Aval[],
  host: NonNullable<TensorOp<P>["host"]>,
): TensorOp<P> =>
  defineOp<P>({
    name: `tensorflow.${kernel.tensorflow}`,
    abstract,
    host,
    derivative: notDifferentiable("it is a part of an op that is differentiated whole"),
    batch: () => {
      throw new Error(`tensorflow.${kernel.tensorflow} stands after batching`);
    },
    kernels: { tfjs: kernel },
  });

/** A small whole number in float32 as an int32 that is on the device. */
const castOp = /* @__PURE__ */ own(
  { tensorflow: "Cast", attributes: () => ({ SrcT: "float32", DstT: "int32", Truncate: false }) },
  ([x]) => [{ shape: x.shape, dtype: "int32" }],
  ([x]) => [Int32Array.from(x.data as Float32Array)],
);

/** Where the row is the column, for [n, n]; in floats, which live on the device. */
const diagonalOf = (n: number): Tensor => {
  const i = arange(0, n, { dtype: "float32" });
  return equal(expandDims(i, -1), i);
};
/** A value of each member beside its matrix. */
const beside = (x: Tensor): Tensor => expandDims(expandDims(x, -1), -1);
const allFinite = (x: Tensor): Tensor => all(finite(x), [-2, -1]);
/** |info| of a kind with a detail, which may differ from member to member. */
const code = (kind: number, detail: Tensor): Tensor => add(kind, mul(16, detail));

/** On the host, where it cannot go on: a unit matrix as far as it came, NaN below. */
const choleskyRaw = /* @__PURE__ */ own(
  { tensorflow: "Cholesky" },
  ([a]) => [a],
  ([a], _, into) => {
    const n = rows(a.aval);
    return overBatch([a], [2], [{ shape: [n, n], dtype: "float32" }], into, ([m], [l]) => {
      const pivot = factorCholesky(m, n, l);
      if (pivot === 0) return;
      l.fill(NaN);
      for (let i = 0; i < pivot - 1; i++) {
        l.fill(0, i * n, (i + 1) * n);
        l[i * (n + 1)] = 1;
      }
    });
  },
);

/** [l, info], as choleskyOp. */
export const choleskyOnTensorFlow = ([a]: Ins): Tensor[] => {
  if (rows(a) === 0) return [a, bind1(castOp, [sum(a, [-2, -1])], {})];
  const l = bind1(choleskyRaw, [symmetricPart(a)], {});
  const factored = allFinite(l);
  const done = sum(where(finite(sum(where(diagonalOf(rows(a)), l, 0), -1)), 1, 0), -1);
  // TensorFlow after 2.9 fills the factor with NaN where 2.9 reports an error: then the pivot is not known, unless it is the first.
  const unknown = logicalAnd(equal(done, 0), squeeze(greater(corner(a, 1, 1), 0), [-2, -1]));
  const pivot = where(unknown, 0, add(1, done));
  const failed = where(allFinite(a), code(failures.notPositiveDefinite, pivot), failures.notFinite);
  return [where(beside(factored), l, NaN), bind1(castOp, [float(where(factored, 0, failed))], {})];
};

const float = (x: Tensor): Tensor => x.astype("float32");

/** [q, r], as qrOp. */
export const qrOnTensorFlow = <P extends { readonly full: boolean }>(op: () => TensorOp<P>) => {
  const raw = own<P>(
    { tensorflow: "Qr", attributes: ({ full }) => ({ T: "float32", full_matrices: full }), results: 2 },
    (ins, p) => op().abstract(ins, p),
    (ins, p) => op().host!(ins, p),
  );
  return ([a]: Ins, params: P): Tensor[] => {
    // The norms of columns are squares, which 1e30 has none of.
    if (rows(a) * columns(a) === 0) return [...bind(raw, [a], params)];
    const size = max(abs(a), [-2, -1], { keepDims: true });
    const scale = where(equal(size, 0), 1, size);
    const [q, r] = bind(raw, [div(a, scale)], params);
    const fine = beside(allFinite(a));
    return [where(fine, q, NaN), where(fine, mul(r, scale), NaN)];
  };
};

/**
 * Which members have finite `values` [..., n] (monotone), and what is to be said of them: 0, a failure, or the warning that two
 * neighbours agree to `eps` times the largest size.
 */
const spectralInfo = (a: Tensor, values: Tensor, eps: number): { fine: Tensor; info: Tensor } => {
  const n = columns(values);
  const bad = sum(where(finite(values), 0, 1), -1);
  const fine = equal(bad, 0);
  let warned: Tensor | number = 0;
  if (n > 1) {
    const lead = values.shape.slice(0, -1).map(() => 0);
    const cut = (from: number): Tensor => slice(values, [...lead, from], [...values.shape.slice(0, -1), n - 1 + from]);
    const tol = mul(eps, max(abs(values), -1, { keepDims: true }));
    const close = lessEqual(abs(sub(cut(1), cut(0))), tol);
    const first = min(where(close, arange(1, n, { dtype: "float32" }), n), -1);
    warned = where(equal(first, n), 0, mul(-1, code(warnings.repeated, first)));
  }
  const failed = where(allFinite(a), code(failures.notConverged, bad), failures.notFinite);
  return { fine, info: bind1(castOp, [float(where(fine, warned, failed))], {}) };
};

/** [u, s, vt, info] or [s, info], as svdOp. */
export const svdOnTensorFlow = <P extends { readonly vectors: "none" | "thin" | "full" }>(op: () => TensorOp<P>) => {
  const raw = own<P>(
    {
      tensorflow: "Svd",
      attributes: ({ vectors }) => ({
        T: "float32",
        compute_uv: vectors !== "none",
        full_matrices: vectors === "full",
      }),
      results: 3,
    },
    (ins, p) => {
      const [u, s, v] = op().abstract(ins, p);
      return p.vectors === "none" ? [u] : [s, u, v];
    },
    (ins, p) => {
      const [u, s, vt] = op().host!(ins, p);
      return p.vectors === "none" ? [u] : [s, u, transposed(vt, columns(ins[0].aval))];
    },
  );
  return ([a]: Ins, params: P): Tensor[] => {
    const [s, ...vectors] = bind(raw, [a], params);
    const { fine, info } = spectralInfo(a, s, Math.max(rows(a), columns(a)) * epsOf("float32"));
    const kept = (x: Tensor): Tensor => where(beside(fine), x, NaN);
    const values = where(expandDims(fine, -1), s, NaN);
    if (vectors.length === 0) return [values, info];
    return [kept(vectors[0]), values, kept(matrixTranspose(vectors[1])), info];
  };
};

/** The transposes of square matrices, one after the other. */
const transposed = (x: TypedArray, n: number): Float32Array => {
  const out = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += n * n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[at + j * n + i] = Number(x[at + i * n + j]);
  return out;
};

/** [values, vectors, info] or [values, info], as eighOp. */
export const eighOnTensorFlow = <P extends { readonly vectors: boolean }>(op: () => TensorOp<P>) => {
  const raw = own<P>(
    {
      tensorflow: "SelfAdjointEigV2",
      attributes: ({ vectors }) => ({ T: "float32", compute_v: vectors }),
      results: 2,
    },
    (ins, p) => op().abstract(ins, p).slice(0, -1),
    (ins, p) => op().host!(ins, p).slice(0, -1),
  );
  return ([a]: Ins, params: P): Tensor[] => {
    const [w, ...vectors] = bind(raw, [symmetricPart(a)], params);
    const { fine, info } = spectralInfo(a, w, rows(a) * epsOf("float32"));
    return [where(expandDims(fine, -1), w, NaN), ...vectors.map((v) => where(beside(fine), v, NaN)), info];
  };
};

type Triangle = { readonly lower: boolean; readonly transposed: boolean; readonly unit: boolean };

/** As triangularSolveOp. */
export const triangularSolveOnTensorFlow = <P extends Triangle>(op: () => TensorOp<P>) => {
  const raw = own<P>(
    {
      tensorflow: "MatrixTriangularSolve",
      attributes: ({ lower, transposed: adjoint }) => ({ T: "float32", lower, adjoint }),
    },
    (ins, p) => op().abstract(ins, p),
    (ins, p) => op().host!(ins, p),
  );
  return ([a, b]: Ins, params: P): Tensor[] => {
    return [bind1(raw, [params.unit ? where(diagonalOf(rows(a)), 1, a) : a, b], params)];
  };
};
