import { referenceBackend } from "@ansatz/backend/reference";
import {
  exp,
  eye,
  key,
  logsumexp,
  matmul,
  mul,
  normal,
  ones,
  scan,
  sin,
  sum,
  type Tensor,
  tanh,
  tensor,
  toBackend,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { grad, hessian, jacobian, jvp, vjp } from "./index";

// Derivatives of tensors that were moved to a backend which is not the default one: constants of rules and seeds follow them.

const elsewhere = referenceBackend();
const x = tensor([0.3, -1.2, 2]);
const moved = () => toBackend(x, elsewhere);

const functions: [string, (x: Tensor) => Tensor][] = [
  ["tanh", (t) => sum(tanh(t))],
  ["a product with constants", (t) => sum(mul(matmul(eye(3), t), ones([3])))],
  ["logsumexp of a sine", (t) => logsumexp(sin(t))],
  ["a loop", (t) => sum(scan((c: Tensor) => [exp(mul(-0.5, mul(c, c))), null] as const, t, null, { length: 3 })[0])],
];

describe.each(functions)("%s", (_, f) => {
  test("has the same derivatives there", async () => {
    const there = await moved();
    const pairs: [Tensor, Tensor][] = [
      [grad(f)(there), grad(f)(x)],
      [jvp(f, [there], [ones([3])]).tangent, jvp(f, [x], [ones([3])]).tangent],
      [vjp(f, there).pullback(tensor(2))[0], vjp(f, x).pullback(tensor(2))[0]],
      [jacobian(grad(f), { mode: "forward" })(there), hessian(f)(x)],
      [hessian(f)(there), hessian(f)(x)],
    ];
    for (const [got, want] of pairs) assertClose(await got.data(), await want.data(), { rtol: 1e-12, atol: 1e-14 });
  });
});

test("results of data still belong where they were computed", async () => {
  const there = await moved();
  expect(() => mul(there, exp(x))).toThrow(/two backends/);
  expect(() => mul(there, normal(key(0), [3]))).toThrow(/two backends/);
});
