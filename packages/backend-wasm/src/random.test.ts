import { type Atom, aval, buildProgram, core, type FloatDType, literal, type Program } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explain } from "./explain";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";

const wasm = wasmBackend({ lowerings: allLowerings });
const reference = referenceBackend();
type Data = Parameters<typeof reference.upload>[0];
const run = (b: typeof wasm | typeof reference, p: Program, data: Data): number[] => {
  const [out] = b.compile(p).run([b.upload(data, p.inputs[0].aval)]);
  return Array.from(b.readSync!(out), Number);
};

/** convert(words >>> by), scaled. */
const floats = (shape: readonly number[], by: number, dtype: FloatDType): Program =>
  buildProgram([aval(shape, "uint32")], (emit, words) => {
    const whole = (v: Atom) => emit(core.broadcast, { shape, axes: [] }, v)[0];
    const [shifted] = emit(core.shiftRightLogical, {}, words, whole(literal(by, "uint32")));
    const [float] = emit(core.convert, { dtype }, shifted);
    return emit(core.mul, {}, float, whole(literal(0.75, dtype)));
  });

test.each(["float32", "float64"] as const)(
  "words become %s as numbers without a sign, however far shifted",
  (dtype) => {
    const words = fc.uint32Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 40 }), (data, by) => {
        const p = floats([data.length], by, dtype);
        expect(run(wasm, p, data)).toEqual(run(reference, p, data));
      }),
    );
    const top = new Uint32Array([2 ** 32 - 1, 2 ** 31, 1, 0, 2 ** 31 + 2 ** 8]);
    for (const by of [0, 1, 31, 32]) {
      const p = floats([5], by, dtype);
      expect(run(wasm, p, top)).toEqual(run(reference, p, top));
    }
  },
);

/** Uniform in [0, 1) with 52 bits of the pair of words. */
const uniform64 = (n: number): Program =>
  buildProgram([aval([], "key")], (emit, key) => {
    const whole = (v: number, d: "float64" | "uint32") =>
      emit(core.broadcast, { shape: [n], axes: [] }, literal(v, d))[0];
    const [high, low] = emit(core.randomBits, { shape: [n], width: 64 }, key);
    const float = (words: Atom, unit: number): Atom =>
      emit(core.mul, {}, emit(core.convert, { dtype: "float64" }, words)[0], whole(unit, "float64"))[0];
    const [rest] = emit(core.shiftRightLogical, {}, low, whole(12, "uint32"));
    return emit(core.add, {}, float(high, 2 ** -32), float(rest, 2 ** -52));
  });

test("pairs of words are drawn four at a time, and are the reference's", () => {
  const key = BigUint64Array.of(0x0123456789abcdefn);
  for (const n of [1, 5, 63, 64, 1001]) {
    const p = uniform64(n);
    expect(run(wasm, p, key)).toEqual(run(reference, p, key));
  }
  expect(explain(wasm, uniform64(1001))).toMatch(/4 lanes: convert threefry keyFirst keySecond ←/);
});
