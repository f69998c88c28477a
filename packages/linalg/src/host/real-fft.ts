import { transformOf } from "./fft";
import { roots } from "./fft-passes";

type Numbers = Float64Array | Float32Array;

/** What a real transform of one length keeps: roots of unity up to a half turn, and room. */
interface Plan {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
}
const plans = /* @__PURE__ */ new Map<number, Plan>();
const planOf = (n: number): Plan => {
  let plan = plans.get(n);
  if (!plan) {
    if (plans.size > 64) plans.clear();
    const size = n % 2 === 0 ? n / 2 : n;
    plan = { ...roots(n), re: new Float64Array(size + 1), im: new Float64Array(size + 1) };
    plans.set(n, plan);
  }
  return plan;
};

/**
 * X_k = Σ_j x_j exp(-2πi jk/n) for k ≤ n/2 of a real x [n]. For even n by one complex transform of half the length, of z_j = x_{2j} + i x_{2j+1}: with E and O the
 * transforms of the even and the odd entries, Z = E + i O and X_k = E_k + exp(-2πik/n) O_k.
 */
export const realTransform = (n: number, x: Numbers, yr: Numbers, yi: Numbers): void => {
  const { cos, sin, re, im } = planOf(n);
  if (n % 2 === 1) {
    const [a, b] = [re.subarray(0, n), im.subarray(0, n)];
    transformOf(n)(x, null, a, b);
    yr.set(a.subarray(0, yr.length));
    yi.set(b.subarray(0, yi.length));
    return;
  }
  const h = n / 2;
  for (let j = 0; j < h; j++) {
    re[j] = x[2 * j];
    im[j] = x[2 * j + 1];
  }
  const [a, b] = [re.subarray(0, h), im.subarray(0, h)];
  transformOf(h)(a, b, a, b);
  re[h] = re[0];
  im[h] = im[0];
  for (let k = 0; k <= h; k++) {
    const p = re[k];
    const q = im[k];
    const r = re[h - k];
    const s = im[h - k];
    const or = (q + s) / 2;
    const oi = (r - p) / 2;
    yr[k] = (p + r) / 2 + cos[k] * or + sin[k] * oi;
    yi[k] = (q - s) / 2 + cos[k] * oi - sin[k] * or;
  }
};

/** The transpose of `realTransform`: y_j = Σ_{k ≤ n/2} g_k cos(2πjk/n) - h_k sin(2πjk/n), again by a complex transform of half the length. */
export const realTranspose = (n: number, g: Numbers, h: Numbers, y: Numbers): void => {
  const { cos, sin, re, im } = planOf(n);
  if (n % 2 === 1) {
    re.fill(0);
    im.fill(0);
    re.set(g);
    im.set(h);
    const [a, b] = [re.subarray(0, n), im.subarray(0, n)];
    transformOf(n)(b, a, b, a);
    y.set(a);
    return;
  }
  const m = n / 2;
  // G_k ± the conjugate of G_{m-k}, of the Hermitian sequence with the same sum
  re[0] = g[0] + g[m];
  im[0] = g[0] - g[m];
  for (let k = 1; k < m; k++) {
    const p = g[k] / 2;
    const q = h[k] / 2;
    const r = g[m - k] / 2;
    const s = h[m - k] / 2;
    const vr = p - r;
    const vi = q + s;
    re[k] = p + r - cos[k] * vi - sin[k] * vr;
    im[k] = q - s + cos[k] * vr - sin[k] * vi;
  }
  const [a, b] = [re.subarray(0, m), im.subarray(0, m)];
  transformOf(m)(b, a, b, a);
  for (let j = 0; j < m; j++) {
    y[2 * j] = a[j];
    y[2 * j + 1] = b[j];
  }
};
