import { sizeOf } from "@ansatz/backend";
import { eye, moveAxis, reshape, type Tensor } from "@ansatz/tensor";
import { batchFlat } from "@ansatz/tensor/transforms";

/** A linear map on every unit vector of the space of `t` at once; null where it gives zero. */
export const along = (t: Tensor, f: (v: Tensor) => (Tensor | null)[]): (Tensor | null)[] => {
  const n = sizeOf(t.shape);
  const units = reshape(eye(n, n, { dtype: t.dtype }), [n, ...t.shape]);
  let given: boolean[] = [];
  const r = batchFlat(
    ([v]) => {
      const out = f(v);
      given = out.map((o) => o !== null);
      return out.filter((o) => o !== null);
    },
    n,
    [units],
    [0],
  );
  let k = 0;
  return given.map((g) => {
    if (!g) return null;
    const y = r.outs[k];
    const axis = r.axes[k++];
    return axis === null ? null : moveAxis(y, axis, 0); // linear and the same for every v: zero
  });
};
