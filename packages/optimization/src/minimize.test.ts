import {
  add,
  jit,
  key,
  matmul,
  mean,
  mul,
  normal,
  scan,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
} from "@ansatz/tensor";
import { assertClose } from "@ansatz/tensor/testing";
import { describe, expect, test } from "vitest";
import {
  adam,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  type DescentState,
  type GradientTransform,
  gradientDescent,
  nesterov,
  rmsprop,
  sgd,
  warmup,
} from "./index";

interface Line {
  readonly w: Tensor;
  readonly b: Tensor;
}
const x = normal(key(1), [32, 3], { dtype: "float32" });
const y = add(matmul(x, tensor(Float32Array.of(1, -2, 0.5))), 0.3);
const loss = ({ w, b }: Line, xs: Tensor, ys: Tensor): Tensor => mean(square(sub(add(matmul(xs, w), b), ys)));
const origin = (): Line => ({ w: tensor(Float32Array.of(0, 0, 0)), b: tensor(Float32Array.of(0), { shape: [] }) });

const optimizers: Record<string, GradientTransform> = {
  sgd: sgd(0.1),
  "momentum under a schedule": sgd(warmup(5, cosineDecay(0.1, 50)), { momentum: 0.8, nesterov: true }),
  "clipped adam": chain(clipByGlobalNorm(1), adam(0.05)),
  rmsprop: rmsprop((t) => mul(0.01, add(1, mul(0, t)))),
};

const numbers = (t: unknown): number[] =>
  (tree.leaves(t) as Tensor[]).flatMap((l) => Array.from(l.dataSync() as Float32Array));

describe.each(Object.entries(optimizers))("descent by %s", (_name, optimizer) => {
  const descent = gradientDescent(loss, optimizer);
  const eager = (steps: number, from = descent.init(origin())): DescentState<Line> => {
    let state = from;
    for (let i = 0; i < steps; i++) state = descent.step(state, x, y).state;
    return state;
  };

  test("makes the same numbers compiled, compiled with its state given away, and as one scan", () => {
    const steps = 12;
    const want = eager(steps);
    const near = { rtol: 1e-5, atol: 1e-6 }; // float32: fusion may round once less
    for (const step of [jit(descent.step), jit(descent.step, { donate: [0] })]) {
      let state = descent.init(origin());
      for (let i = 0; i < steps; i++) state = step(state, x, y).state;
      assertClose(numbers(state), numbers(want), near);
    }
    const [last, losses] = scan(
      (s: DescentState<Line>, _: null) => {
        const { state, info } = descent.step(s, x, y);
        return [state, info.loss] as const;
      },
      descent.init(origin()),
      null,
      { length: steps },
    );
    assertClose(numbers(last), numbers(want), near);
    expect(losses.shape).toEqual([steps]);
  });

  test("compiles once: the state keeps its structure, shapes, dtypes and weakness", () => {
    const misses: string[] = [];
    const step = jit(descent.step, { onMiss: (report: string) => misses.push(report) });
    let state = descent.init(origin());
    for (let i = 0; i < 5; i++) state = step(state, x, y).state;
    expect(misses).toHaveLength(1);
    expect(state.step.item()).toBe(5);
    expect([state.params.w.dtype, state.params.b.dtype]).toEqual(["float32", "float32"]);
  });

  test("its state survives a round trip through plain numbers, bit for bit", () => {
    const half = eager(6);
    const { leaves, structure } = tree.flatten(half);
    const saved = JSON.stringify(
      (leaves as Tensor[]).map((l) => ({
        dtype: l.dtype,
        shape: l.shape,
        data: Array.from(l.dataSync() as Float32Array),
      })),
    );
    const loaded = (JSON.parse(saved) as { dtype: "float32"; shape: number[]; data: number[] }[]).map(
      ({ dtype, shape, data }) => tensor(data, { dtype, shape }),
    );
    const resumed = eager(6, tree.unflatten(structure, loaded) as DescentState<Line>);
    expect(numbers(resumed)).toEqual(numbers(eager(12)));
  });

  test("goes down, and tells the loss and the gradient's norm where it stood", () => {
    const first = descent.step(descent.init(origin()), x, y).info;
    assertClose(first.loss, loss(origin(), x, y), { rtol: 1e-6 });
    expect(loss(eager(40).params, x, y).item() as number).toBeLessThan(0.5 * (first.loss.item() as number));
    // ∂/∂b = −2 mean(y), ∂/∂w = −2 mean(y x)
    const db = mul(-2, mean(y));
    const dw = mul(-2 / 32, matmul(y, x));
    assertClose(square(first.gradientNorm), add(square(db), sum(square(dw))), { rtol: 1e-5 });
  });
});

describe("parameters of any form", () => {
  test("plain numbers and arrays are welcome", () => {
    const descent = gradientDescent(
      (p: { a: Tensor; b: Tensor }) => add(sum(square(p.a)), square(sub(p.b, 1))),
      sgd(0.25),
    );
    let state = descent.init({ a: [1, 2], b: 3 });
    for (let i = 0; i < 2; i++) state = descent.step(state).state;
    assertClose(state.params.a, [0.25, 0.5]);
    assertClose(state.params.b, 1.5);
  });

  test("a list of layers with empty places", () => {
    const descent = gradientDescent((p: (Tensor | null)[]) => square(p[0] as Tensor), adam(0.1));
    const { state } = descent.step(descent.init([tensor(1), null]));
    assertClose(state.params[0] as Tensor, 0.9, { rtol: 1e-7 });
    expect(state.params[1]).toBeNull();
  });
});

describe("Nesterov's method", () => {
  const quadratic = (p: Tensor): Tensor => mul(0.5, sum(mul(square(p), tensor(Float64Array.of(1, 10)))));
  const start = (): Tensor => tensor(Float64Array.of(1, 1));

  test("with β = 0 is gradient descent", () => {
    const a = nesterov(quadratic, 0.05, 0);
    const b = gradientDescent(quadratic, sgd(0.05));
    let s = a.init(start());
    let t = b.init(start());
    for (let i = 0; i < 5; i++) {
      s = a.step(s).state;
      t = b.step(t).state;
      assertClose(s.params, t.params, { rtol: 1e-15 });
    }
  });

  test("is the look-ahead form of momentum: sgd's iterate is its v", () => {
    const [eta, beta] = [0.05, 0.9];
    const a = nesterov(quadratic, eta, beta);
    const b = gradientDescent(quadratic, sgd(eta, { momentum: beta, nesterov: true }));
    let s = a.init(start());
    let t = b.init(start());
    for (let i = 0; i < 30; i++) {
      s = a.step(s).state;
      t = b.step(t).state;
      const ahead = add(s.params, mul(beta, sub(s.params, s.optimizer as Tensor)));
      assertClose(t.params, ahead, { rtol: 1e-12, atol: 1e-14 });
    }
  });

  test("runs compiled, gives the same numbers and keeps float32", () => {
    const a = nesterov((p: Line) => loss(p, x, y), 0.1);
    let s = a.init(origin());
    let c = a.init(origin());
    const step = jit(a.step, { donate: [0] });
    for (let i = 0; i < 10; i++) {
      s = a.step(s).state;
      c = step(c).state;
    }
    assertClose(numbers(c), numbers(s), { rtol: 1e-5, atol: 1e-6 });
    expect(c.params.w.dtype).toBe("float32");
  });
});
