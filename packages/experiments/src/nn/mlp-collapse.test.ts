import { mlp } from "@ansatz/nn";
import { add, key, matmul, normal, type Tensor } from "@ansatz/tensor";
import { expect, test } from "vitest";

test("a multi-layer perceptron with σ = id is one affine map W₁W₂W₃x + c", async () => {
  const net = mlp([3, 5, 4, 2], { activation: (x) => x as Tensor });
  const params = net.init(key(1));
  const x = normal(key(2), [7, 3], { dtype: "float32" });
  const affine = params.layers.reduce(
    ({ w, c }, l) => ({ w: w ? matmul(w, l.kernel) : l.kernel, c: c ? add(matmul(c, l.kernel), l.bias) : l.bias }),
    {} as { w?: Tensor; c?: Tensor },
  );
  const got = await net.apply(params, x).data();
  const want = await add(matmul(x, affine.w as Tensor), affine.c as Tensor).data();
  for (let i = 0; i < got.length; i++) expect(Math.abs(Number(got[i]) - Number(want[i]))).toBeLessThan(1e-5);
});
