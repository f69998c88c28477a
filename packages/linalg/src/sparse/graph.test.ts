import { grad } from "@ansatz/autodiff";
import { matmul, matrixTranspose, mul, sum, type Tensor, tensor } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import {
  adjacencyMatrix,
  connectedComponents,
  degrees,
  eigvalsh,
  graphLaplacian,
  graphOf,
  incidenceMatrix,
  laplacianMatrix,
  sparseMatmul,
  sparseToDense,
} from "../index";
import { checkDerivatives } from "../testing/derivatives";
import { distance, random } from "../testing/matrices";

const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);
const paw = graphOf(4, [
  [0, 1],
  [0, 2],
  [1, 2],
  [1, 3],
]);

describe("1.2.4-graph-matrices", () => {
  test("the paw graph: adjacency, degrees, Laplacian with spectrum 0, 1, 3, 4 and 3 spanning trees", () => {
    expect(sparseToDense(adjacencyMatrix(paw)).toArray()).toEqual([
      [0, 1, 1, 0],
      [1, 0, 1, 1],
      [1, 1, 0, 0],
      [0, 1, 0, 0],
    ]);
    expect(data(degrees(paw))).toEqual(Float64Array.of(2, 3, 2, 1));
    const l = sparseToDense(laplacianMatrix(paw));
    expect(l.toArray()).toEqual([
      [2, -1, -1, 0],
      [-1, 3, -1, -1],
      [-1, -1, 2, 0],
      [0, -1, 0, 1],
    ]);
    const values = data(eigvalsh(l));
    values.forEach((v, i) => expect(Math.abs(v - [0, 1, 3, 4][i])).toBeLessThan(1e-14));
    expect((values[1] * values[2] * values[3]) / 4).toBeCloseTo(3, 13);
  });
  test("L 1 = 0, xᵀL x = Σ w (x_i - x_j)², and L = B Bᵀ with the incidence matrix", () => {
    const edges = [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [0, 4],
      [1, 3],
    ] as const;
    const weights = [1, 2, 0.5, 3, 1.5, 0.25];
    const g = graphOf(5, edges, { weights });
    const l = laplacianMatrix(g);
    expect(Math.max(...data(sparseMatmul(l, [1, 1, 1, 1, 1])).map(Math.abs))).toBeLessThan(1e-15);
    const x = random([5], 1);
    const v = data(x);
    const energy = edges.reduce((s, [i, j], e) => s + weights[e] * (v[i] - v[j]) ** 2, 0);
    expect(Math.abs(Number(sum(mul(x, sparseMatmul(l, x))).item()) - energy)).toBeLessThan(1e-14);
    const b = sparseToDense(incidenceMatrix(g));
    expect(distance(data(matmul(b, matrixTranspose(b))), data(sparseToDense(l)))).toBeLessThan(1e-15);
  });
  test("the eigenvalue 0 is as often as there are components", () => {
    const two = graphOf(4, [
      [0, 1],
      [2, 3],
    ]);
    expect(data(eigvalsh(sparseToDense(laplacianMatrix(two)))).filter((v) => Math.abs(v) < 1e-14)).toHaveLength(2);
    expect([...connectedComponents(two)]).toEqual([0, 0, 1, 1]);
    expect([...connectedComponents(paw)]).toEqual([0, 0, 0, 0]);
    expect([...connectedComponents(graphOf(3, []))]).toEqual([0, 1, 2]);
  });
  test("normalised and random-walk Laplacians agree with the dense ones; isolated vertices have zero rows", () => {
    const g = graphOf(5, [
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 3],
    ]);
    const dense = graphLaplacian(sparseToDense(adjacencyMatrix(g)));
    const normalised = sparseToDense(laplacianMatrix(g, "normalised"));
    expect(distance(data(normalised), data(dense.normalised))).toBeLessThan(1e-15);
    const values = data(eigvalsh(normalised));
    expect(values[0]).toBeGreaterThan(-1e-14);
    expect(values[4]).toBeLessThan(2 + 1e-14);
    const walk = sparseToDense(laplacianMatrix(g, "randomWalk"));
    expect(distance(data(walk), data(dense.randomWalk))).toBeLessThan(1e-15);
    expect(distance(data(matmul(walk, [1, 1, 1, 1, 1])), [0, 0, 0, 0, 0])).toBeLessThan(1e-15);
    expect((walk.toArray() as number[][])[4]).toEqual([0, 0, 0, 0, 0]);
  });
  test("loops are left out and counted, duplicates kept once, added or refused", () => {
    const edges = [
      [0, 1],
      [1, 1],
      [1, 0],
    ] as const;
    const weights = [2, 5, 3];
    const first = graphOf(2, edges, { weights });
    expect([first.loops, first.heads.length, ...data(first.weights)]).toEqual([1, 1, 2]);
    expect([...data(graphOf(2, edges, { weights, duplicates: "sum" }).weights)]).toEqual([5]);
    expect(() => graphOf(2, edges, { duplicates: "refuse" })).toThrow(/twice/);
    expect(() => graphOf(2, [[0, 2]])).toThrow(/vertices 0 to 1/);
    expect(() => graphOf(2, [[0, 1]], { weights: [1, 2] })).toThrow(/one weight/);
    expect(sparseToDense(laplacianMatrix(graphOf(0, []))).shape).toEqual([0, 0]);
  });
  test("a directed adjacency matrix is refused", () => {
    expect(() =>
      graphLaplacian([
        [0, 1],
        [0, 0],
      ]),
    ).toThrow(/symmetric/);
  });
  test("weights differentiate: ∂ xᵀL x / ∂ w_e = (x_i - x_j)²", () => {
    const x = tensor([1, 4, 2, 7]);
    const edges = [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const;
    const energy = (w: Tensor): Tensor =>
      sum(mul(x, sparseMatmul(laplacianMatrix(graphOf(4, edges, { weights: w })), x)));
    expect(data(grad(energy)([1, 1, 1]) as Tensor)).toEqual(Float64Array.of(9, 4, 25));
    for (const kind of ["normalised", "randomWalk"] as const)
      checkDerivatives(
        (w) => sparseToDense(laplacianMatrix(graphOf(4, edges, { weights: w }), kind)),
        tensor([1, 2, 3]),
      );
  });
});
