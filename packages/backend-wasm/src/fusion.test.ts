import {
  type Atom,
  type Aval,
  aval,
  type Backend,
  buildProgram,
  core,
  type DType,
  literal,
  type Program,
  printProgram,
  sizeOf,
  type TypedArray,
} from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explain } from "./explain";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";

type Emit = Parameters<Parameters<typeof buildProgram>[1]>[0];

const run = (b: Backend, p: Program, data: readonly TypedArray[]): number[][] => {
  const inputs = p.inputs.map((v, i) => b.upload(data[i], v.aval));
  return b
    .compile(p)
    .run(inputs)
    .map((o) => [...(b.readSync!(o) as Float64Array)].map(Number));
};

const agree = (p: Program, data: readonly TypedArray[], eps: number): void => {
  const want = run(referenceBackend(), p, data);
  const got = run(wasmBackend({ lowerings: allLowerings }), p, data);
  want.forEach((w, i) => {
    w.forEach((x, k) => {
      const y = got[i][k];
      const near = Object.is(x, y) || Math.abs(x - y) <= eps * (1 + Math.abs(x));
      expect(near, `output ${i} at ${k} is ${y}, expected ${x}\n${printProgram(p)}`).toBe(true);
    });
  });
};

/** A random program over matrices of one dtype, all of shapes that lanes do not divide; values stay within a few units. */
const fused = (seed: readonly number[], shape: readonly [number, number], dtype: DType): Program => {
  const [n, m] = shape;
  const avals: Aval[] = [
    aval([n, m], dtype),
    aval([m], dtype),
    aval([n, 1], dtype),
    aval([], dtype),
    aval([m, n], dtype),
  ];
  return buildProgram(avals, (emit: Emit, ...inputs: Atom[]) => {
    const [, row, column, scalar, turned] = inputs;
    const one = (...a: Parameters<Emit>): Atom => emit(...a)[0];
    const whole = (v: Atom, axes: number[]) => one(core.broadcast, { shape: [n, m], axes }, v);
    const half = whole(literal(0.5, dtype), []);
    const values: Atom[] = [
      inputs[0],
      whole(row, [1]),
      whole(column, [0, 1]),
      whole(scalar, []),
      one(core.transpose, { permutation: [1, 0] }, turned),
    ];
    for (const s of seed) {
      const pick = (k: number): Atom => values[Math.floor(s / 7 ** k) % values.length];
      const [a, b] = [pick(1), pick(2)];
      const reduced = (op: typeof core.reduceSum, axis: number): Atom => {
        const r = one(op, { axes: [axis] }, one(core.mul, {}, a, half));
        const t = one(core.tanh, {}, r);
        return whole(t, [1 - axis]);
      };
      const makers: (() => Atom)[] = [
        () => one(core.tanh, {}, one(core.add, {}, a, b)),
        () => one(core.mul, {}, one(core.sin, {}, a), b),
        () => one(core.select, {}, one(core.lt, {}, a, b), a, one(core.mul, {}, b, half)),
        () => reduced(core.reduceSum, 0),
        () => reduced(core.reduceSum, 1),
        () => reduced(core.reduceMax, 0),
        () => reduced(core.reduceMin, 1),
        () => one(core.reverse, { axes: [s % 2] }, a),
        () => one(core.cumMax, { axis: s % 2, reverse: s % 3 === 0 }, a),
        () => {
          const flat = one(core.reshape, { shape: [n * m] }, one(core.sub, {}, a, b));
          return one(core.reshape, { shape: [n, m] }, one(core.tanh, {}, flat));
        },
        () => {
          const cut = one(core.slice, { start: [1, 2], limit: [n, m], strides: [1, 1] }, one(core.max, {}, a, b));
          return one(core.pad, { low: [1, 0], high: [0, 2], interior: [0, 0] }, cut, literal(-0.25, dtype));
        },
        () => {
          const product = one(
            core.dotGeneral,
            { lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: [] },
            a,
            one(core.mul, {}, b, half),
          );
          const r = one(core.reduceMax, { axes: [0] }, one(core.tanh, {}, product));
          return whole(r, [1]);
        },
        () => {
          const c = one(core.convert, { dtype: "int32" }, one(core.mul, {}, a, whole(literal(10, dtype), [])));
          const d = one(core.convert, { dtype }, c);
          return one(core.tanh, {}, d);
        },
        () => one(core.clamp, {}, literal(-1, dtype), one(core.add, {}, a, b), literal(1, dtype)),
      ];
      values.push(makers[s % makers.length]());
    }
    return values.slice(-3);
  });
};

test.each(["float64", "float32"] as const)(
  "random fused %s programs of awkward extents agree with the reference",
  (dtype) => {
    const shape = fc.tuple(fc.integer({ min: 3, max: 21 }), fc.integer({ min: 3, max: 21 }));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 10 ** 6 }), { minLength: 1, maxLength: 8 }), shape, (seed, s) => {
        const p = fused(seed, s as [number, number], dtype);
        const data = p.inputs.map((v, k) => {
          const values = Array.from({ length: sizeOf(v.aval.shape) }, (_, i) => Math.sin(7 * i + k) * 1.3);
          return dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values);
        });
        // A convert to int32 sits on the fence where rounding decides; none of these inputs comes near one in float64.
        agree(p, data, dtype === "float64" ? 1e-11 : 3e-4);
      }),
      { numRuns: 100, seed: 5 },
    );
  },
  60_000,
);

test("loops longer than a tile cover every element once, in programs and in eager ops", () => {
  const n = 100_003;
  const a = aval([n], "float64");
  const x = Float64Array.from({ length: n }, (_, i) => i % 1013);
  const b = wasmBackend({ lowerings: allLowerings });
  const programs = [
    buildProgram([a], (emit, v) => emit(core.add, {}, emit(core.mul, {}, v, v)[0], v)),
    buildProgram([a], (emit, v) => emit(core.abs, {}, v)),
  ];
  const results = programs.map((p) => b.readSync(b.compile(p).run([b.upload(x, a)])[0]) as Float64Array);
  expect(results[0].every((v, i) => v === x[i] * x[i] + x[i])).toBe(true);
  expect(results[1]).toEqual(x);
  const m = aval([300, 501], "float64");
  const y = Float64Array.from({ length: 300 * 501 }, (_, i) => (i * 37) % 101);
  for (const axis of [0, 1]) {
    const [s] = b
      .compile(buildProgram([m], (emit, v) => emit(core.reduceSum, { axes: [axis] }, v)))
      .run([b.upload(y, m)]);
    const want = new Array(axis === 0 ? 501 : 300).fill(0);
    y.forEach((v, i) => {
      want[axis === 0 ? i % 501 : Math.floor(i / 501)] += v;
    });
    expect([...(b.readSync(s) as Float64Array)]).toEqual(want);
  }
});

test("what is fused is one loop: an elementwise chain, a reduction with what comes before and after it", () => {
  const b = wasmBackend({ lowerings: allLowerings });
  const m = aval([32, 64], "float32");
  const chain = buildProgram([m, m], (emit, x, y) => {
    const [s] = emit(core.add, {}, x, y);
    const [t] = emit(core.tanh, {}, s);
    const [u] = emit(core.transpose, { permutation: [1, 0] }, t);
    return emit(core.exp, {}, u);
  });
  expect(explain(b, chain).match(/^loop /gm)?.length).toBe(1);
  const variance = buildProgram([m], (emit, x) => {
    const [sq] = emit(core.mul, {}, x, x);
    const [s1] = emit(core.reduceSum, { axes: [1] }, x);
    const [s2] = emit(core.reduceSum, { axes: [1] }, sq);
    const [mean2] = emit(core.mul, {}, s1, s1);
    return emit(core.sub, {}, s2, mean2);
  });
  expect(explain(b, variance)).toMatch(/loop 32, reduced over 64, 2 lanes|loop 32, reduced over 64, 4 lanes/);
});

test("a mean with kept axes, and what is done to it, are epilogues of its sum", () => {
  const b = wasmBackend({ lowerings: allLowerings });
  const p = buildProgram([aval([32, 64], "float32")], (emit, x) => {
    const [s] = emit(core.reduceSum, { axes: [1] }, x);
    const [k] = emit(core.reshape, { shape: [32, 1] }, s);
    const [n] = emit(core.broadcast, { shape: [32, 1], axes: [] }, literal(64, "float32"));
    const [m] = emit(core.div, {}, k, n);
    return emit(core.exp, {}, m);
  });
  expect(explain(b, p)).toContain("loop 32, reduced over 64, 4 lanes: sum div exp ← i0 → o0");
});

test("a product that is only read transposed is made transposed", () => {
  const b = wasmBackend({ lowerings: allLowerings });
  const [m, n] = [aval([3, 40, 20], "float64"), aval([3, 20, 30], "float64")];
  const p = buildProgram([m, n], (emit, x, y) => {
    const dot = { lhsContract: [2], rhsContract: [1], lhsBatch: [0], rhsBatch: [0] };
    const [z] = emit(core.dotGeneral, dot, x, y);
    const [t] = emit(core.transpose, { permutation: [0, 2, 1] }, z);
    return emit(core.tanh, {}, t);
  });
  expect(explain(b, p)).toContain("loop 3600, 2 lanes: tanh");
  const data = [m, n].map((a, k) => Float64Array.from({ length: sizeOf(a.shape) }, (_, i) => Math.sin(i + k)));
  agree(p, data, 1e-13);
});

test("a carry that is updated in place needs one buffer, and an update of one row touches one row", () => {
  const b = wasmBackend({ lowerings: allLowerings });
  const table = aval([1000, 8], "float64");
  const body = buildProgram([aval([], "int32"), table], (emit, i, t) => {
    const [row] = emit(core.broadcast, { shape: [1, 8], axes: [] }, emit(core.convert, { dtype: "float64" }, i)[0]);
    const [u] = emit(core.dynamicUpdateSlice, {}, t, row, i, literal(0, "int32"));
    return [emit(core.add, {}, i, literal(1, "int32"))[0], u];
  });
  const p = buildProgram([table], (emit, t) =>
    emit(core.scan, { body, length: 1000, consts: 0, carry: 2, reverse: false }, literal(0, "int32"), t),
  );
  expect(explain(b, p)).toContain("2 carried (2 in place)");
  const [, out] = b.compile(p).run([b.upload(new Float64Array(8000), table)]);
  expect([...(b.readSync(out) as Float64Array)]).toEqual(Array.from({ length: 8000 }, (_, k) => Math.floor(k / 8)));
});
