import { jit, scan, square, sub, sum, type Tensor } from "@ansatz/tensor";
import { expectTypeOf, test } from "vitest";
import {
  adam,
  applyUpdates,
  type Descent,
  type DescentState,
  gradientDescent,
  nesterov,
  type Schedule,
  sgd,
  warmup,
} from "./index";

interface Layer {
  readonly kernel: Tensor;
  readonly bias?: Tensor;
}
interface Params {
  readonly layers: readonly Layer[];
  readonly scale: Tensor;
  readonly name: string;
}
declare const params: Params;
declare const batch: { x: Tensor; y: Tensor };
declare const f: (p: Params, batch: { x: Tensor; y: Tensor }, k: Tensor) => Tensor;

test("an unannotated lambda is a function of a tensor", () => {
  const descent = gradientDescent((x) => square(sub(x, 3)), sgd(0.25));
  expectTypeOf(descent.init(0).params).toEqualTypeOf<Tensor>();
  expectTypeOf(nesterov((x) => sum(square(x)), 0.1).init([1, 2]).params).toEqualTypeOf<Tensor>();
});

test("a user's interfaces pass through, with data of any form", () => {
  const descent = gradientDescent(f, adam(1e-3));
  expectTypeOf(descent).toEqualTypeOf<Descent<Params, [batch: { x: Tensor; y: Tensor }, k: Tensor]>>();
  const state = descent.init(params);
  expectTypeOf(state.params).toEqualTypeOf<Params>();
  expectTypeOf(descent.step(state, batch, params.scale).info.loss).toEqualTypeOf<Tensor>();
  // @ts-expect-error the batch is missing
  descent.step(state);
  expectTypeOf(applyUpdates(params, params)).toEqualTypeOf<Params>();
});

test("jit and scan take a step as it stands", () => {
  const descent = gradientDescent(f, adam(1e-3));
  const step = jit(descent.step, { donate: [0] });
  let state = descent.init(params);
  state = step(state, batch, params.scale).state;
  const [last] = scan(
    (s: DescentState<Params>, k: Tensor) => [descent.step(s, batch, k).state, null] as const,
    state,
    params.scale,
  );
  state = last;
  expectTypeOf(state.params.layers[0].kernel).toEqualTypeOf<Tensor>();
});

test("a schedule is a number or a function of the step", () => {
  expectTypeOf(warmup(10, 0.1)).toExtend<Schedule>();
  // @ts-expect-error a schedule is no string
  sgd("fast");
});
