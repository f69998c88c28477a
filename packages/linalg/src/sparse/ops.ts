import { aval, type Shape } from "@ansatz/backend";
import {
  defineOp,
  expandDims,
  indexAdd,
  mul,
  reshape,
  sum,
  type Tensor,
  take,
  transpose,
  vmap,
  zeros,
} from "@ansatz/tensor";
import { bind1, isLinearInput, type LinearInput, type TensorOp } from "@ansatz/tensor/transforms";
import { leading } from "../support";
import { productKernel, sampledKernel } from "./kernels";

/**
 * The two products of compressed sparse rows. A has values [p] at (rows, columns) [p], row by row; row i holds places pointers[i] … pointers[i + 1].
 *
 *   product:   Y = A X, or Aᵀ X       bilinear in values and X
 *   sampled:   v_p = Σ_j G[rows_p, j] X[columns_p, j]      bilinear in G and X
 *
 * They are each other's derivatives, so the pair is closed under differentiation of any order and mode.
 */

type ProductParams = {
  readonly transposed: boolean;
  /** Rows of the result. */
  readonly size: number;
};
type Where = readonly [rows: Tensor, columns: Tensor, pointers: Tensor];

/** A function of single members over leading axes, which all operands share. */
const overMembers = (f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[], ranks: readonly number[]): Tensor => {
  const lead: Shape = xs[0].shape.slice(0, xs[0].shape.length - ranks[0]);
  if (lead.length === 0) return f(...xs);
  const count = lead.reduce((a, b) => a * b, 1);
  const flat = xs.map((x, i) => reshape(x, [count, ...x.shape.slice(x.shape.length - ranks[i])]));
  const y = (vmap(f as never) as (...ts: Tensor[]) => Tensor)(...flat);
  return reshape(y, [...lead, ...y.shape.slice(1)]);
};

/** Y = A X for values [p], X [n, k]; Aᵀ X with `transposed`. */
export const productOp: TensorOp<ProductParams> = /* @__PURE__ */ defineOp<ProductParams>({
  name: "sparseProduct",
  abstract: ([values, x], { size }) => [
    aval([...x.shape.slice(0, -2), size, x.shape[x.shape.length - 1]], values.dtype),
  ],
  compose: ([values, x, rows, columns], { transposed, size }) => {
    const [to, from] = transposed ? [columns, rows] : [rows, columns];
    const spread = (v: Tensor, x1: Tensor, to1: Tensor, from1: Tensor): Tensor =>
      indexAdd(zeros([size, x1.shape[1]], { dtype: x1.dtype }), to1, mul(expandDims(v, -1), take(x1, from1, 0)));
    return [overMembers(spread, [values, x, to, from], [1, 2, 1, 1])];
  },
  derivative: {
    kind: "jvp",
    jvp: ([values, x, ...where], [dv, dx], params) => {
      const parts = [
        dv && bind1(productOp, [dv, x, ...where], params),
        dx && bind1(productOp, [values, dx, ...where], params),
      ].filter((t): t is Tensor => t != null);
      return [parts.length === 2 ? parts[0].add(parts[1]) : parts[0]];
    },
    transpose: ([ct], [values, x, ...rest], { transposed }) => {
      const where = rest as unknown as Where;
      if (ct === null) return [null, null, null, null, null];
      if (isLinearInput(values)) {
        const other = x as Tensor;
        const [g, h] = transposed ? [other, ct] : [ct, other];
        return [bind1(sampledOp, [g, h, ...where], {}), null, null, null, null];
      }
      const size = (x as LinearInput).aval.shape[(x as LinearInput).aval.shape.length - 2];
      return [null, bind1(productOp, [values, ct, ...where], { transposed: !transposed, size }), null, null, null];
    },
  },
  batch: (n, inputs, axes, params) => {
    const [values, x, ...where] = inputs;
    const alone = axes.every((a, i) => a === null || i === 1);
    if (!alone || axes[1] === null || x.shape.length !== 3) return leading(() => productOp)(n, inputs, axes, params);
    // one matrix for all members: their columns side by side
    const at = axes[1];
    const order = [0, 1, 2].filter((i) => i !== at);
    const side = reshape(transpose(x, [order[0], at, order[1]]), [x.shape[order[0]], n * x.shape[order[1]]]);
    const y = bind1(productOp, [values, side, ...where], params);
    return { outs: [reshape(y, [params.size, n, x.shape[order[1]]])], axes: [1] };
  },
  kernels: { wasm: productKernel },
});

/** v_p = Σ_j G[rows_p, j] X[columns_p, j] for G [m, k], X [n, k]. */
export const sampledOp: TensorOp = /* @__PURE__ */ defineOp({
  name: "sparseSampled",
  abstract: ([g, , rows]) => [aval([...g.shape.slice(0, -2), rows.shape[rows.shape.length - 1]], g.dtype)],
  compose: ([g, x, rows, columns]) => {
    const one = (g1: Tensor, x1: Tensor, r: Tensor, c: Tensor): Tensor => sum(mul(take(g1, r, 0), take(x1, c, 0)), -1);
    return [overMembers(one, [g, x, rows, columns], [2, 2, 1, 1])];
  },
  derivative: {
    kind: "jvp",
    jvp: ([g, x, ...where], [dg, dx]) => {
      const parts = [
        dg && bind1(sampledOp, [dg, x, ...where], {}),
        dx && bind1(sampledOp, [g, dx, ...where], {}),
      ].filter((t): t is Tensor => t != null);
      return [parts.length === 2 ? parts[0].add(parts[1]) : parts[0]];
    },
    transpose: ([ct], [g, x, ...rest]) => {
      const where = rest as unknown as Where;
      if (ct === null) return [null, null, null, null, null];
      const sizeOfRows = (t: LinearInput): number => t.aval.shape[t.aval.shape.length - 2];
      if (isLinearInput(g)) {
        const params = { transposed: false, size: sizeOfRows(g) };
        return [bind1(productOp, [ct, x as Tensor, ...where], params), null, null, null, null];
      }
      const params = { transposed: true, size: sizeOfRows(x as LinearInput) };
      return [null, bind1(productOp, [ct, g, ...where], params), null, null, null];
    },
  },
  batch: (...args) => leading(() => sampledOp)(...args),
  kernels: { wasm: sampledKernel },
});
