import { describe, expect, test } from "vitest";
import { ellipticMap } from "./elliptic-orbit";
import { distinctPoints, orbit, orbitKind, type PlaneVector, planeMap } from "./linear-map";

const turn = (angle: number, scale = 1): number[][] => [
  [scale * Math.cos(angle), -scale * Math.sin(angle)],
  [scale * Math.sin(angle), scale * Math.cos(angle)],
];
const kindOf = (a: number[][]): string => orbitKind(planeMap(a));
const points = (a: number[][], x0: number[], steps: number): PlaneVector[] =>
  orbit(a, x0, steps).toArray() as unknown as PlaneVector[];

describe("planeMap", () => {
  test("of the covariance of Exercise 1.2.3 has λ = (7 ± √17)/2, equal to its singular values, and area 8", () => {
    const map = planeMap([
      [4, 2],
      [2, 3],
    ]);
    const lambda = [(7 + Math.sqrt(17)) / 2, (7 - Math.sqrt(17)) / 2];
    expect(map.determinant).toBeCloseTo(8, 13);
    expect(map.trace).toBe(7);
    map.singular.forEach(({ sigma, u, v }, i) => {
      expect(sigma).toBeCloseTo(lambda[i], 13);
      expect(Math.abs(u[0] * v[0] + u[1] * v[1])).toBeCloseTo(1, 13);
    });
    const [x, y] = map.singular[0].u;
    expect(Math.abs(x)).toBeCloseTo(0.788205438016109, 12);
    expect(Math.abs(y)).toBeCloseTo(0.615412209402636, 12);
    const values = map.eigen.map(({ re }) => re).sort((a, b) => b - a);
    for (const i of [0, 1]) expect(values[i]).toBeCloseTo(lambda[i], 13);
  });
  test("of a rotation has e^±iθ and no real direction; a shear is defective with σ₁σ₂ = 1", () => {
    const rotation = planeMap(turn(0.5));
    expect(rotation.eigen.every(({ vector }) => vector === undefined)).toBe(true);
    expect(rotation.eigen[0].re).toBeCloseTo(Math.cos(0.5), 15);
    expect(Math.abs(rotation.eigen[0].im)).toBeCloseTo(Math.sin(0.5), 15);
    const shear = planeMap([
      [1, 1],
      [0, 1],
    ]);
    expect(shear.defective).toBe(true);
    // σ = golden ratio and its inverse
    expect(shear.singular[0].sigma).toBeCloseTo((1 + Math.sqrt(5)) / 2, 14);
    expect(shear.singular[0].sigma * shear.singular[1].sigma).toBeCloseTo(1, 14);
  });
  test("of a projection has rank 1 and no area; of a matrix [3, 3] is refused", () => {
    const map = planeMap([
      [1, 0],
      [0, 0],
    ]);
    expect([map.rank, map.determinant]).toEqual([1, 0]);
    expect(() => planeMap([[1, 2, 3]])).toThrow(/\[2, 2\]/);
  });
});

describe("orbits", () => {
  test("of the map of Exercise 1.1.1 are the points of the text; many starts go together", () => {
    const [, first, second] = points(ellipticMap().toArray() as number[][], [2, 0], 2);
    expect(first[0]).toBeCloseTo(1.080604611736, 12);
    expect(first[1]).toBeCloseTo(0.841470984808, 12);
    expect(second[0]).toBeCloseTo(-0.832293673094, 12);
    const both = orbit(ellipticMap(), [[2, 0], [1, 1]], 2); // biome-ignore format: two starts
    expect(both.shape).toEqual([3, 2, 2]);
  });
  test("are named by |λ|", () => {
    expect(kindOf(turn(0.7))).toMatch(/elliptic/);
    expect(kindOf(turn(0.7, 0.9))).toMatch(/spiral to the origin/);
    expect(kindOf(turn(0.7, 1.1))).toMatch(/spiral to infinity/);
    expect(kindOf([[0.5, 0], [0, 0.9]])).toMatch(/node: all orbits to the origin/); // biome-ignore format: a matrix
    expect(kindOf([[1.5, 0], [0, 1.1]])).toMatch(/node: all orbits to infinity/); // biome-ignore format: a matrix
    expect(kindOf([[1.2, 0], [0, 0.8]])).toMatch(/saddle/); // biome-ignore format: a matrix
    expect(kindOf([[1, 1], [0, 1]])).toMatch(/shear/); // biome-ignore format: a matrix
    expect(kindOf([[0, 1], [1, 0]])).toMatch(/repeats/); // biome-ignore format: a matrix
    expect(kindOf([[1, 0], [0, 0]])).toMatch(/projection/); // biome-ignore format: a matrix
  });
  test("by 2π·3/7 repeat after seven points, by the golden angle never", () => {
    expect(distinctPoints(points(turn((6 * Math.PI) / 7), [1, 0], 60))).toBe(7);
    expect(distinctPoints(points(turn(Math.PI * (Math.sqrt(5) - 1)), [1, 0], 60))).toBe(61);
  });
});
