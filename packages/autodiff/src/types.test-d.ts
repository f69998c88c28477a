// Checked by tsc: what must type-check does, and what must not is refused.
import { exp, jit, mul, sum, type Tensor, type TensorLike, vmap } from "@ansatz/tensor";
import { expectTypeOf } from "vitest";
import {
  checkpointScan,
  cost,
  customFixedPoint,
  customJvp,
  customLinearSolve,
  customRoot,
  directionalDerivative,
  divergence,
  grad,
  gvp,
  hessian,
  hvp,
  jacfwd,
  jacobian,
  jet,
  jvp,
  laplacian,
  linearize,
  nthDerivative,
  odeSeries,
  taylor,
  valueAndGrad,
  valueAndGradAux,
  vjp,
} from "./index";

declare const x: Tensor;

// The line of the README, with unannotated lambdas.
const g = jit(vmap(grad((x) => sum(exp(x)))));
expectTypeOf(g).toEqualTypeOf<(x: TensorLike) => Tensor>();
expectTypeOf(g([[1, 2]])).toEqualTypeOf<Tensor>();
expectTypeOf(grad((w: Tensor, y: Tensor) => sum(mul(w, y)))(1, [2, 3])).toEqualTypeOf<Tensor>();
expectTypeOf(grad(grad((x) => mul(x, x)))(1)).toEqualTypeOf<Tensor>();
expectTypeOf(jit(jacobian((x) => exp(x)))(1)).toEqualTypeOf<Tensor>();

// A user's interface, optional members, tuples, arrays, static parts.
interface Layer {
  w: Tensor;
  b?: Tensor;
}
interface Params {
  layers: Layer[];
  scale: Tensor;
  pair: [Tensor, Tensor];
  activation: (x: Tensor) => Tensor;
  name: string;
}
declare const params: Params;
declare const loss: (p: Params, batch: Tensor) => Tensor;
const r = valueAndGrad(loss)(params, x);
expectTypeOf(r.value).toEqualTypeOf<Tensor>();
expectTypeOf(r.grad.layers[0].w).toEqualTypeOf<Tensor>();
expectTypeOf(r.grad.layers[0].b).toEqualTypeOf<Tensor | undefined>();
expectTypeOf(r.grad.pair).toEqualTypeOf<[Tensor, Tensor]>();
expectTypeOf(r.grad.name).toEqualTypeOf<string>();
expectTypeOf(r.grad).toExtend<Params>();
expectTypeOf(jit(loss)(params, [1, 2])).toEqualTypeOf<Tensor>();
const step = jit((p: Params, batch: Tensor) => ({ p, loss: loss(p, batch) }));
expectTypeOf(step(params, x).p).toExtend<Params>();
expectTypeOf(grad((p: readonly [Tensor, { a: Tensor }]) => p[1].a)([1, { a: 2 }])[1].a).toEqualTypeOf<Tensor>();
expectTypeOf(grad((p: { a: Tensor }) => p.a)({ a: 1 }).a).toEqualTypeOf<Tensor>();
expectTypeOf(
  valueAndGradAux((p: Layer) => ({ value: p.w, aux: { n: 1, s: "x" } }))(params.layers[0]).aux,
).toEqualTypeOf<{ n: Tensor; s: string }>();

// The other maps.
expectTypeOf(jvp((a: Tensor, p: Layer) => mul(a, p.w), [1, { w: 2 }], [1, { w: x }]).tangent).toEqualTypeOf<Tensor>();
expectTypeOf(vjp((a: Tensor, p: Layer) => mul(a, p.w), 1, { w: 2 }).pullback(x)[1].w).toEqualTypeOf<Tensor>();
expectTypeOf(linearize((a: Tensor) => ({ y: a }), 1).pushforward(2).y).toEqualTypeOf<Tensor>();
expectTypeOf(hessian((p: Layer) => p.w)({ w: 1 }).w.w).toEqualTypeOf<Tensor>();
expectTypeOf(hvp((p: Layer) => p.w)({ w: 1 }, { w: 1 }).b).toEqualTypeOf<Tensor | undefined>();
expectTypeOf(jacobian((p: Layer) => [p.w, p.w] as const)({ w: 1 })[0].w).toEqualTypeOf<Tensor>();
expectTypeOf(
  customJvp(
    (x: Tensor) => exp(x),
    ([x], [v]) => ({ value: exp(x), tangent: mul(v, exp(x)) }),
  )(1),
).toEqualTypeOf<Tensor>();

// Series, solvers, estimates; with unannotated lambdas where one tensor is meant.
expectTypeOf(taylor((t) => exp(t), 0, 3)).toEqualTypeOf<Tensor[]>();
expectTypeOf(nthDerivative((t) => exp(t), 0, 3)).toEqualTypeOf<Tensor>();
expectTypeOf(directionalDerivative((t) => exp(t), [1, 2], [1, 0])).toEqualTypeOf<Tensor>();
expectTypeOf(taylor((p: Layer) => p.w, { w: 1 }, 2)[0]).toEqualTypeOf<Tensor>();
expectTypeOf(jet((a: Tensor) => ({ y: a }), [1], [[1]]).series[0].y).toEqualTypeOf<Tensor>();
expectTypeOf(odeSeries((s) => ({ q: s.p, p: s.q }), { q: 1, p: 0 }, 3)[0].q).toEqualTypeOf<Tensor>();
expectTypeOf(jacfwd((t) => exp(t))([1])).toEqualTypeOf<Tensor>();
expectTypeOf(gvp((p: Layer, t: Tensor) => mul(p.w, t))({ w: 1 }, { w: 1 }, 2).w).toEqualTypeOf<Tensor>();
expectTypeOf(divergence((t: Tensor) => exp(t))([1, 2]).value).toEqualTypeOf<Tensor>();
expectTypeOf(laplacian((p: Layer) => p.w)({ w: 1 }).grad.b).toEqualTypeOf<Tensor | undefined>();
expectTypeOf(customFixedPoint((s) => ({ u: mul(0.5, s.u) }), { u: 1 }).u).toEqualTypeOf<Tensor>();
expectTypeOf(
  customRoot(
    (t) => exp(t),
    1,
    (_f, x0) => x0,
  ),
).toEqualTypeOf<Tensor>();
expectTypeOf(
  customLinearSolve(
    (t) => mul(2, t),
    [1, 2],
    (_A, b) => b,
  ),
).toEqualTypeOf<Tensor>();
expectTypeOf(checkpointScan((c: Tensor) => [c, c] as const, 0, null, { length: 2 })).toEqualTypeOf<[Tensor, Tensor]>();
expectTypeOf(cost(loss)(params, x).flops).toEqualTypeOf<number>();
expectTypeOf(linearize((a: Tensor) => a, 1).residualBytes).toEqualTypeOf<number>();

// Refusals.
// @ts-expect-error a Date is no leaf
grad((p: { w: Tensor; when: Date }) => p.w);
// @ts-expect-error neither is a Map, deep inside
grad((_p: { layers: { table: Map<string, Tensor> }[] }) => sum(1));
// @ts-expect-error the function must return a tensor
grad((_x: Tensor) => "no");
// @ts-expect-error a string stands for no tensor
g("three");
// @ts-expect-error a member is missing
grad(loss)({ layers: [], scale: 1, name: "n", activation: exp }, 2);
// @ts-expect-error one argument is missing
grad(loss)(params);
// @ts-expect-error tangents have the structure of their primals
jvp((p: Layer) => p.w, [{ w: 1 }], [1]);
