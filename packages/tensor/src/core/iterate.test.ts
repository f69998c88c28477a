import { expect, test } from "vitest";
import { key, keyData, split, tensor, zeros } from "../index";

test("a tensor is iterated over axis 0, like an array", async () => {
  const rows = [
    ...tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  ];
  expect(rows.map((r) => r.toArray())).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect([...zeros([0, 3])]).toEqual([]);
  expect(() => [...tensor(1)]).toThrow("scalar has no slices");
});

test("split keys are taken apart by destructuring", () => {
  const keys = split(key(0), 3);
  const [a, , c] = keys;
  const words = keyData(keys).toArray() as number[][];
  expect(keyData(a).toArray()).toEqual(words[0]);
  expect(keyData(c).toArray()).toEqual(words[2]);
});
