import { expect, test } from "vitest";
import { numbers } from "../testing/matrices";
import { reserve, work } from "./memory";
import { rankOne, rotations, rowDots, rowDrop, rowSum } from "./vectors";

/** The SIMD loops against the same loops in TypeScript, which arrays outside of their memory take. */
test("loops in wasm memory agree with those outside, at every length and offset", () => {
  for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 21])
    for (const rows of [0, 1, 3, 4, 6]) {
      const step = n + 3;
      reserve(10_000);
      const plain = [numbers((rows + 2) * step + 5, 1), numbers(200, 2), numbers(200, 3), numbers(200, 4)];
      const inside = plain.map((p) => {
        const w = work(p.length);
        w.set(p);
        return w;
      });
      expect(inside[0].buffer).not.toBe(plain[0].buffer);
      for (const [a, x, y, u] of [plain, inside]) {
        rowDots(a, 1, step, rows, n, x, 3, y, 2);
        rowSum(a, 2, step, rows, n, u, 1, 3, y, 20);
        rowDrop(a, 3, step, rows, n, u, 0, 2, y, 40);
        rankOne(a, 1, step, rows, n, u, 2, 2, x, 5);
        rotations(x, 9, 1, 1, y, 3);
        rotations(x, 9, 6, -1, y, 4);
      }
      plain.forEach((p, k) =>
        p.forEach((v, i) => expect(Math.abs(inside[k][i] - v)).toBeLessThanOrEqual(1e-14 * (1 + Math.abs(v)) * 50)),
      );
    }
});

test("work beyond what was reserved lies outside, and is as good", () => {
  reserve(8);
  expect(work(8).length).toBe(8);
  expect(work(10_000_000).length).toBe(10_000_000);
});
