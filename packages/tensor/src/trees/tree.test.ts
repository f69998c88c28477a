import { describe, expect, test } from "vitest";
import { add, mul, type Tensor, tensor, tree } from "../index";

const params = () => ({
  layers: [
    { w: tensor([1, 2]), b: tensor(3) },
    { w: tensor([4, 5]), b: tensor(6) },
  ],
  name: "net",
  none: null,
});

describe("tree", () => {
  test("flattens records by sorted key, and builds them again", () => {
    const p = params();
    const { leaves, structure } = tree.flatten(p);
    expect(leaves).toHaveLength(4);
    [p.layers[0].b, p.layers[0].w, p.layers[1].b, p.layers[1].w].forEach((t, i) => {
      expect(leaves[i]).toBe(t);
    });
    const back = tree.unflatten(structure, leaves) as typeof p;
    expect([back.name, back.none, back.layers.length]).toEqual(["net", null, 2]);
    expect(back.layers[1].w).toBe(p.layers[1].w);
    expect(tree.paths(p)).toEqual(["layers[0].b", "layers[0].w", "layers[1].b", "layers[1].w"]);
    expect(() => tree.unflatten(structure, [])).toThrow(/one leaf for each place, got leaves: 0, places: 4/);
  });
  test("rectangular arrays of numbers are one leaf, other arrays are nodes", () => {
    expect(
      tree.leaves([
        [1, 2],
        [3, 4],
      ]),
    ).toHaveLength(1);
    expect(tree.leaves([[1, 2], [3]])).toHaveLength(2);
    expect(tree.leaves([1, tensor(2)])).toHaveLength(2);
    expect(tree.leaves([])).toHaveLength(0);
    expect(tree.leaves({ a: "x", f: Math.sin, t: true, n: undefined })).toHaveLength(0);
    expect(tree.leaves(new Float32Array(3))).toHaveLength(1);
  });
  test("maps over several trees; static parts stay", () => {
    const p = params();
    const q = tree.map((a: Tensor, b: Tensor) => add(a, mul(b, 10)), p, p);
    expect(q.layers[1].w.toArray()).toEqual([44, 55]);
    expect([q.name, q.none]).toEqual(["net", null]);
    expect(
      tree.map((a: Tensor, b: Tensor) => mul(a, b), [tensor(1), tensor(2)], [3, 4] as never).map((t) => t.item()),
    ).toEqual([3, 8]);
    expect(tree.reduce((n: number, x: Tensor) => n + x.size, p, 0)).toBe(6);
  });
  test("says where structures differ", () => {
    const p = params();
    const without = { ...p, layers: [p.layers[0], { w: p.layers[1].w, b: undefined }] };
    expect(() => tree.map((a, _b) => a, p, without)).toThrow(
      "tree.map: structures differ at layers[1].b: a tensor against undefined",
    );
    expect(() => tree.map((a, _b) => a, p, { ...p, layers: [p.layers[0]] })).toThrow(
      "structures differ at layers: 2 entries against 1",
    );
    expect(() => tree.map((a, _b) => a, p, { ...p, more: 1 })).toThrow('structures differ: "more" only in the other');
    expect(() => tree.map((a, _b) => a, p, { ...p, name: "other" })).toThrow(
      'structures differ at name: "net" against "other"',
    );
    expect(() => tree.leaves({ a: [new Map()] })).toThrow(/at a\[0\]: Map/);
  });
});
