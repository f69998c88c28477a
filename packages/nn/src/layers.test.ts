import { readFileSync } from "node:fs";
import { grad } from "@ansatz/autodiff";
import {
  add,
  jit,
  key,
  matmul,
  mul,
  normal,
  oneHot,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  tree,
  vmap,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { constantInit, dense, embedding, layerNorm, mlp, normalInit, timeEmbedding } from "./index";

const golden = JSON.parse(readFileSync(new URL("../golden/nn.json", import.meta.url), "utf8")) as {
  layerNorm: {
    x: number[][];
    scale: number[];
    offset: number[];
    w: number[][];
    values: [number[][], number[][], number[], number[]];
  };
};
const f64 = (x: readonly unknown[]): Tensor => tensor(x as number[], { dtype: "float64" });

describe("dense", () => {
  test("is x W + b on the last axis", () => {
    const layer = dense(2, 3);
    const params = {
      kernel: f64([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      bias: f64([10, 20, 30]),
    };
    assertClose(layer.apply(params, [1, -1]), [7, 17, 27]);
    assertClose(
      layer.apply(params, [
        [
          [1, -1],
          [0, 1],
        ],
      ]),
      [
        [
          [7, 17, 27],
          [14, 25, 36],
        ],
      ],
    );
  });
  test("starts with float32, a kernel of the shape asked for and a bias of zeros", () => {
    const { kernel, bias } = dense(4, 2).init(key(0));
    expect([kernel.dtype, bias.dtype, kernel.shape]).toEqual(["float32", "float32", [4, 2]]);
    assertClose(bias, [0, 0]);
    assertClose(dense(4, 2, { bias: constantInit(0.5) }).init(key(0)).bias, [0.5, 0.5]);
  });
  test("refuses an input of another width", () => {
    expect(() => dense(3, 2).apply(dense(3, 2).init(key(0)), [1, 2])).toThrow(
      /dense: the last axis of the input must have 3/,
    );
  });
});

describe("layerNorm", () => {
  const { x, scale, offset, w, values } = golden.layerNorm;
  const layer = layerNorm(5);

  test("has PyTorch's values and gradients", () => {
    const params = { scale: f64(scale), offset: f64(offset) };
    assertClose(layer.apply(params, f64(x)), values[0], { rtol: 1e-13 });
    const f = (p: { scale: Tensor; offset: Tensor; x: Tensor }): Tensor => sum(mul(f64(w), layer.apply(p, p.x)));
    const g = grad(f)({ ...params, x: f64(x) });
    assertClose(g.x, values[1], { rtol: 1e-11, atol: 1e-13 });
    assertClose(g.scale, values[2], { rtol: 1e-12 });
    assertClose(g.offset, values[3], { rtol: 1e-14 });
  });
  test("starts as the plain normalisation: mean 0, variance 1", () => {
    const y = layer.apply(layer.init(key(0)), f64(x));
    assertClose(sum(y, -1), [0, 0, 0], { atol: 1e-13 });
  });
  test("does not see a shift and a scale, up to ε", () => {
    const exact = layerNorm(5, { eps: 0 });
    const p = exact.init(key(0));
    assertClose(exact.apply(p, add(mul(7, f64(x)), 3)), exact.apply(p, f64(x)), { rtol: 1e-9, atol: 1e-12 });
  });
  test("a constant row gives the offset and a finite gradient", () => {
    const p = layer.init(key(0));
    const c = f64([2, 2, 2, 2, 2]);
    assertClose(layer.apply(p, c), [0, 0, 0, 0, 0]);
    const g = grad((v: Tensor) => sum(square(layer.apply(p, v))))(c).toArray() as number[];
    expect(g.every(Number.isFinite)).toBe(true);
  });
  test("refuses rows of another length", () => {
    expect(() => layer.apply(layer.init(key(0)), [1, 2])).toThrow(/layerNorm: the last axis of the input must have 5/);
  });
});

describe("embedding", () => {
  const words = embedding(4, 3);
  const params = words.init(key(3));

  test("is the product with one-hot vectors", () => {
    const ids = tensor(Int32Array.of(2, 0, 2, 3), { shape: [2, 2] });
    assertClose(words.apply(params, ids), matmul(oneHot(ids, 4, { dtype: "float32" }), params.table), { rtol: 1e-7 });
    assertClose(words.apply(params, [1, 1]), words.apply(params, tensor(Int32Array.of(1, 1))));
  });
  test("has as gradient of the sum how often each word was looked up", () => {
    const ids = tensor(Int32Array.of(2, 0, 2));
    const g = grad((p: { table: Tensor }) => sum(words.apply(p, ids)))(params);
    assertClose(g.table, [
      [1, 1, 1],
      [0, 0, 0],
      [2, 2, 2],
      [0, 0, 0],
    ]);
  });
  test("an index that is no row gives NaN, never another row", () => {
    for (const bad of [-1, 4, 1000]) {
      const row = words.apply(params, tensor(Int32Array.of(bad))).toArray() as number[][];
      expect(row[0].every(Number.isNaN)).toBe(true);
    }
  });
});

describe("timeEmbedding", () => {
  test("is cosines, then sines, of πf t for frequencies in geometric progression", () => {
    const t = [0, 0.25, 1];
    const f = [1, 2, 4, 8].map((k) => Math.PI * k);
    const want = t.map((s) => [...f.map((k) => Math.cos(k * s)), ...f.map((k) => Math.sin(k * s))]);
    assertClose(timeEmbedding(f64(t), 8, { maxFrequency: 8 }), want, { atol: 3e-6 });
    expect(timeEmbedding(tensor([[0.5]], { dtype: "float32" }), 6).shape).toEqual([1, 1, 6]);
    expect(timeEmbedding(tensor([0.5], { dtype: "float32" }), 6).dtype).toBe("float32");
  });
  test("tells all times of [0, 1] apart by its first feature", () => {
    const t = Array.from({ length: 101 }, (_, i) => i / 100);
    const first = (timeEmbedding(f64(t), 16).toArray() as number[][]).map((r) => r[0]);
    for (let i = 1; i < first.length; i++) expect(first[i]).toBeLessThan(first[i - 1]);
  });
  test("with two features there is one frequency", () =>
    assertClose(timeEmbedding([0.5], 2), [[0, 1]], { atol: 1e-6 }));
  test("refuses an odd number of features", () => expect(() => timeEmbedding([0], 3)).toThrow(/timeEmbedding/));
});

describe("mlp", () => {
  test("alternates affine maps and activations, affine at the end", () => {
    const net = mlp([2, 3, 1], { activation: tanh });
    const p = net.init(key(5));
    const x = f64([[0.3, -2]]);
    const [a, b] = p.layers;
    assertClose(net.apply(p, x), add(matmul(tanh(add(matmul(x, a.kernel), a.bias)), b.kernel), b.bias), {
      rtol: 1e-12,
    });
    const closed = mlp([2, 3, 1], { activation: tanh, outputActivation: tanh });
    assertClose(closed.apply(p, x), tanh(net.apply(p, x)), { rtol: 1e-12 });
  });
  test("layers start from different keys, equal keys from equal numbers", () => {
    const net = mlp([3, 3, 3], { kernel: normalInit(1) });
    const p = net.init(key(1));
    expect(p.layers[0].kernel.toArray()).not.toEqual(p.layers[1].kernel.toArray());
    expect(net.init(key(1)).layers[1].kernel.toArray()).toEqual(p.layers[1].kernel.toArray());
  });
  test("vmap over one row at a time, and compiled, is the batch", () => {
    const net = mlp([3, 8, 8, 2]);
    const p = net.init(key(2));
    const x = normal(key(3), [6, 3], { dtype: "float32" });
    const want = net.apply(p, x);
    assertClose(vmap((row: Tensor) => net.apply(p, row))(x), want, { rtol: 1e-4, atol: 1e-6 });
    assertClose(jit(net.apply)(p, x), want, { rtol: 1e-4, atol: 1e-6, dtype: "float32" });
  });
  test("gradients of float32 parameters are finite float32 of the same structure", () => {
    const net = mlp([3, 8, 2]);
    const p = net.init(key(2));
    const g = grad((q: typeof p) => sum(square(sub(net.apply(q, [[1000, -1000, 1]]), 1))))(p);
    expect(tree.paths(g)).toEqual(tree.paths(p));
    for (const leaf of tree.leaves(g) as Tensor[]) {
      expect(leaf.dtype).toBe("float32");
      expect(Array.from(leaf.dataSync() as Float32Array).every(Number.isFinite)).toBe(true);
    }
  });
  test("refuses widths that are none", () => {
    for (const widths of [[3], [], [3, 0, 1], [2, 1.5]])
      expect(() => mlp(widths)).toThrow(/mlp: needs at least two positive/);
  });
});
