import { grad, jvp, vjp } from "@ansatz/autodiff";
import { add, fromTypedArray, mul, sum, type Tensor } from "@ansatz/tensor";
import { expect } from "vitest";
import { numbers } from "./matrices";

/**
 * Derivatives of f: tensor ↦ tensor at x in one random direction: jvp against central differences, vjp against jvp (⟨Jv, w⟩ = ⟨v, Jᵀw⟩), and the same
 * for the gradient of ⟨f(x), w⟩, which is the second order.
 */
export const checkDerivatives = (
  f: (x: Tensor) => Tensor,
  x: Tensor,
  { tolerance = 1e-6, order = 2, symmetric = false }: { tolerance?: number; order?: 1 | 2; symmetric?: boolean } = {},
): void => {
  const n = x.shape[x.shape.length - 1];
  const direction = (seed: number, shape: readonly number[]): Tensor => {
    const data = numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    );
    if (symmetric && shape.length >= 2)
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) data[i * n + j] = data[j * n + i];
    return fromTypedArray(data, shape);
  };
  const once = (g: (x: Tensor) => Tensor): void => {
    const v = direction(11, x.shape);
    const { value, tangent } = jvp(g, [x], [v]) as unknown as { value: Tensor; tangent: Tensor };
    const h = 1e-5;
    const [ahead, behind] = [1, -1].map((s) => g(add(x, mul(s * h, v))).dataSync());
    const t = Float64Array.from(tangent.dataSync() as ArrayLike<number>);
    const difference = Float64Array.from(ahead, (a, i) => (Number(a) - Number(behind[i])) / (2 * h));
    let size = 1;
    for (const d of difference) size = Math.max(size, Math.abs(d));
    difference.forEach((d, i) => expect(Math.abs(t[i] - d) / size).toBeLessThan(tolerance));
    const w = direction(12, value.shape);
    const [back] = (vjp(g, x) as unknown as { pullback: (w: Tensor) => [Tensor] }).pullback(w);
    const left = Number(sum(mul(tangent, w)).item());
    const right = Number(sum(mul(v, back)).item());
    expect(Math.abs(left - right) / (1 + Math.abs(left))).toBeLessThan(1e-9);
  };
  once(f);
  if (order === 1) return;
  const w = direction(13, f(x).shape);
  once(grad((y: Tensor) => sum(mul(f(y), w))) as (x: Tensor) => Tensor);
};
