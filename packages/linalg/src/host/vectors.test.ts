import { expect, test } from "vitest";
import { numbers } from "../testing/matrices";
import { reserve, work } from "./memory";
import { Rotations } from "./rotations";
import { symmetricDrop, symmetricTimes } from "./symmetric";
import { rankOne, rowDots, rowDrop, rowSum } from "./vectors";

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
        const order = Math.min(rows + 1, step);
        symmetricTimes(a, 2, step, order, u, 1, y, 60);
        symmetricDrop(a, 1, step, order, u, 3, x, 7);
      }
      plain.forEach((p, k) =>
        p.forEach((v, i) => expect(Math.abs(inside[k][i] - v)).toBeLessThanOrEqual(1e-14 * (1 + Math.abs(v)) * 50)),
      );
    }
});

test("chains of rotations turn neighbouring rows one after the other, however many are gathered", () => {
  for (const n of [1, 7, 8, 19])
    for (const chains of [1, 5, 70]) {
      reserve(50_000);
      const plain = numbers(12 * n, 1);
      const inside = work(12 * n);
      inside.set(plain);
      const truth = plain.slice();
      const cs = numbers(24, 2).map((_, i) => (i % 2 ? Math.sin(i * i) : Math.cos((i + 1) ** 2)));
      const turned = [plain, inside].map((z) => new Rotations(z, 12, n));
      for (let t = 0; t < chains; t++) {
        const direction = t % 3 === 1 ? -1 : 1;
        const from = direction === 1 ? t % 4 : 11 - (t % 4);
        const count = 1 + (t % 7);
        for (const r of turned) r.add(from, direction, cs, count);
        for (let i = 0; i < count; i++)
          for (let k = 0; k < n; k++) {
            const [p, q] = [(from + i * direction) * n + k, (from + (i + 1) * direction) * n + k];
            const [v, w] = [truth[p], truth[q]];
            truth[p] = cs[2 * i] * v + cs[2 * i + 1] * w;
            truth[q] = cs[2 * i] * w - cs[2 * i + 1] * v;
          }
      }
      for (const r of turned) r.flush();
      for (const z of [plain, inside])
        truth.forEach((v, i) => expect(Math.abs(z[i] - v)).toBeLessThanOrEqual(1e-14 * chains));
    }
});

test("work beyond what was reserved lies outside, and is as good", () => {
  reserve(8);
  expect(work(8).length).toBe(8);
  expect(work(10_000_000).length).toBe(10_000_000);
});
