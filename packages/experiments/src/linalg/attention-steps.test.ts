import { einsum, type Tensor } from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { attendMany, ternary } from "../nn/attention";
import { ternarySteps } from "./attention-steps";

describe("attention step by step", () => {
  const steps = ternarySteps();
  const at = (symbol: string): Tensor => {
    const found = steps.find((s) => s.symbol === symbol);
    if (!found) throw new Error(`no step ${symbol}`);
    return found.value;
  };
  test("stages of exercise 1.1.4 carry the numbers worked out", () => {
    assertClose(at("t̂"), [3, 4]);
    assertClose(at("Q₁"), [3, 4]);
    assertClose(at("K₁"), [
      [3, -1],
      [7, -1],
      [11, -1],
    ]);
    assertClose(at("s₁"), [5, 17, 29]);
    assertClose(at("Q₂"), [4, 3]);
    assertClose(at("K₂"), [
      [-1, 1],
      [-1, 1],
      [-1, 1],
    ]);
    assertClose(at("s₂"), [-1, -1, -1]);
    assertClose(at("α₁"), [3.7751113490507959e-11, 6.1441746019827683e-6, 0.99999385578764688], { rtol: 1e-13 });
    assertClose(at("z₂"), [6, 8], { rtol: 1e-15 });
    assertClose(at("z"), [12.999987711499791, 11.999987711499791], { rtol: 1e-14 });
    assertClose(at("t̂′"), [1, -1], { rtol: 1e-12 });
    assertClose(at("p"), [0.25949646034241908, 0.035119026959339723, 0.7053845126982411], { rtol: 1e-12 });
  });
  test("a second pass from (1, -1) has logits 4, 8, 12 and the same result", () => {
    const second = ternarySteps([1, -1]);
    assertClose(second.find((s) => s.symbol === "s₁")?.value as Tensor, [4, 8, 12]);
    assertClose(second.find((s) => s.symbol === "t̂′")?.value as Tensor, [1, -1], { rtol: 1e-12 });
  });
  test("it is attention as the other module writes it, and specs name contractions", () => {
    const whole = attendMany([3, 4], ternary.tokens as never, ternary.model.heads, ternary.model.output as never, 1);
    assertClose(at("z"), whole.output, { rtol: 1e-15 });
    const specs = steps.flatMap((s) => (s.spec ? [s.spec] : []));
    expect(specs).toHaveLength(2 * 5 + 1);
    assertClose(einsum(specs[0], [3, 4], ternary.model.heads[0].query as never), at("Q₁"));
  });
});
