import { jacobian } from "@ansatz/autodiff";
import {
  add,
  cross,
  diag,
  diagonal,
  dot,
  eye,
  index,
  key,
  matmul,
  matrixTranspose,
  mul,
  norm,
  normal,
  prod,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  trace,
  transpose,
  zeros,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { correlate, correlate2d } from "./convolution";
import { ellipticOrbit, largestGap, matrixOf, matrixPower, orbit, rotation, rotationZ } from "./maps";

const A = [
  [1, 2],
  [3, 4],
];
const B = [
  [5, 6],
  [7, 8],
];
const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });

describe("1.1.1-axpy", () => {
  test("2 [1, 2] + [3, 4] = [5, 8]", () => assertClose(add(mul(2, [1, 2]), [3, 4]), [5, 8]));
  test("addition commutes exactly, of empty vectors too; lengths that differ are refused", () => {
    expect(add(random(1, 9), random(2, 9)).toArray()).toEqual(add(random(2, 9), random(1, 9)).toArray());
    expect(add(zeros([0]), zeros([0])).shape).toEqual([0]);
    expect(() => add([1, 2], [1, 2, 3])).toThrow(/add: shapes must broadcast/);
  });
});

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

describe("1.1.1-norm2", () => {
  test("‖[3, 4]‖ = 5, without overflow at 10²⁰⁰ and underflow at 10⁻²⁰⁰", () => {
    assertClose(norm([3, 4]), 5);
    assertClose(norm([1e200, 1e200]), Math.SQRT2 * 1e200, { rtol: 1e-15 });
    assertClose(norm([3e-200, 4e-200]), 5e-200, { rtol: 1e-15 });
  });
  test("of nothing is 0, of NaN NaN, of an infinity infinite; its slope at 0 is 0", () => {
    assertClose(norm(zeros([0])), 0);
    expect(norm([Number.NaN, Number.POSITIVE_INFINITY]).item()).toBeNaN();
    expect(norm([Number.NEGATIVE_INFINITY, 0]).item()).toBe(Number.POSITIVE_INFINITY);
    assertClose(jacobian((x: Tensor) => norm(x))([0, 0]), [0, 0]);
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

describe("1.1.2-rotation-z", () => {
  test("turns e₁ into (cos θ, sin θ, 0)", () => {
    for (const t of [0, 0.3, 2, -1])
      assertClose(matmul(rotationZ(t), [1, 0, 0]), [Math.cos(t), Math.sin(t), 0], { atol: 1e-16, rtol: 1e-15 });
    assertClose(matmul(rotationZ(Math.PI / 2), [1, 0, 0]), [6.123233995736766e-17, 1, 0], { atol: 1e-17 });
  });
  test("is orthogonal with determinant 1, and angles add", () => {
    const R = rotationZ(0.7);
    const near = { rtol: 1e-15, atol: 1e-15 };
    assertClose(matmul(transpose(R), R), eye(3), near);
    const [x, y, z] = [...R];
    assertClose(dot(x, cross(y, z)), 1, near);
    assertClose(matmul(rotationZ(0.7), rotationZ(-1.9)), rotationZ(-1.2), near);
    assertClose(matmul(R, rotationZ(-0.7)), eye(3), near);
    assertClose(
      rotation(0.4),
      [
        [Math.cos(0.4), -Math.sin(0.4)],
        [Math.sin(0.4), Math.cos(0.4)],
      ],
      near,
    );
  });
});

describe("1.1.2-scaling", () => {
  test("diag(2, ½) takes (1, 2) to (2, 1) and keeps areas", () => {
    const S = diag([2, 0.5]);
    assertClose(matmul(S, [1, 2]), [2, 1]);
    assertClose(prod(diagonal(S)), 1);
  });
});

describe("1.1.2-linear-map-matrix", () => {
  test("the matrix of a map has the images of the unit vectors as columns", () => {
    assertClose(
      matrixOf((x) => matmul(rotation(0.3), x), 2),
      rotation(0.3),
      { rtol: 1e-15 },
    );
    assertClose(
      matrixOf((x) => mul(x, [2, 0.5]), 2),
      [
        [2, 0],
        [0, 0.5],
      ],
    );
    assertClose(
      matrixOf((x) => mul(x, [1, 0]), 2),
      [
        [1, 0],
        [0, 0],
      ],
    );
    assertClose(
      matrixOf((x) => correlate(x, [1, 0, -1]), 4),
      [
        [1, 0, -1, 0],
        [0, 1, 0, -1],
      ],
    );
    const image = (x: Tensor): Tensor =>
      correlate2d(x.reshape([3, 3]), [
        [1, 2],
        [3, 4],
      ]).reshape([4]);
    assertClose(matrixOf(image, 9), [
      [1, 2, 0, 3, 4, 0, 0, 0, 0],
      [0, 1, 2, 0, 3, 4, 0, 0, 0],
      [0, 0, 0, 1, 2, 0, 3, 4, 0],
      [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]);
  });
  test("and is the Jacobian at any point", () => {
    const a = random(6, 3, 4);
    const f = (x: Tensor): Tensor => matmul(a, x);
    assertClose(jacobian(f)([1, -2, 3, 0.5]), matrixOf(f, 4), { rtol: 1e-14 });
    // a map that is not linear has another matrix at every point
    expect(jacobian((x: Tensor) => sin(x))([1, 2]).toArray()).not.toEqual(matrixOf(sin, 2).toArray());
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
    expect(() => matrixPower(A, 0.5)).toThrow(/whole number/);
  });
  test("is where the orbit goes", () => {
    const a = mul(0.3, random(9, 3, 3));
    const path = [...orbit(a, [1, 2, 3], 6)];
    for (const t of [0, 1, 6]) assertClose(path[t], matmul(matrixPower(a, t), [1, 2, 3]), { rtol: 1e-13, atol: 1e-15 });
  });
});

describe("1.1.2-ex1.1.1-elliptic-orbit", () => {
  const { matrix, points } = ellipticOrbit({ a: 2, b: 1, theta: 1, steps: 10_000 });

  test("has the matrix and the first points worked out", () => {
    assertClose(
      matrix,
      [
        [0.5403023058681398, -1.682941969615793],
        [0.42073549240394825, 0.5403023058681398],
      ],
      { rtol: 1e-15 },
    );
    assertClose(trace(matrix), 1.0806046117362795, { rtol: 1e-15 });
    assertClose(
      index(points, ":3"),
      [
        [2, 0],
        [1.080604611736, 0.841470984808],
        [-0.832293673094, 0.909297426826],
      ],
      { atol: 1e-12 },
    );
  });
  test("stays on the ellipse through 10,000 products", () => {
    const off = sub(sum(square(mul(points, [0.5, 1])), 1), 1);
    expect(Math.max(...(off.toArray() as number[]).map(Math.abs))).toBeLessThan(5e-12);
  });
  test("fills it ever more evenly: gaps fall like 1/n", () => {
    const golden = Math.PI * (Math.sqrt(5) - 1);
    assertClose(
      [10, 100, 1000, 10_000].map((n) => largestGap(golden, n)),
      [0.9167, 0.08266, 0.007453, 0.0010874],
      { rtol: 1e-4 },
    );
    // a rational turn visits q points only
    expect(largestGap((2 * Math.PI * 3) / 7, 1000)).toBeCloseTo((2 * Math.PI) / 7, 9);
  });
  test("a flat ellipse is refused", () =>
    expect(() => ellipticOrbit({ a: 0, b: 1, theta: 1, steps: 1 })).toThrow(/half axes/));
});
