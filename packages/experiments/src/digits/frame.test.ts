import { digitArrays } from "@ansatz/datasets";
import { key, matmul, matrixTranspose, mul, normal, tensor } from "@ansatz/tensor";
import { expect, test, vi } from "vitest";
import { digitFrame, fromFrame, toFrame } from "./frame";

vi.setConfig({ testTimeout: 60_000 });

const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++)
    expect(Math.abs((a[i] as number) - (b[i] as number)), `at ${i}`).toBeLessThan(tolerance);
};

test("the frame of the 14 × 14 digits is orthonormal and has NumPy's variances", async () => {
  const { images, count } = await digitArrays({ size: 14 });
  const frame = digitFrame(images, count, 196, 32);
  const gram = matmul(frame.basis, matrixTranspose(frame.basis)).dataSync();
  close(
    gram as Float32Array,
    Float32Array.from({ length: 1024 }, (_, i) => Number(i % 33 === 0)),
    1e-6,
  );
  // numpy.linalg.eigvalsh of the covariance (bias=True) of the 8,000 training images in [−1, 1], in float32.
  const variance = frame.variance.dataSync() as Float32Array;
  close(variance.subarray(0, 3), [5.00783831, 3.36229408, 2.87612276], 1e-6);
  expect(Math.abs(variance.reduce((s, v) => s + v, 0) / 40.50374762841161 - 0.8456083217684561)).toBeLessThan(1e-6);
  const data = toFrame(frame, tensor(images, { shape: [count, 196] })).dataSync() as Float32Array;
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

test("with all components nothing is lost", () => {
  const scale = tensor(Float32Array.of(3, 2, 1, 0.5, 0.1, 0));
  const x = mul(normal(key(3), [50, 6], { dtype: "float32" }), scale);
  const plain = x.dataSync() as Float32Array;
  const frame = digitFrame(plain, 50, 6, 6);
  close(fromFrame(frame, toFrame(frame, x)).dataSync() as Float32Array, plain, 1e-5);
  const variance = [...(frame.variance.dataSync() as Float32Array)];
  expect(variance).toEqual(variance.toSorted((a, b) => b - a));
  expect(variance[5]).toBeLessThan(1e-6);
});
