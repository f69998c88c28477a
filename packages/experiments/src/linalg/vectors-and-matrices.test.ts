import { matrixPower } from "@ansatz/linalg";
import {
  add,
  diag,
  diagonal,
  dot,
  eye,
  key,
  matmul,
  matrixTranspose,
  mul,
  norm,
  normal,
  prod,
  type Tensor,
  transpose,
  zeros,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";

const A = [
  [1, 2],
  [3, 4],
];
const B = [
  [5, 6],
  [7, 8],
];
const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });

describe("1.1.1-dot", () => {
  test("[1, 2] · [3, 4] = 11, and 0 for empty vectors", () => {
    assertClose(dot([1, 2], [3, 4]), 11);
    assertClose(dot(zeros([0]), zeros([0])), 0);
    expect(() => dot([1, 2], [1, 2, 3])).toThrow();
  });
  test("is at most the product of the lengths", () => {
    for (let s = 0; s < 20; s++) {
      const [u, v] = [random(s, 7), random(100 + s, 7)];
      expect(Math.abs(dot(u, v).item() as number)).toBeLessThanOrEqual(
        (norm(u).item() as number) * (norm(v).item() as number),
      );
    }
  });
});

describe("1.1.2-matadd", () => {
  test("adds entry by entry", () =>
    assertClose(add(A, B), [
      [6, 8],
      [10, 12],
    ]));
});
describe("1.1.2-hadamard", () => {
  test("multiplies entry by entry", () =>
    assertClose(mul(A, B), [
      [5, 12],
      [21, 32],
    ]));
});

describe("1.1.2-matmul", () => {
  test("of the worked matrices", () =>
    assertClose(matmul(A, B), [
      [19, 22],
      [43, 50],
    ]));
  test("(AB)ᵀ = BᵀAᵀ, (AB)C = A(BC), and an empty inner axis gives zeros", () => {
    const [a, b, c] = [random(1, 3, 4), random(2, 4, 5), random(3, 5, 2)];
    assertClose(transpose(matmul(a, b)), matmul(transpose(b), transpose(a)), { rtol: 1e-14, atol: 1e-14 });
    assertClose(matmul(matmul(a, b), c), matmul(a, matmul(b, c)), { rtol: 1e-13, atol: 1e-13 });
    assertClose(matmul(zeros([2, 0]), zeros([0, 3])), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
  test("NaN reaches the product even against 0; inner lengths must agree", () => {
    expect(matmul([[Number.NaN]], [[0]]).item()).toBeNaN();
    expect(() => matmul(A, [[1, 2, 3]])).toThrow(/matmul/);
  });
});

describe("1.1.2-transpose", () => {
  test("is an involution, turns rows into columns and leaves vectors alone", () => {
    const a = random(4, 3, 5);
    expect(transpose(transpose(a)).toArray()).toEqual(a.toArray());
    assertClose(matrixTranspose([[1, 2, 3]]), [[1], [2], [3]]);
    assertClose(transpose([1, 2, 3]), [1, 2, 3]);
  });
});

describe("1.1.2-identity", () => {
  test("changes nothing, exactly", () => {
    const a = random(5, 3, 3);
    expect(matmul(eye(3), a).toArray()).toEqual(a.toArray());
    expect(matmul(a, eye(3)).toArray()).toEqual(a.toArray());
    expect(eye(0).shape).toEqual([0, 0]);
    expect(() => eye(-1)).toThrow();
  });
});

describe("1.1.2-scaling", () => {
  test("diag(2, ½) takes (1, 2) to (2, 1) and keeps areas", () => {
    const S = diag([2, 0.5]);
    assertClose(matmul(S, [1, 2]), [2, 1]);
    assertClose(prod(diagonal(S)), 1);
  });
});

describe("1.1.2-matrix-power", () => {
  test("A⁰ = I, A⁵ = AAAAA, and growth ends in infinity", () => {
    assertClose(matrixPower(A, 0), eye(2));
    assertClose(matrixPower(A, 5), [
      [1069, 1558],
      [2337, 3406],
    ]);
    assertClose(
      matrixPower(
        [
          [0.5, 1],
          [0, 0.25],
        ],
        3,
      ),
      [
        [0.125, 0.4375],
        [0, 0.015625],
      ],
    );
    assertClose(matrixPower([[2]], 5000), [[Number.POSITIVE_INFINITY]]);
    expect(() => matrixPower(A, 0.5)).toThrow(/matrixPower/);
  });
});
