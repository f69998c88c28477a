import { aval, type Backend, buildProgram, core, literal, type Program, type TypedArray } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explain } from "./explain";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";

const wasm = wasmBackend({ lowerings: allLowerings });
const reference = referenceBackend();
const arrays = { float32: Float32Array, float64: Float64Array };

const fill = (dtype: "float32" | "float64", n: number, of: (i: number) => number): TypedArray =>
  arrays[dtype].from(Array.from({ length: n }, (_, i) => of(i)));

const run = (b: Backend, p: Program, data: TypedArray): number[] =>
  b
    .compile(p)
    .run([b.upload(data, p.inputs[0].aval)])
    .flatMap((o) => [...(b.readSync!(o) as Float64Array)]);

/** Both extremes of a matrix along an axis; `fused` doubles first, so that the program is one for its shapes. */
const extremes = (shape: readonly [number, number], dtype: "float32" | "float64", axis: number, fused: boolean) =>
  buildProgram([aval(shape, dtype)], (emit, x) => {
    const [y] = fused ? emit(core.add, {}, x, x) : [x];
    return [core.reduceMax, core.reduceMin].map((op) => emit(op, { axes: [axis] }, y)[0]);
  });

// Rows of zeros of both signs with some of everything else, so that every rule decides some of them.
const rare = fc.constantFrom(Number.NaN, -Number.NaN, 1.5, -1.5, Infinity, -Infinity, 5e-324);
const numbers = (n: number) =>
  fc.array(fc.oneof({ arbitrary: fc.constantFrom(0, -0), weight: 60 }, { arbitrary: rare, weight: 1 }), {
    minLength: n,
    maxLength: n,
  });

for (const dtype of ["float32", "float64"] as const)
  for (const axis of [0, 1])
    for (const fused of [false, true])
      test(`max and min of ${dtype} along axis ${axis}${fused ? ", fused" : ""}, carry NaN and order the zeros`, () => {
        for (const shape of [
          [3, 150],
          [37, 16],
          [2, 3],
        ] as const) {
          const p = extremes(shape, dtype, axis, fused);
          fc.assert(
            fc.property(numbers(shape[0] * shape[1]), (xs) => {
              const data = arrays[dtype].from(xs);
              expect(run(wasm, p, data)).toEqual(run(reference, p, data));
            }),
            { numRuns: 40 },
          );
        }
      });

test("one -0 among zeros is the least, one +0 among negative zeros the largest, wherever they stand", () => {
  for (const dtype of ["float32", "float64"] as const)
    for (let at = 0; at < 150; at++) {
      const [p, n] = [extremes([1, 150], dtype, 1, false), 150];
      const least = fill(dtype, n, (i) => (i === at ? -0 : 0));
      expect(run(wasm, p, least)).toEqual([0, -0]);
      expect(
        run(
          wasm,
          p,
          fill(dtype, n, (i) => (i === at ? 0 : -0)),
        ),
      ).toEqual([0, -0]);
      const marked = fill(dtype, n, (i) => (i === at ? Number.NaN : i));
      expect(run(wasm, p, marked)).toEqual([Number.NaN, Number.NaN]);
    }
});

test("max, min and clamp with known numbers, element by element, carry NaN and order the zeros", () => {
  const special = [0, -0, Number.NaN, -Number.NaN, 1, -1, 2.5, -2.5, Infinity, -Infinity, 5e-324];
  const known = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN];
  for (const dtype of ["float32", "float64"] as const) {
    const n = 150;
    const data = fill(dtype, n, (i) => special[(i * 7) % special.length] as number);
    const number = (emit: Parameters<Parameters<typeof buildProgram>[1]>[0], v: number) =>
      emit(core.broadcast, { shape: [n], axes: [] }, literal(v, dtype))[0];
    for (const c of known) {
      const p = buildProgram([aval([n], dtype)], (emit, x) => [
        ...emit(core.max, {}, x, number(emit, c)),
        ...emit(core.max, {}, number(emit, c), x),
        ...emit(core.min, {}, x, number(emit, c)),
        ...emit(core.min, {}, number(emit, c), x),
        ...known.flatMap((high) => emit(core.clamp, {}, number(emit, c), x, number(emit, high))),
      ]);
      if (!Number.isNaN(c)) expect(explain(wasm, p)).toContain("atLeast");
      expect(run(wasm, p, data), `${dtype} ${c}`).toEqual(run(reference, p, data));
    }
  }
});
