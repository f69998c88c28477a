import { digitArrays } from "@ansatz/datasets";
import { key, matmul, matrixTranspose, mul, normal, tensor } from "@ansatz/tensor";
import { expect, test, vi } from "vitest";
import { fromCoordinates, principalCoordinates, toCoordinates } from "./principal-coordinates";

vi.setConfig({ testTimeout: 60_000 });

const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++)
    expect(Math.abs((a[i] as number) - (b[i] as number)), `at ${i}`).toBeLessThan(tolerance);
};

test("the frame of the 14 × 14 digits is orthonormal and has NumPy's variances", async () => {
  const { images, count } = await digitArrays({ size: 14 });
  const x = images.map((v) => 2 * v - 1) as Float32Array<ArrayBuffer>;
  const { mean, basis, variance } = await principalCoordinates(x, count, 196, 32);
  const q = tensor(basis, { shape: [32, 196] });
  const gram = await matmul(q, matrixTranspose(q)).data();
  close(
    gram as Float32Array,
    Float32Array.from({ length: 1024 }, (_, i) => Number(i % 33 === 0)),
    1e-6,
  );
  // Twenty rounds leave neighbours mixed: the variances are off by about (λ₄/λ₃)⁸⁰ ≈ 4e-4 of their difference.
  // numpy.linalg.eigvalsh of the covariance (bias=True) of the 8,000 training images in [−1, 1].
  close(variance.subarray(0, 3), [5.00783831, 3.36229408, 2.87612276], 1e-3);
  expect(Math.abs(variance.reduce((s, v) => s + v, 0) / 40.50374762841161 - 0.8456083217684561)).toBeLessThan(1e-5);
  const z = toCoordinates(tensor(x, { shape: [count, 196] }), tensor(mean), q);
  const data = (await z.data()) as Float32Array;
  for (const j of [0, 5, 31]) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      sum += data[i * 32 + j];
      squares += data[i * 32 + j] ** 2;
    }
    expect(Math.abs(sum / count)).toBeLessThan(1e-4);
    expect(Math.abs(squares / count - variance[j])).toBeLessThan(1e-4);
  }
});

test("with all components nothing is lost", async () => {
  const n = 50;
  const scale = tensor(Float32Array.of(3, 2, 1, 0.5, 0.1, 0));
  const x = mul(normal(key(3), [n, 6], { dtype: "float32" }), scale);
  const plain = (await x.data()) as Float32Array;
  const c = await principalCoordinates(plain, n, 6, 6);
  const [mu, q] = [tensor(c.mean), tensor(c.basis, { shape: [6, 6] })];
  close((await fromCoordinates(toCoordinates(x, mu, q), mu, q).data()) as Float32Array, plain, 1e-5);
  expect([...c.variance]).toEqual([...c.variance].sort((a, b) => b - a));
  expect(c.variance[5]).toBeLessThan(1e-6);
});
