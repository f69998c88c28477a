import { wasmBackend } from "@ansatz/backend-wasm";
import { describe, expect, test } from "vitest";
import { state } from "../core/state";
import {
  add,
  cond,
  debugNaNs,
  exp,
  explain,
  jit,
  less,
  log,
  mul,
  prepare,
  profile,
  scan,
  sub,
  sum,
  type Tensor,
  tensor,
  useBackend,
  vmap,
  whileLoop,
  withBackend,
} from "../index";

const num = (x: Tensor) => x.item() as number;
const compiles = (f: () => unknown): number => {
  const before = state.compiles;
  f();
  return state.compiles - before;
};

describe("the cache", () => {
  test("one compile per shape, dtype and structure; the report says what differed", () => {
    const reports: string[] = [];
    const f = jit((p: { w: Tensor; layers: Tensor[] }, x: Tensor) => add(mul(p.w, x), p.layers[0]), {
      onMiss: (r) => void reports.push(r),
      name: "f",
    });
    const p = { w: tensor([1, 2]), layers: [tensor(3)] };
    expect(
      compiles(() => {
        f(p, [1, 1]);
        f(p, [2, 2]);
        f({ layers: [tensor(1)], w: tensor([5, 5]) }, [3, 3]);
      }),
    ).toBe(1);
    f({ ...p, layers: [tensor([1, 2])] }, [1, 1]);
    f(p, tensor(new Float32Array([1, 2])));
    f({ ...p, layers: [tensor(1), tensor(2)] }, [1, 1]);
    expect(reports).toEqual([
      "jit(f): first call",
      "jit(f): compiled again, because argument 0.layers[0] was float64[] (weak), now float64[2] (weak)",
      expect.stringMatching(
        /argument 0.layers\[0\] was float64\[2\] \(weak\), now float64\[\] \(weak\)|argument 1 was/,
      ),
      expect.stringMatching(/compiled again/),
    ]);
    expect(compiles(() => f(p, [9, 9]))).toBe(0);
  });
  test("numbers are traced, booleans, strings and functions are static", () => {
    let traces = 0;
    const f = jit((x: Tensor, o: { twice: boolean; by: (x: Tensor) => Tensor }, how: string) => {
      traces++;
      const y = o.by(x);
      return how === "add" ? (o.twice ? add(y, y) : y) : mul(y, 10);
    });
    const o = { twice: true, by: exp };
    expect(num(f(0, o, "add"))).toBe(2);
    expect(num(f(1, o, "add"))).toBeCloseTo(2 * Math.E, 12);
    expect(traces).toBe(1);
    expect(num(f(0, { ...o, twice: false }, "add"))).toBe(1);
    expect(num(f(0, o, "mul"))).toBe(10);
    expect(traces).toBe(3);
  });
  test("static arguments are passed as they are", () => {
    const power = jit(
      (x: Tensor, n: number) => {
        let y = x;
        for (let i = 1; i < n; i++) y = mul(y, x);
        return y;
      },
      { static: [1] },
    );
    expect([num(power(2, 3)), num(power(2, 5)), num(power(3, 3))]).toEqual([8, 32, 27]);
  });
  test("results keep their structure; what passes through is not copied", () => {
    const f = jit((x: Tensor, y: Tensor) => ({ same: x, list: [add(x, y), null], name: "r", twice: [x, x] as const }));
    const x = tensor([1, 2]);
    const r = f(x, 1);
    expect(r.list[0]?.toArray()).toEqual([2, 3]);
    expect([r.list[1], r.name]).toEqual([null, "r"]);
    expect(r.same.cell).toBe(x.cell);
    r.same.dispose();
    expect(r.twice[1].toArray()).toEqual([1, 2]);
  });
  test("jit inside jit, and a closure over an outer tracer", () => {
    const inner = jit((x: Tensor) => mul(x, 2));
    const outer = jit((x: Tensor) => add(inner(x), jit((y: Tensor) => mul(x, y))(3)));
    expect(num(outer(5))).toBe(25);
    let held: Tensor | null = null;
    const g = jit((y: Tensor) => (held ? mul(held, y) : y));
    const h = (c: number) =>
      jit((x: Tensor) => {
        held = mul(x, c);
        return g(2);
      })(1);
    expect([num(h(3)), num(h(7))]).toEqual([6, 14]); // not the stale tracer of the first call
  });
  test("equal programs of new closures compile once", () => {
    const run = (c: number) => scan((s: Tensor, x: Tensor) => [add(s, mul(x, c)), null] as const, 0, [1, 2, 3])[0];
    run(2);
    expect(
      compiles(() => {
        run(2);
        run(2);
      }),
    ).toBe(0);
  });
  test("prepare compiles, and the call after it does not", async () => {
    const f = jit((x: Tensor) => exp(sub(x, 0.123)));
    const before = state.compiles;
    await prepare(f, [1, 2]);
    expect(state.compiles - before).toBe(1);
    expect(compiles(() => f([0.123, 3]))).toBe(0);
    await expect(prepare(exp, [1])).rejects.toThrow(/made by jit/);
  });
  test("only so many signatures are remembered", () => {
    const f = jit((x: Tensor) => add(x, 1));
    for (let n = 1; n <= 300; n++) f(new Float64Array(n));
    expect(num(sum(f(new Float64Array(1))))).toBe(1);
  });
  test("common subexpressions and dead code go", () => {
    const text = explain((x: Tensor) => {
      const _ = exp(exp(x));
      return add(exp(x), exp(x));
    })(1);
    expect(text.match(/exp/g)?.length).toBeLessThan(4);
    expect(text.split("\n").filter((l) => /= exp /.test(l)).length).toBe(1);
  });
});

test("a profile shows the steps with their times, captured tensors and all", async () => {
  const w = tensor([1, 2, 3]);
  const text = await profile((x: Tensor) => sum(mul(w, exp(x))), { runs: 3 })([0, 1, 2]);
  expect(text).toMatch(/^[\d.e-]+ ms a run/);
  expect(text).toMatch(/loop .*exp.* ms \(\d+ %\)/);
});

test("a million captured numbers leave the module's size unchanged", () => {
  const sizes: number[] = [];
  const Original = WebAssembly.Module;
  class Counting extends Original {
    constructor(bytes: BufferSource) {
      super(bytes);
      sizes.push(bytes.byteLength);
    }
  }
  withBackend(wasmBackend(), () => {
    (WebAssembly as { Module: unknown }).Module = Counting;
    try {
      const size = (n: number): number => {
        const captured = tensor(new Float64Array(n).fill(2));
        const f = jit((x: Tensor) => sum(mul(captured, x)));
        sizes.length = 0;
        expect(num(f(3))).toBe(6 * n);
        return sizes.reduce((a, b) => a + b, 0);
      };
      size(10); // the runtime module comes with the first program
      const [small, large] = [size(2 ** 17), size(2 ** 20)]; // both are sums in whole blocks
      expect(small).toBeGreaterThan(0);
      expect(Math.abs(large - small)).toBeLessThan(64);
    } finally {
      (WebAssembly as { Module: unknown }).Module = Original;
    }
  });
});

describe("errors in traces", () => {
  test("asking for a value says what to use instead", () => {
    expect(() => jit((x: Tensor) => (num(x) > 0 ? x : x))(1)).toThrow(
      /item: there is no value inside jit\(function\).*where\(\) or cond\(\).*tap\(\)/,
    );
    expect(() => scan((c: Tensor) => [c, c.toArray()] as never, 0, null, { length: 1 })).toThrow(/inside scan/);
    expect(() => vmap((x: Tensor) => x.dataSync() as never)([1])).toThrow(/inside vmap/);
  });
  test("a leaked tracer is named", () => {
    let leak: Tensor | null = null;
    jit(
      (x: Tensor) => {
        leak = mul(x, 2);
        return x;
      },
      { name: "step" },
    )(1);
    expect(() => add(leak as never, 1)).toThrow(/made inside jit\(step\) was used after it returned/);
    expect(() => jit((x: Tensor) => add(x, leak as never))(1)).toThrow(/made inside jit\(step\)/);
    expect(() => (leak as unknown as Tensor).item()).toThrow(/made inside jit\(step\)/);
  });
  test("promises are refused", () => {
    expect(() => jit(async (x: Tensor) => x)(1)).toThrow(/must be synchronous/);
  });
  test("what is no tree is refused by its path", () => {
    expect(() => jit((p: { at: Tensor }) => p.at)({ at: new Date() as never })).toThrow(/Date/);
  });
});

describe("debugNaNs", () => {
  test("names the first equation that made one, in calls, loops and branches", () => {
    useBackend(wasmBackend());
    debugNaNs();
    try {
      expect(() => log(-1)).toThrow(/log: a NaN came out of: .* = log/);
      expect(() => jit((x: Tensor) => add(log(sub(x, 1)), 1), { name: "f" })(0)).toThrow(
        /jit\(f\): a NaN came out of: .* = log .*, got .*: float64\[\] -1/,
      );
      expect(() =>
        jit((x: Tensor) => scan((c: Tensor) => [log(c), null] as const, x, null, { length: 4 })[0])(2),
      ).toThrow(/= log .* \(in round 2 of scan\)/);
      expect(() =>
        jit((x: Tensor) =>
          cond(
            less(x, 0),
            (y: Tensor) => log(y),
            (y: Tensor) => y,
            x,
          ),
        )(-2),
      ).toThrow(/= log .* \(in branch 1\)/);
      expect(() =>
        jit((x: Tensor) =>
          whileLoop(
            (c) => less(c, 10),
            (c) => log(c),
            x,
          ),
        )(2),
      ).toThrow(/= log .* \(in round 2 of while\)/);
      expect(jit((x: Tensor) => log(x))(Number.NaN).item()).toBeNaN(); // it was there before
      expect(num(log(1))).toBe(0);
    } finally {
      debugNaNs(false);
    }
    expect(num(log(-1))).toBeNaN();
  });
});
