import { expect, test } from "vitest";
import { numbers } from "../testing/matrices";
import { mark, release, reserve, work, workspace } from "./memory";
import { addProduct, flipped, setProduct, subtractProduct, transposeInto, type View, view } from "./products";
import { turnColumns, turnRows } from "./vectors";

/** The same numbers in the memory of the module and outside of it. */
const twins = (n: number, seed: number): [Float64Array, Float64Array] => {
  const plain = numbers(n, seed);
  const inside = work(n);
  inside.set(plain);
  return [plain, inside];
};

test("products by wasm agree with those by loops, for transposes, parts and empty matrices", () => {
  for (const [m, n, k] of [
    [1, 1, 1],
    [3, 5, 7],
    [40, 2, 33],
    [2, 40, 33],
    [17, 23, 0],
    [0, 4, 4],
    [65, 70, 300],
  ])
    for (const transposed of [false, true]) {
      reserve(200_000);
      const a = twins((m + 3) * (k + 3), 1);
      const b = twins((n + 3) * (k + 3), 2);
      const c = twins((m + 2) * (n + 2), 3);
      const results = [0, 1].map((i) => {
        const left: View = transposed ? flipped(view(a[i], 2, m + 1)) : view(a[i], 2, k + 1);
        const right: View = transposed ? flipped(view(b[i], 1, k + 2)) : view(b[i], 1, n + 2);
        const to = view(c[i], 3, n + 1);
        addProduct(to, m, n, k, left, right);
        subtractProduct(to, m, n, k, left, right);
        subtractProduct(to, m, n, k, left, right);
        const first = c[i].slice();
        setProduct(to, m, n, k, left, right);
        return [...first, ...c[i]];
      });
      results[0].forEach((v, i) => expect(Math.abs(v - results[1][i])).toBeLessThan(1e-14 * (k + 1)));
    }
});

test("a transpose written twice is the matrix", () => {
  const [a] = twins(35 * 18, 5);
  const [b, back] = [new Float64Array(35 * 18), new Float64Array(35 * 18)];
  transposeInto(view(a, 0, 18), 35, 18, view(b, 0, 35));
  expect(b[3 * 35 + 7]).toBe(a[7 * 18 + 3]);
  transposeInto(view(b, 0, 35), 18, 35, view(back, 0, 18));
  expect(back).toEqual(a);
});

test("reflections of rows agree in and out of wasm, and with those of columns of the transpose", () => {
  for (const n of [3, 26, 27, 61])
    for (const z of [null, 0.3]) {
      reserve(50_000);
      const [plain, inside] = twins(5 * n, n);
      for (const a of [plain, inside]) turnRows(a, n, n, 1, n, 1.3, -0.7, z);
      plain.forEach((v, i) => expect(Math.abs(v - inside[i])).toBeLessThan(1e-14));
      const turned = new Float64Array(5 * n);
      transposeInto(view(numbers(5 * n, n), 0, n), 5, n, view(turned, 0, 5));
      turnColumns(turned, 1, 5, 1, n, 1.3, -0.7, z);
      for (let i = 0; i < 5; i++)
        for (let j = 0; j < n; j++) expect(turned[j * 5 + i]).toBeCloseTo(plain[i * n + j], 14);
    }
});

test("what is released is handed out again, the same array for the same request", () => {
  reserve(1000);
  const kept = work(10);
  const start = mark();
  const first = workspace(20);
  workspace(7);
  release(start);
  expect(workspace(20)).toBe(first);
  release(start);
  const other = workspace(21);
  expect(other.byteOffset).toBe(first.byteOffset);
  expect(other.byteOffset).toBeGreaterThanOrEqual(kept.byteOffset + 80);
});
