// Checked by tsc: what must type-check does, and what must not is refused.
import { expectTypeOf } from "vitest";
import {
  add,
  cond,
  fori,
  jit,
  less,
  map,
  mul,
  scan,
  sum,
  switchCase,
  type Tensor,
  type TensorLike,
  tap,
  tree,
  vmap,
  whileLoop,
} from "./index";

declare const x: Tensor;

expectTypeOf(jit((x) => mul(x, 2))).toEqualTypeOf<(x: TensorLike) => Tensor>();
expectTypeOf(jit((x: Tensor, y: Tensor) => mul(x, y))(1, [2])).toEqualTypeOf<Tensor>();
expectTypeOf(jit((x: Tensor, n: number) => ({ y: x, n, s: "a" }), { static: [1] })(1, 2)).toEqualTypeOf<{
  y: Tensor;
  n: Tensor;
  s: string;
}>();
expectTypeOf(vmap((x: Tensor, y: Tensor) => [x, y] as const, { in: [0, null] })([1], 2)).toEqualTypeOf<
  [Tensor, Tensor]
>();

// Loops: the carry's type comes from where it starts, also for unannotated lambdas.
const [c, ys] = scan((c, x) => [add(c, x), { y: mul(c, x) }], 0, [1, 2, 3]);
expectTypeOf(c).toEqualTypeOf<Tensor>();
expectTypeOf(ys).toEqualTypeOf<{ y: Tensor }>();
const [state] = scan((s, x) => [{ ...s, n: add(s.n, x) }, null], { n: 0, m: x }, x, { reverse: true });
expectTypeOf(state).toEqualTypeOf<{ n: Tensor; m: Tensor }>();
expectTypeOf(scan((c) => [mul(c, 2), c], 1, null, { length: 4 })).toEqualTypeOf<[Tensor, Tensor]>();
expectTypeOf(
  whileLoop(
    (s) => less(s.a, 3),
    (s) => ({ a: add(s.a, 1) }),
    { a: 0 },
  ),
).toEqualTypeOf<{ a: Tensor }>();
expectTypeOf(fori(0, 3, (i, c) => add(c, i), 0)).toEqualTypeOf<Tensor>();
expectTypeOf(map((x) => ({ y: sum(x) }), x)).toEqualTypeOf<{ y: Tensor }>();
expectTypeOf(
  cond(
    less(x, 0),
    (a, b) => mul(a, b.w),
    (a, b) => add(a, b.w),
    x,
    { w: x },
  ),
).toEqualTypeOf<Tensor>();
expectTypeOf(switchCase(x, [() => x, () => x])).toEqualTypeOf<Tensor>();
expectTypeOf(tap({ a: x, s: "s" }, (v) => console.log(v.a.item())).a).toEqualTypeOf<Tensor>();

// Trees keep their types.
interface Params {
  w: Tensor;
  b?: Tensor;
  name: string;
}
declare const p: Params;
const doubled = tree.map((l) => mul(l, 2), p);
expectTypeOf(doubled).toEqualTypeOf<{ w: Tensor; b?: Tensor; name: string }>();
expectTypeOf(tree.map((a, b) => add(a, b), p, p).w).toEqualTypeOf<Tensor>();
expectTypeOf(tree.map((l) => l.size, [x, { y: x }] as const)).toEqualTypeOf<[number, { readonly y: number }]>();

// Refusals.
// @ts-expect-error a Promise is no leaf
vmap((_p: { w: Promise<Tensor> }) => x);
// @ts-expect-error the carry must keep its structure
scan((c, _x) => [{ a: c }, null], 0, [1, 2]);
// @ts-expect-error a string stands for no tensor
jit((x: Tensor) => x)("a");
const yes = (_: Tensor) => "yes";
// @ts-expect-error the predicate is a tensor
whileLoop(yes, (s) => s, 0);
