import { expect, test } from "vitest";
import { foldOf } from "./fold";

test("a fold holds every element, is a power of two wide, and higher than 1 as gpu.js wants it", () => {
  for (const size of [1, 2, 4, 5, 8, 9, 16, 17, 63, 64, 65, 1000, 4097, 10 ** 6, 4 * 4096 * 4096]) {
    const { width, height, shift } = foldOf(size, 4096);
    expect(width).toBe(2 ** shift);
    expect(4 * width * height).toBeGreaterThanOrEqual(size);
    expect(4 * width * (height - 1)).toBeLessThan(size);
    if (size > 4) expect(height).toBeGreaterThan(1);
    expect(Math.max(width, height)).toBeLessThanOrEqual(4096);
  }
});

test("one element more than a texture holds is refused with both numbers", () => {
  expect(() => foldOf(4 * 4096 * 4096 + 1, 4096)).toThrow(/67108865 elements does not fit one texture.*67108864/);
});
