import { grad } from "@ansatz/autodiff";
import { embedding } from "@ansatz/nn";
import {
  add,
  arange,
  arraySplit,
  concatenate,
  einsum,
  eye,
  full,
  index,
  key,
  kron,
  matmul,
  maxPool,
  mean,
  mul,
  normal,
  oneHot,
  outer,
  reshape,
  sum,
  type Tensor,
  tensor,
  tensordot,
  transpose,
  zeros,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { geometricWeights, greenChannel, luma, videoMean, weightedEmbedding } from "./tensors";

const A = [
  [1, 2],
  [3, 4],
];
const B = [
  [5, 6],
  [7, 8],
];
const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });

describe("1.1.4-ndarray", () => {
  test("has as many entries as the product of its extents; a scalar has one, an empty axis none", () => {
    for (const shape of [[], [4], [2, 3, 5], [3, 0, 2]]) {
      const t = zeros(shape);
      expect([t.size, t.rank]).toEqual([shape.reduce((a, b) => a * b, 1), shape.length]);
    }
  });
});

describe("1.1.4-slice-reduce", () => {
  test("slices by integers, ranges and steps, and reduces over chosen axes", () => {
    const t = reshape(arange(24), [2, 3, 4]);
    assertClose(index(t, "...", 1), [
      [1, 5, 9],
      [13, 17, 21],
    ]);
    assertClose(index(t, 1, "::-1", 0), [20, 16, 12]);
    assertClose(mean(t, [0, 1]), [10, 11, 12, 13]);
    expect(mean(t, [0, 1], { keepDims: true }).shape).toEqual([1, 1, 4]);
    expect(() => index(t, 2)).toThrow(/index/);
  });
  test("bytes do not wrap around in a mean, and the mean of nothing is NaN", () => {
    assertClose(mean(tensor(new Uint8Array(1000).fill(200))), 200);
    expect(mean(zeros([0])).item()).toBeNaN();
  });
});

describe("1.1.4-eg1.1.3-rgb-green", () => {
  test("the mean of green: a constant image, and 0, 10, 20, 30 gives 15", () => {
    assertClose(greenChannel(full([4, 5, 3], 77)).average, 77);
    const image = tensor(Uint8Array.of(9, 0, 1, 9, 10, 1, 9, 20, 1, 9, 30, 1), { shape: [2, 2, 3] });
    assertClose(greenChannel(image).average, 15);
    assertClose(greenChannel(image).channel, [
      [0, 10],
      [20, 30],
    ]);
  });
});

describe("1.1.4-ex1.1.2-video-mean", () => {
  const window = { framesPerSecond: 30, from: 0.1, to: 0.2 };
  const constant = mul(reshape([10, 20, 30], [1, 1, 3, 1]), zeros([2, 3, 1, 10]).add(1));

  test("of a constant colour (10, 20, 30) is 18.149 gray, 20 in the mean, 20 in green", () => {
    assertClose(videoMean(constant, window), 18.149, { rtol: 1e-14 });
    assertClose(videoMean(constant, { ...window, intensity: "mean" }), 20, { rtol: 1e-14 });
    assertClose(videoMean(constant, { ...window, intensity: "green" }), 20, { rtol: 1e-14 });
  });
  test("averages the frames ⌈fps·from⌉ … ⌊fps·to⌋: of frames with value t, 0.9999 (a + b)/2", () => {
    const frames = mul(zeros([2, 2, 3, 1]).add(1), add(arange(12), 1));
    assertClose(videoMean(frames, window), (0.9999 * (3 + 6)) / 2, { rtol: 1e-13 });
    assertClose(videoMean(frames, { ...window, to: 99 }), (0.9999 * (3 + 12)) / 2, { rtol: 1e-13 });
  });
  test("the weights add up to 0.9999: white is 254.97", () => {
    assertClose(
      luma.reduce((a, b) => a + b, 0),
      0.9999,
      { rtol: 1e-15 },
    );
    assertClose(videoMean(full([1, 1, 3, 30], 255), { framesPerSecond: 30, from: 0, to: 1 }), 254.9745, {
      rtol: 1e-12,
    });
  });
  test("an empty window is refused", () => {
    expect(() => videoMean(constant, { ...window, from: 3, to: 4 })).toThrow(/no frame/);
    expect(() => videoMean(constant, { ...window, to: 0 })).toThrow(/no frame/);
  });
});

describe("1.1.4-embedding-lookup", () => {
  const words = embedding(5, 3);
  const params = words.init(key(1));
  const ids = tensor(Int32Array.of(2, 4, 2));

  test("is the product with one-hot vectors, exactly", () => {
    expect(words.apply(params, ids).toArray()).toEqual(
      matmul(oneHot(ids, 5, { dtype: "float32" }), params.table).toArray(),
    );
  });
  test("the gradient of the sum counts the look-ups", () => {
    const g = grad((p: typeof params) => sum(words.apply(p, ids)))(params);
    assertClose(sum(g.table, 1), [0, 0, 6, 0, 3]);
  });
});

describe("1.1.4-ex1.1.2-weighted-embedding", () => {
  const T = random(3, 4, 6);
  test("uniform weights give the mean, a small λ the last or the first token", () => {
    assertClose(weightedEmbedding(T, geometricWeights(6, 1)), mean(T, 1), { rtol: 1e-13, atol: 1e-15 });
    assertClose(weightedEmbedding(T, geometricWeights(6, 1e-12)), index(T, "...", -1), { rtol: 1e-9 });
    assertClose(weightedEmbedding(T, geometricWeights(6, 1e-12, "first")), index(T, "...", 0), { rtol: 1e-9 });
    assertClose(geometricWeights(3, 0.5), [1 / 7, 2 / 7, 4 / 7], { rtol: 1e-15 });
  });
  test("one weight per entry reduces to one per token, and is einsum di,di->d", () => {
    const w = geometricWeights(6, 0.7);
    const W = mul(w, zeros([4, 6]).add(1));
    assertClose(weightedEmbedding(T, W), weightedEmbedding(T, w));
    assertClose(weightedEmbedding(T, W), einsum("di,di->d", W, T), { rtol: 1e-13, atol: 1e-15 });
  });
});

describe("1.1.4-outer", () => {
  test("the Kronecker product is the outer product with its axes in another order", () => {
    const [a, b] = [random(1, 2, 3), random(2, 4, 5)];
    assertClose(kron(a, b), reshape(transpose(tensordot(a, b, 0), [0, 2, 1, 3]), [8, 15]));
    assertClose(tensordot(3, [1, 2], 0), [3, 6]);
  });
});
describe("1.1.4-eg1.1.4-outer-vectors", () => {
  test("[1, 2] ⊗ [3, 4] = [[3, 4], [6, 8]], of rank 1", () => {
    assertClose(outer([1, 2], [3, 4]), [
      [3, 4],
      [6, 8],
    ]);
    const [[a, b], [c, d]] = outer([1, 2], [3, 4]).toArray() as number[][];
    expect(a * d - b * c).toBe(0);
  });
});
describe("1.1.4-eg1.1.5-outer-matrices", () => {
  test("has the blocks a_ij B", () => {
    const t = tensordot(A, B, 0);
    assertClose(t, [
      [
        [
          [5, 6],
          [7, 8],
        ],
        [
          [10, 12],
          [14, 16],
        ],
      ],
      [
        [
          [15, 18],
          [21, 24],
        ],
        [
          [20, 24],
          [28, 32],
        ],
      ],
    ]);
    assertClose(sum(t), 260);
    assertClose(kron(A, B), [
      [5, 6, 10, 12],
      [7, 8, 14, 16],
      [15, 18, 20, 24],
      [21, 24, 28, 32],
    ]);
  });
});
describe("1.1.4-contraction", () => {
  test("over both axes is Σ A_ij B_ij = 70; an empty axis gives zeros, unequal ones are refused", () => {
    assertClose(tensordot(A, B, 2), 70);
    assertClose(tensordot(zeros([2, 0]), zeros([0, 2]), 1), [
      [0, 0],
      [0, 0],
    ]);
    expect(() => tensordot([[1, 2]], [[1, 2]], 1)).toThrow(/tensordot/);
    expect(
      tensordot(random(1, 2, 3, 4), random(2, 4, 3, 5), [
        [1, 2],
        [1, 0],
      ]).shape,
    ).toEqual([2, 5]);
  });
});
describe("1.1.4-mode-contraction", () => {
  const T = random(5, 2, 3, 4);
  test("with e_k picks a slice, with I changes nothing, with AB is A, then B", () => {
    assertClose(tensordot(T, [0, 0, 1, 0], 1), index(T, "...", 2));
    assertClose(tensordot(T, eye(4), 1), T);
    const [P, Q] = [random(6, 4, 3), random(7, 3, 2)];
    assertClose(tensordot(T, matmul(P, Q), 1), tensordot(tensordot(T, P, 1), Q, 1), { rtol: 1e-12, atol: 1e-13 });
  });
});
describe("1.1.4-eg1.1.6-matmul-contraction", () => {
  test("the contraction of two matrices is their product, bit for bit", () => {
    const [a, b] = [random(8, 5, 6), random(9, 6, 4)];
    expect(tensordot(a, b, 1).toArray()).toEqual(matmul(a, b).toArray());
    const [[p, q], [r, s]] = [
      [0.3, 1.7],
      [-2, 0.9],
    ];
    const [[w, x], [y, z]] = [
      [1.1, 4],
      [0.2, -3],
    ];
    assertClose(
      tensordot(
        [
          [p, q],
          [r, s],
        ],
        [
          [w, x],
          [y, z],
        ],
        1,
      ),
      [
        [p * w + q * y, p * x + q * z],
        [r * w + s * y, r * x + s * z],
      ],
      { rtol: 1e-15 },
    );
  });
});
describe("1.1.4-eg1.1.7-contraction-3d", () => {
  test("R_ijlm = Σ_k T_ijk S_klm of 1 … 8 has rank 4 and the numbers worked out", () => {
    const T = reshape(add(arange(8), 1), [2, 2, 2]);
    const R = tensordot(T, T, 1);
    assertClose(R, [
      [
        [
          [11, 14],
          [17, 20],
        ],
        [
          [23, 30],
          [37, 44],
        ],
      ],
      [
        [
          [35, 46],
          [57, 68],
        ],
        [
          [47, 62],
          [77, 92],
        ],
      ],
    ]);
    assertClose(R, einsum("ijk,klm->ijlm", T, T));
    assertClose(index(R, 0, ":", 0), [
      [11, 14],
      [23, 30],
    ]);
  });
});

describe("1.1.4-ex1.1.3-einsum", () => {
  test("writes products, norms and contractions by their indices", () => {
    assertClose(einsum("ij,j->i", A, [1, -1]), [-1, -1]);
    assertClose(einsum("ij,ij->", A, A), 30);
    assertClose(einsum("ij,jk", A, B), [
      [19, 22],
      [43, 50],
    ]);
    const [a, b] = [random(1, 3, 3), random(2, 3, 3, 3)];
    assertClose(einsum("ij,jkl->ikl", a, b), tensordot(a, b, 1), { rtol: 1e-13, atol: 1e-14 });
  });
  test("takes diagonals, traces, ellipses and more operands; inconsistent letters are refused", () => {
    const [a, b, c] = [random(1, 3, 4), random(2, 4, 5), random(3, 5, 2)];
    assertClose(einsum("ii->i", B), [5, 8]);
    assertClose(einsum("ii", B), 13);
    assertClose(einsum("...ij->...ji", b), transpose(b));
    assertClose(einsum("ij,jk,kl->il", a, b, c), matmul(matmul(a, b), c), { rtol: 1e-12, atol: 1e-13 });
    expect(() => einsum("ij,jk->ik", a, c)).toThrow(/einsum.*j/s);
    expect(() => einsum("ij->z", a)).toThrow(/einsum.*z/s);
  });
});
describe("1.1.5-concat", () => {
  test("joins [5, 6] and [6, 8], and splitting takes it apart", () => {
    assertClose(
      concatenate([
        [5, 6],
        [6, 8],
      ]),
      [5, 6, 6, 8],
    );
    arraySplit(concatenate([random(1, 2, 3), random(2, 4, 3)]), [2]).forEach((part, i) => {
      assertClose(part, random(i + 1, 2 + 2 * i, 3));
    });
    assertClose(concatenate([zeros([0]), [1]]), [1]);
    expect(() => concatenate([])).toThrow(/concatenate/);
    expect(() => concatenate([zeros([2, 3]), zeros([2, 4])])).toThrow(/concatenate/);
  });
  test("its gradient is the split", () => {
    const g = grad((p: { a: Tensor; b: Tensor }) => sum(mul(concatenate([p.a, p.b]), [1, 2, 3])))({
      a: [0],
      b: [0, 0],
    });
    assertClose(g.a, [1]);
    assertClose(g.b, [2, 3]);
  });
});
describe("max pooling", () => {
  test("of the 4 × 4 ramp is [[6, 8], [14, 16]]; the gradient goes to the largest, shared on ties", () => {
    const ramp = reshape(add(arange(16), 1), [1, 1, 4, 4]);
    assertClose(maxPool(ramp, 2), [
      [
        [
          [6, 8],
          [14, 16],
        ],
      ],
    ]);
    assertClose(maxPool(zeros([1, 1, 5, 5]), 2), [
      [
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
    assertClose(sum(grad((x: Tensor) => sum(maxPool(x, 2)))(ramp)), 4);
    assertClose(grad((x: Tensor) => sum(maxPool(x, 2)))(zeros([1, 1, 2, 2])), full([1, 1, 2, 2], 0.25));
  });
});
