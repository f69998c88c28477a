import { grad, jacobian } from "@ansatz/autodiff";
import { gelu, layerNorm, relu } from "@ansatz/nn";
import {
  add,
  diag,
  index,
  key,
  matmul,
  mean,
  mul,
  ndtr,
  normal,
  outer,
  permutation,
  softmax,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { affineRecursion } from "../generative-models/affine-recursion";
import {
  attendMany,
  attendOne,
  attentionLayer,
  normalized,
  ternary,
  tokenFixedPoint,
  tokenUpdate,
  vocabulary,
} from "./attention";

const random = (seed: number, ...shape: number[]): Tensor => normal(key(seed), shape, { dtype: "float64" });
const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });
const near = { rtol: 1e-13, atol: 1e-14 };
const { tokens, model } = ternary;

describe("1.1.5-affine-recursion", () => {
  test("with A = ½, b = 1 and x₀ = 3 is at 2 + 2⁻¹⁰ after ten steps", () => {
    const path = affineRecursion(
      [3],
      () => [[0.5]],
      () => [1],
      10,
    );
    expect(path.shape).toEqual([11, 1]);
    assertClose(index(path, -1), [2.0009765625]);
  });
  test("A and b may depend on the state and the time", () => {
    const path = affineRecursion(
      [1, 2],
      (x) => diag(x),
      (_x, t) => mul(t, [1, 1]),
      3,
    );
    assertClose(path, [
      [1, 2],
      [1, 4],
      [2, 17],
      [6, 291],
    ]);
  });
});

describe("1.1.5-mean-init", () => {
  test("of [1, 2], [3, 4], [5, 6] is [3, 4]", () => assertClose(mean(tokens, 0), [3, 4]));
});

describe("1.1.5-softmax", () => {
  test("of (1, 2, 3), of large logits, and up to a shift", () => {
    assertClose(softmax([1, 2, 3]), [0.09003057317038, 0.244728471054798, 0.665240955774822], { rtol: 1e-14 });
    assertClose(softmax([1000, 1000]), [0.5, 0.5]);
    assertClose(softmax(add(random(1, 5), 300)), softmax(random(1, 5)), { rtol: 1e-12 });
  });
  test("has Jacobian diag(p) − ppᵀ", () => {
    const p = softmax(random(2, 4));
    assertClose(jacobian((s: Tensor) => softmax(s))(random(2, 4)), sub(diag(p), outer(p, p)), near);
  });
});

describe("1.1.5-attention-single-query", () => {
  const [X, t] = [random(3, 6, 4), random(4, 4)];
  const w = { query: random(5, 4, 4), key: random(6, 4, 4), value: random(7, 4, 4) };
  const { weights, output } = attendOne(t, X, w);

  test("weights add up to 1 and the output lies between the values", () => {
    assertClose(sum(weights), 1, near);
    expect((weights.toArray() as number[]).every((a) => a > 0)).toBe(true);
    assertClose(output, matmul(weights, matmul(X, w.value)), near);
  });
  test("does not see the order of the tokens", () => {
    const order = permutation(key(1), 6);
    const moved = attendOne(t, take(X, order, 0), w);
    assertClose(moved.output, output, near);
    assertClose(moved.weights, take(weights, order, 0), near);
  });
  test("looks at all alike where keys are equal", () => {
    assertClose(
      attendOne(t, X, { ...w, key: mul(0, w.key) }).weights,
      Array.from({ length: 6 }, () => 1 / 6),
      near,
    );
  });
});

describe("1.1.5-normal-cdf", () => {
  test("Φ at 0, ±1 and 1.96, its symmetry, its ends and its slope", () => {
    assertClose(ndtr([0, 1, -1, 1.959963984540054]), [0.5, 0.8413447460685429, 0.15865525393145707, 0.975], {
      rtol: 1e-15,
    });
    assertClose(add(ndtr([0.3, 2, 7]), ndtr([-0.3, -2, -7])), [1, 1, 1], { rtol: 1e-15 });
    assertClose(ndtr([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]), [0, 1, Number.NaN]);
    assertClose(ndtr([-20]), [2.75362411860623e-89], { rtol: 5e-14 });
    const phi = (x: number): number => Math.exp(-x * x * 0.5) / Math.sqrt(2 * Math.PI);
    assertClose(grad((x: Tensor) => sum(ndtr(x)))([-3, 0, 1.2]), [phi(-3), phi(0), phi(1.2)], { rtol: 1e-14 });
  });
});

describe("1.1.5-gelu", () => {
  test("has the values of x Φ(x), its minimum, and x as odd part", () => {
    const x = [-3, -2, -1, -0.5, 0, 0.5, 1, 2, 3];
    const y = [
      -0.00404969409489031, -0.04550026389635842, -0.15865525393145707, -0.15426876936299344, 0, 0.34573123063700656,
      0.8413447460685429, 1.9544997361036416, 2.99595030590511,
    ];
    assertClose(gelu(x), y, { rtol: 1e-14 });
    assertClose(gelu(-0.7517915246935645), -0.16997120747990366, { rtol: 1e-15 });
    assertClose(sub(gelu(x), gelu(mul(-1, x))), x, near);
  });
});

describe("1.1.5-relu", () => {
  test("of −1, 0, 2 is 0, 0, 2; slope 0 at 0; NaN passes", () => {
    assertClose(relu([-1, 0, 2]), [0, 0, 2]);
    assertClose(grad((x: Tensor) => sum(relu(x)))([-1, 0, 2]), [0, 0, 1]);
    assertClose(relu([Number.NaN]), [Number.NaN]);
  });
});

describe("1.1.5-layernorm", () => {
  test("of (1, 2, 3, 4), with ε = 10⁻⁵ and 0", () => {
    const at = (eps: number): Tensor => layerNorm(4, { eps }).apply(layerNorm(4).init(key(0)), f64([1, 2, 3, 4]));
    assertClose(at(1e-5), [-1.341635419968927, -0.447211806656309, 0.447211806656309, 1.341635419968927], {
      rtol: 1e-14,
    });
    assertClose(at(0), [-1.341640786499874, -0.447213595499958, 0.447213595499958, 1.341640786499874], { rtol: 1e-14 });
    assertClose(normalized([1, 2, 3, 4]), at(0), { rtol: 1e-14 });
  });
  test("with ε = 0 does not see ax + c, and maps every pair to ±(1, −1)", () => {
    const x = random(8, 5);
    assertClose(normalized(add(mul(3, x), 7)), normalized(x), { rtol: 1e-12, atol: 1e-13 });
    assertClose(
      normalized([
        [5, 2],
        [-1, 9],
      ]),
      [
        [1, -1],
        [-1, 1],
      ],
      near,
    );
  });
});

describe("1.1.5-ffn-update", () => {
  test("with identities and relu on a positive vector is its normalisation", () => {
    const I = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    assertClose(tokenUpdate([1, 4, 2], { first: I, second: I, bias: [0, 0, 0] }), normalized([1, 4, 2]), near);
    const w = { first: random(1, 3, 3), second: random(2, 3, 3), bias: random(3, 3) };
    const z = random(4, 3);
    const by = normalized(gelu(add(matmul(w.second, gelu(matmul(w.first, z))), w.bias)), 1e-5);
    assertClose(tokenUpdate(z, w, gelu, 1e-5), by, near);
  });
});

describe("1.1.5-multihead", () => {
  test("with one head and W_O = I is attention", () => {
    const [X, t] = [random(3, 5, 3), random(4, 3)];
    const head = { query: random(5, 3, 3), key: random(6, 3, 3), value: random(7, 3, 3) };
    assertClose(attendMany(t, X, [head], diag([1, 1, 1])).output, attendOne(t, X, head).output, near);
  });
  test("two heads are one product with stacked weights", () => {
    const [X, t] = [random(3, 5, 4), random(4, 4)];
    const heads = [1, 2].map((s) => ({
      query: random(s, 4, 2),
      key: random(10 + s, 4, 2),
      value: random(20 + s, 4, 2),
    }));
    const W = random(9, 4, 4);
    const want = add(
      matmul(attendOne(t, X, heads[0]).output, index(W, ":2")),
      matmul(attendOne(t, X, heads[1]).output, index(W, "2:")),
    );
    assertClose(attendMany(t, X, heads, W).output, want, near);
  });
});

describe("1.1.5-token-fixed-point", () => {
  test("the exercise is at its fixed point after one step, and says so", () => {
    const { token, residuals, converged } = tokenFixedPoint(tokens, model);
    assertClose(token, [1, -1], { rtol: 1e-12 });
    expect(converged).toBe(true);
    expect(residuals).toHaveLength(2);
  });
  test("an iteration that does not settle ends, and says so", () => {
    // the update turns (1, −1) into (−1, 1) and back
    const flip = {
      first: [
        [0, 1],
        [1, 0],
      ],
      second: [
        [1, 0],
        [0, 1],
      ],
      bias: [0, 0],
    };
    const head = {
      query: [
        [0, 0],
        [0, 0],
      ],
      key: [
        [0, 0],
        [0, 0],
      ],
      value: [
        [1, 0],
        [0, 1],
      ],
    };
    const still = tokenFixedPoint(
      tokens,
      {
        heads: [head],
        output: [
          [1, 0],
          [0, 1],
        ],
        update: flip,
      },
      { maxSteps: 3, tol: -1 },
    );
    expect(still.converged).toBe(false);
    expect(still.residuals).toHaveLength(3);
  });
});

describe("1.1.5-output-head", () => {
  test("gives a distribution over the vocabulary, with a bias if asked", () => {
    const W = random(1, 7, 3);
    assertClose(sum(vocabulary([1, 2, 3], W)), 1, near);
    assertClose(vocabulary([0, 0, 0], W, [0, 0, 0, 0, 0, 0, 5]), softmax([0, 0, 0, 0, 0, 0, 5]), near);
  });
});

describe("1.1.5-ex1.1.4-mha-ternary", () => {
  const first = attendMany([3, 4], tokens, model.heads, model.output, model.scale);
  const t1 = tokenUpdate(first.output, model.update);

  test("first pass: weights, head outputs, joined output, token", () => {
    assertClose(first.heads[0].weights, [3.775111349050796e-11, 0.000006144174601982768, 0.9999938557876469], {
      rtol: 1e-13,
    });
    assertClose(first.heads[1].weights, [1 / 3, 1 / 3, 1 / 3], near);
    assertClose(first.heads[0].output, [4.9999877114997915, 5.9999877114997915], { rtol: 1e-14 });
    assertClose(first.heads[1].output, [6, 8], near);
    assertClose(first.output, [12.999987711499791, 11.999987711499791], { rtol: 1e-14 });
    assertClose(t1, [1, -1], { rtol: 1e-12 });
  });
  test("second pass: the token does not move any more", () => {
    const second = attendMany([1, -1], tokens, model.heads, model.output, model.scale);
    assertClose(second.heads[0].weights, [0.00032932043896389, 0.017980286735531543, 0.9816903928255046], {
      rtol: 1e-12,
    });
    assertClose(second.output, [12.962722144773082, 11.962722144773082], { rtol: 1e-14 });
    assertClose(tokenUpdate(second.output, model.update), [1, -1], { rtol: 1e-12 });
  });
  test("the distribution over a, b, c, also with ε = 10⁻⁵ and with scale 1/√2", () => {
    const p = [0.2594964603424191, 0.03511902695933972, 0.7053845126982411];
    assertClose(vocabulary(t1, ternary.vocabulary), p, { rtol: 1e-12 });
    const eps = tokenFixedPoint(tokens, { ...model, eps: 1e-5 });
    assertClose(eps.token, [0.99998000059998, -0.99998000059998], { rtol: 1e-13 });
    assertClose(vocabulary(eps.token, ternary.vocabulary), [0.25949975660666, 0.03512087782507, 0.70537936556827], {
      rtol: 1e-12,
    });
    const half = attendMany([3, 4], tokens, model.heads, model.output, Math.SQRT1_2);
    assertClose(half.heads[0].weights, [4.2627e-8, 2.06443e-4, 0.9997935147], { rtol: 1e-5 });
    assertClose(vocabulary(tokenUpdate(half.output, model.update), ternary.vocabulary), p, { rtol: 1e-12 });
  });
  test("float32 gives the same distribution to 10⁻⁶", () => {
    const single = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float32" });
    const heads = model.heads.map((h) => ({ query: single(h.query), key: single(h.key), value: single(h.value) }));
    const { token } = tokenFixedPoint(single(tokens), { ...model, heads, output: single(model.output) }, { tol: 1e-6 });
    const p = vocabulary(token, single(ternary.vocabulary));
    assertClose(p, [0.25949646, 0.03511903, 0.70538451], { rtol: 1e-6, dtype: "float32" });
  });
});

describe("P0-13-attention", () => {
  const X = random(1, 6, 4);
  const w = { query: random(2, 3, 4), key: random(3, 3, 4), value: random(4, 4, 4) };
  const full = attentionLayer(X, w);

  test("rows of the weights add up to 1", () => assertClose(sum(full.weights, 1), [1, 1, 1, 1, 1, 1], near));
  test("is equivariant under permutations of the tokens", () => {
    const order = permutation(key(2), 6);
    assertClose(attentionLayer(take(X, order, 0), w).output, take(full.output, order, 0), near);
  });
  test("causal attention does not see what comes later, exactly", () => {
    const causal = attentionLayer(X, w, { causal: true });
    const prefix = attentionLayer(index(X, ":3"), w, { causal: true });
    expect(index(causal.output, ":3").toArray()).toEqual(prefix.output.toArray());
    assertClose(index(causal.weights, 0), [1, 0, 0, 0, 0, 0]);
  });
  test("one token attends to itself, and large logits do not overflow", () => {
    const one = index(X, ":1");
    assertClose(attentionLayer(one, w).output, matmul(one, w.value.transpose()), near);
    const large = attentionLayer(mul(100, X), w);
    assertClose(sum(large.weights, 1), [1, 1, 1, 1, 1, 1], near);
  });
});
