import { expect, test } from "vitest";
import { add, mul, tensor } from "../functions";
import { jit } from "./jit";

test("donated arguments are taken by the call: the results are right, and later use is an error", () => {
  const step = jit(
    (s: { x: ReturnType<typeof tensor>; n: ReturnType<typeof tensor> }) => ({ x: mul(s.x, 2), n: add(s.n, 1) }),
    {
      donate: [0],
    },
  );
  let s = { x: tensor(Float32Array.of(1, 2, 3)), n: tensor(Int32Array.of(0)) };
  const first = s;
  for (let i = 0; i < 10; i++) s = step(s) as typeof s;
  expect(s.x.toArray()).toEqual([1024, 2048, 3072]);
  expect(s.n.toArray()).toEqual([10]);
  expect(() => first.x.toArray()).toThrow(/donated/);
});

test("a number may stand where a donated tensor may", () => {
  const twice = jit((x: ReturnType<typeof tensor>) => add(x, x), { donate: [0] });
  expect([twice(3).item(), twice(4).item()]).toEqual([6, 8]);
});
