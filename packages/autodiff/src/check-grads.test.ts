import { scheduled } from "@ansatz/backend";
import { mockDevice } from "@ansatz/backend/conformance";
import { referenceBackend } from "@ansatz/backend/reference";
import {
  abs,
  add,
  cond,
  exp,
  greater,
  mul,
  neg,
  scan,
  sin,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  useBackend,
} from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import { checkGrads, customJvp, customVjp } from "./index";

const x = tensor([0.3, -1.2, 0.8]);

describe("checkGrads", () => {
  test("passes what is right: trees, several arguments, integers beside floats, any order", async () => {
    await checkGrads((a: Tensor, b: Tensor) => mul(sin(a), exp(b)), [x, [1, 0.5, -0.2]], { order: 3 });
    await checkGrads(
      (p: { w: Tensor; at: Tensor }) => ({ y: tanh(take(p.w, p.at)), n: p.at }),
      [{ w: x, at: tensor(new Int32Array([0, 2])) }],
      { order: 2 },
    );
    await checkGrads(
      (w: Tensor) => scan((c: Tensor, v: Tensor) => [tanh(mul(c, add(v, w))), mul(c, v)] as const, 0.5, x),
      [1.3],
      { order: 2 },
    );
    await checkGrads(
      (a: Tensor) =>
        cond(
          greater(sum(a), 0),
          (u: Tensor) => sin(u),
          (u: Tensor) => u,
          a,
        ),
      [x],
    );
  }, 30_000);
  test("works in float32 with looser numbers", async () => {
    await checkGrads((a: Tensor) => mul(sin(a), a), [tensor([0.3, 1.1], { dtype: "float32" })], { order: 2 });
  });
  const planted = customJvp(
    (u: Tensor) => sin(u),
    ([u], [du]) => ({ value: sin(u), tangent: neg(mul(du, exp(mul(0, u)))) }),
  );
  test("catches a planted sign in either mode, and says where", async () => {
    const minus = customJvp(
      (u: Tensor) => mul(u, u),
      ([u], [du]) => ({ value: mul(u, u), tangent: mul(-2, mul(u, du)) }),
    );
    await expect(checkGrads((u: Tensor) => ({ good: sin(u), bad: minus(u) }), [x])).rejects.toThrow(
      /the forward derivative is not that of central differences, got result\.bad, entry \d: .* against .*sign, a factor/,
    );
    await expect(checkGrads(minus, [x], { modes: ["reverse"] })).rejects.toThrow(/the reverse derivative.*⟨v, Jᵀw⟩/);
    await expect(checkGrads(planted, [x])).rejects.toThrow(/central differences/);
    const swapped = customVjp((a: Tensor, b: Tensor) => mul(a, b), {
      forward: (a, b) => ({ value: mul(a, b), residuals: { a, b } }),
      backward: ({ a, b }, g) => [mul(g, a), mul(g, b)],
    });
    await expect(
      checkGrads((a: Tensor, b: Tensor) => swapped(a, b), [x, [1, 2, 3]], { modes: ["reverse"] }),
    ).rejects.toThrow(/reverse derivative/);
  });
  test("catches a first derivative that is right and a second that is not", async () => {
    const stale = customJvp(
      (u: Tensor) => mul(u, u),
      ([u], [du]) => ({ value: mul(u, u), tangent: mul(du, mul(2, tensor((u.dataSync() as Float64Array).slice()))) }),
    );
    await checkGrads(stale, [x]);
    await expect(checkGrads(stale, [x], { order: 2 })).rejects.toThrow(/-over-/);
  });
  test("refuses what it cannot check", async () => {
    await expect(checkGrads((n: Tensor) => n, [tensor(new Int32Array([1]))])).rejects.toThrow(
      /there are none.*int32\[1\]/,
    );
    await expect(checkGrads(abs, [x], { order: 0 })).rejects.toThrow(/order is a whole number/);
    await expect(checkGrads(abs, [x], { modes: [] })).rejects.toThrow(/modes/);
    await expect(checkGrads(abs, [x], { eps: -1 })).rejects.toThrow(/eps/);
    await expect(checkGrads(abs, [tensor([0, 1])])).resolves.toBeUndefined(); // the kink at 0: differences agree with 0 there
    await expect(checkGrads((a: Tensor) => abs(add(a, 1e-9)), [tensor([0, 1])])).rejects.toThrow(/near a kink/);
  });
  test("works on a device whose every read is asynchronous, as a GPU's may be", async () => {
    useBackend(scheduled(mockDevice(), referenceBackend())); // for the rest of this file
    await checkGrads((a: Tensor) => mul(a, tanh(a)), [[0.5, 2]], { order: 2 });
    await expect(checkGrads((a: Tensor) => abs(add(a, 1e-9)), [[0, 1]])).rejects.toThrow(/near a kink/);
  });
});
