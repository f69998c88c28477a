/**
 * The factor of L Lᵀ ± V Vᵀ, in place, for lower triangular L [n, n] and V [n, k] (destroyed): rotations for a sum (Gill, Golub, Murray and Saunders
 * 1974), LINPACK's downdate for a difference, which is backward stable. Returns 0, or the pivot (from 1) that was not positive.
 */
export const updateCholesky = (l: Float64Array, v: Float64Array, n: number, k: number, downdate: boolean): number => {
  for (let c = 0; c < k; c++) {
    const bad = downdate ? subtractColumn(l, v, n, k, c) : addColumn(l, v, n, k, c);
    if (bad > 0) return bad;
  }
  return 0;
};

/** Column j of L and v are turned until v's entry j is 0. */
const addColumn = (l: Float64Array, v: Float64Array, n: number, k: number, c: number): number => {
  for (let j = 0; j < n; j++) {
    const [x, y] = [l[j * n + j], v[j * k + c]];
    const r = Math.hypot(x, y);
    if (!(r > 0)) return j + 1;
    const [cs, sn] = [x / r, y / r];
    l[j * n + j] = r;
    for (let i = j + 1; i < n; i++) {
      const [p, q] = [l[i * n + j], v[i * k + c]];
      l[i * n + j] = cs * p + sn * q;
      v[i * k + c] = cs * q - sn * p;
    }
  }
  return 0;
};

/** With L p = v and ρ² = 1 - ‖p‖², rotations from the last row up that take (p, ρ) to (0, 1) take Lᵀ to the new factor and a row 0 to vᵀ. */
const subtractColumn = (l: Float64Array, v: Float64Array, n: number, k: number, c: number): number => {
  let rest = 1;
  for (let i = 0; i < n; i++) {
    let s = v[i * k + c];
    for (let j = 0; j < i; j++) s -= l[i * n + j] * v[j * k + c];
    s /= l[i * n + i];
    v[i * k + c] = s;
    rest -= s * s;
    if (!(rest > 0)) return i + 1;
  }
  let rho = Math.sqrt(rest);
  const carried = new Float64Array(n);
  for (let j = n - 1; j >= 0; j--) {
    const p = v[j * k + c];
    const r = Math.hypot(rho, p);
    const [cs, sn] = [rho / r, p / r];
    rho = r;
    for (let i = j; i < n; i++) {
      const [x, y] = [l[i * n + j], carried[i]];
      l[i * n + j] = cs * x - sn * y;
      carried[i] = cs * y + sn * x;
    }
  }
  return 0;
};
