import { cond, fori, jit, map, scan, switchCase, type Tensor, tap, toTensor, vmap, whileLoop } from "@ansatz/tensor";
import { ops } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import { grad, jvp, linearize, vjp } from "./index";

const { mul, add, reduceSum, lt, sin, exp, neg } = ops;
const t = (x: number | number[] | number[][]) => toTensor(x, "test");
const sum = (x: Tensor) =>
  reduceSum(
    x,
    x.shape.map((_, i) => i),
  );
const num = (x: Tensor) => x.item() as number;
const close = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  const x = Array.from(a.dataSync() as Float64Array),
    y = Array.from(b.dataSync() as Float64Array);
  x.forEach((v, i) => expect(v).toBeCloseTo(y[i], 10));
};

// c ← sin(c·w) + x, y = c·x
const scanned = (w: Tensor, c0: Tensor, xs: Tensor) => {
  const [c, ys] = scan(
    (c: Tensor, x: Tensor) => {
      const n = add(sin(mul(c, w)), x);
      return [n, mul(mul(n, w), exp(w))] as const;
    },
    c0,
    xs,
  );
  return add(c, sum(ys));
};
const unrolled = (w: Tensor, c0: Tensor, xs: Tensor) => {
  let c = c0,
    s = t(0);
  for (let i = 0; i < xs.shape[0]; i++) {
    const x = ops.reshape(ops.slice(xs, [i], [i + 1], [1]), []);
    c = add(sin(mul(c, w)), x);
    s = add(s, mul(mul(c, w), exp(w)));
  }
  return add(c, s);
};
const args = () => [t(0.7), t(0.3), t([0.5, -0.2, 0.9, 1.3])] as const;

describe("scan", () => {
  test("computes a running sum", () => {
    const [c, ys] = scan((c: Tensor, x: Tensor) => [add(c, x), add(c, x)] as const, 0, [1, 2, 3]);
    expect(num(c)).toBe(6);
    expect(ys.toArray()).toEqual([1, 3, 6]);
  });
  test("agrees with the unrolled loop, values and all derivatives", () => {
    close(scanned(...args()), unrolled(...args()));
    for (const k of [0, 1, 2]) {
      const at = (f: typeof scanned) => (x: Tensor) => {
        const a = [...args()];
        a[k] = x;
        return f(...(a as [Tensor, Tensor, Tensor]));
      };
      const x = args()[k];
      close(grad(at(scanned))(x), grad(at(unrolled))(x));
      close(jit(grad(at(scanned)))(x), grad(at(unrolled))(x));
      close(grad((y) => sum(grad(at(scanned))(y)))(x), grad((y) => sum(grad(at(unrolled))(y)))(x));
      close(
        jvp((y: Tensor) => grad(at(scanned))(y), [x], [x]).tangent,
        jvp((y: Tensor) => grad(at(unrolled))(y), [x], [x]).tangent,
      );
    }
    const [gw, gc, gx] = vjp(scanned, ...args()).pullback(t(1));
    const [hw, hc, hx] = vjp(unrolled, ...args()).pullback(t(1));
    close(gw, hw);
    close(gc, hc);
    close(gx, hx);
  });
  test("is batched", () => {
    const ws = t([0.1, 0.5, 1.5]);
    const b = vmap((w: Tensor) => scanned(w, args()[1], args()[2]))(ws);
    const each = [0.1, 0.5, 1.5].map((w) => num(scanned(t(w), args()[1], args()[2])));
    close(b, t(each));
    const g = vmap(grad((w: Tensor) => scanned(w, args()[1], args()[2])))(ws);
    close(g, t([0.1, 0.5, 1.5].map((w) => num(grad((w: Tensor) => scanned(w, args()[1], args()[2]))(w)))));
    close(grad((w: Tensor) => sum(vmap((v: Tensor) => scanned(v, args()[1], args()[2]))(w)))(ws), g);
    const xs = t([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    close(
      vmap((x: Tensor) => scan((c: Tensor, y: Tensor) => [add(c, y), mul(c, y)] as const, 0, x)[1], { in: 1, out: 1 })(
        xs,
      ),
      t([
        [0, 0],
        [3, 8],
        [20, 36],
      ]),
    );
  });
  test("keeps constants of closures differentiable", () => {
    const f = (w: Tensor) => scan((c: Tensor) => [mul(c, w), null] as const, 1, null, { length: 5 })[0] as Tensor;
    expect(num(f(t(2)))).toBe(32);
    expect(num(grad(f)(2))).toBe(80);
    expect(num(grad(grad(f))(2))).toBe(160);
    expect(num(grad((w) => mul(w, grad((v) => mul(f(v), w))(2)))(3))).toBe(480);
  });
  test("reverse runs from the end", () => {
    const [, ys] = scan((c: Tensor, x: Tensor) => [add(c, x), add(c, x)] as const, 0, [1, 2, 3], { reverse: true });
    expect(ys.toArray()).toEqual([6, 5, 3]);
  });
  test("explains a carry that changes", () => {
    expect(() => scan((_c: { a: Tensor }) => [{ a: t([1, 2]) }, null] as const, { a: 0 }, null, { length: 2 })).toThrow(
      /carry\.a: float64\[\] in, float64\[2\] out/,
    );
    expect(() => scan((c: Tensor) => [{ a: c }, null] as never, 0, null, { length: 2 })).toThrow(/structure/);
  });
});

describe("whileLoop", () => {
  const f = (x: Tensor) =>
    whileLoop(
      (c: { i: Tensor; x: Tensor }) => lt(c.i, t(5)),
      (c) => ({ i: add(c.i, t(1)), x: mul(c.x, sin(c.x)) }),
      { i: 0, x },
    ).x as Tensor;
  test("runs and differentiates forward", () => {
    const direct = (x: Tensor) => {
      for (let i = 0; i < 5; i++) x = mul(x, sin(x));
      return x;
    };
    close(f(t(1.2)), direct(t(1.2)));
    close(jvp(f, [1.2], [1]).tangent, jvp(direct, [1.2], [1]).tangent);
    close(linearize(f, 1.2).pushforward(1), jvp(direct, [1.2], [1]).tangent);
    close(jit((x: Tensor) => jvp(f, [x], [1]).tangent)(1.2), jvp(direct, [1.2], [1]).tangent);
  });
  test("reverse mode is an error that says what to do", () => {
    expect(() => grad(f)(1)).toThrow(/whileLoop: cannot be differentiated in reverse.*use boundedWhile.*scan/);
    expect(() => jit(grad(f))(1)).toThrow(/use boundedWhile/);
  });
  test("finished members of a batch keep their carry", () => {
    const collatz = (n: Tensor) =>
      whileLoop(
        (c: { n: Tensor; k: Tensor }) => ops.gt(c.n, t(1)),
        (c) => ({ n: mul(c.n, t(0.5)), k: add(c.k, t(1)) }),
        { n, k: 0 },
      ).k as Tensor;
    expect(vmap(collatz)([1, 2, 16, 1000]).toArray()).toEqual([0, 1, 4, 10]);
    expect(jit(vmap(collatz))([1, 2, 16, 1000]).toArray()).toEqual([0, 1, 4, 10]);
    const limit = vmap((x: Tensor) =>
      whileLoop(
        (c: Tensor) => lt(c, t(10)),
        (c) => mul(c, x),
        1,
      ),
    )([2, 3]);
    expect(limit.toArray()).toEqual([16, 27]);
  });
});

describe("fori and map", () => {
  test("static bounds differentiate in reverse", () => {
    const f = (x: Tensor) => fori(0, 3, (_, c: Tensor) => mul(c, x), 1) as Tensor;
    expect(num(f(t(2)))).toBe(8);
    expect(num(grad(f)(2))).toBe(12);
    expect(num(fori(0, ops.convert(t(4), "int32"), (_, c: Tensor) => add(c, c), 1))).toBe(16);
    expect(num(fori(2, 5, (i, c: Tensor) => add(c, ops.convert(i, "float64")), 0))).toBe(9);
  });
  test("map", () => {
    expect(map((x: Tensor) => mul(x, x), [1, 2, 3]).toArray()).toEqual([1, 4, 9]);
  });
});

describe("cond", () => {
  const f = (x: Tensor, y: Tensor) =>
    cond(
      lt(x, t(1)),
      (a: Tensor, b: Tensor) => mul(sin(a), b),
      (a: Tensor, b: Tensor) => add(exp(a), mul(a, mul(b, b))),
      x,
      y,
    );
  const g = (x: Tensor, y: Tensor) => (num(x) < 1 ? mul(sin(x), y) : add(exp(x), mul(x, mul(y, y))));
  test.each([
    [0.5, 2],
    [1.5, 2],
  ])("derivatives at %d", (x, y) => {
    close(f(t(x), t(y)), g(t(x), t(y)));
    for (const h of [f, jit(f) as typeof f]) {
      const a = vjp(h, t(x), t(y)).pullback(t(1));
      const b = vjp(g, t(x), t(y)).pullback(t(1));
      a.forEach((v, i) => close(v, b[i]));
    }
    close(
      grad((v: Tensor) => grad((u: Tensor) => f(u, v))(x))(y),
      grad((v: Tensor) => grad((u: Tensor) => g(u, v))(x))(y),
    );
    close(
      jit(grad((v: Tensor) => grad((u: Tensor) => f(u, v))(x)))(y),
      grad((v: Tensor) => grad((u: Tensor) => g(u, v))(x))(y),
    );
  });
  test("batched predicates select; gradients too", () => {
    const xs = [0.5, 1.5, 0.9],
      ys = [1, 2, 3];
    close(vmap(f)(xs, ys), t(xs.map((x, i) => num(g(t(x), t(ys[i]))))));
    close(
      vmap((x: Tensor, y: Tensor) => grad((v: Tensor) => f(v, y))(x))(xs, ys),
      t(xs.map((x, i) => num(grad((v: Tensor) => g(v, t(ys[i])))(x)))),
    );
    close(vmap((y: Tensor) => f(t(0.3), y))(ys), t(ys.map((y) => num(g(t(0.3), t(y))))));
  });
  test("switchCase clamps", () => {
    const s = (i: number) => num(switchCase(i, [() => t(1), () => t(2), () => t(3)]));
    expect([s(-1), s(0), s(1), s(2), s(7)]).toEqual([1, 1, 2, 3, 3]);
    const v = vmap((i: Tensor) =>
      switchCase(ops.convert(i, "int32"), [(x: Tensor) => x, neg, (x: Tensor) => mul(x, x)], t(5)),
    )([0, 1, 2, 9]);
    expect(v.toArray()).toEqual([5, -5, 25, 25]);
  });
  test("branches must agree", () => {
    expect(() =>
      cond(
        true,
        () => t(1) as Tensor,
        () => t([1, 2]),
      ),
    ).toThrow(/float64\[2\] against float64\[\]|float64\[\] against float64\[2\]/);
  });
});

describe("tap", () => {
  test("sees values in order, everywhere", () => {
    const seen: number[] = [];
    const look = (v: Tensor) => void seen.push(num(v));
    const f = (xs: Tensor) => scan((c: Tensor, x: Tensor) => [tap(add(c, x), look), null] as const, 0, xs)[0] as Tensor;
    expect(num(f(t([1, 2, 3])))).toBe(6);
    expect(seen).toEqual([1, 3, 6]);
    seen.length = 0;
    jit(grad(f))([1, 2]);
    expect(seen).toEqual([1, 3]);
    seen.length = 0;
    vmap((x: Tensor) => tap(x, look))([7, 8]);
    expect(seen).toEqual([7, 8]);
    seen.length = 0;
    grad((x) => mul(tap(x, look), x))(4);
    expect(seen).toEqual([4]);
  });
});
