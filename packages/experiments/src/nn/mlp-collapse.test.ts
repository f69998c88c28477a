import { mlp } from "@ansatz/nn";
import { add, key, matmul, normal, sigmoid, type Tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, test } from "vitest";

describe("P0-2-mlp", () => {
  test("with σ = id it is one affine map W₁W₂W₃x + c", () => {
    const net = mlp([3, 5, 4, 2], { activation: (x) => x as Tensor });
    const params = net.init(key(1));
    const x = normal(key(2), [7, 3], { dtype: "float32" });
    const affine = params.layers.reduce(
      ({ w, c }, l) => ({ w: w ? matmul(w, l.kernel) : l.kernel, c: c ? add(matmul(c, l.kernel), l.bias) : l.bias }),
      {} as { w?: Tensor; c?: Tensor },
    );
    assertClose(net.apply(params, x), add(matmul(x, affine.w as Tensor), affine.c as Tensor), { atol: 1e-5 });
  });

  test("σ is applied to the last layer if asked, as (3) has it, and is not otherwise, as (4)", () => {
    const plain = mlp([2, 3, 1], { activation: sigmoid });
    const params = plain.init(key(3));
    const closed = mlp([2, 3, 1], { activation: sigmoid, outputActivation: sigmoid });
    const x = normal(key(4), [5, 2], { dtype: "float32" });
    assertClose(closed.apply(params, x), sigmoid(plain.apply(params, x)), { rtol: 1e-6 });
  });
});
