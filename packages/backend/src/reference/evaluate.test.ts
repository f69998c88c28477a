import { describe, expect, test } from "vitest";
import { type Atom, type Aval, aval, buildProgram, core, type Emit, type HostValue, literal, type Op } from "../index";
import { evaluate, hostValue } from "./evaluate";

const scalar = aval([], "float64");
const f64 = (...values: number[]) => hostValue("float64", [values.length], values);
const num = (v: number) => hostValue("float64", [], [v]);
const int = (v: number) => hostValue("int32", [], [v]);
const run = (ins: HostValue[], body: (emit: Emit, ...vars: Atom[]) => readonly Atom[]) =>
  evaluate(
    buildProgram(
      ins.map((v) => v.aval),
      body,
    ),
    ins,
  ).map((v) => [...v.data].map(Number));

// c' = 2c + x, y = c
const step = buildProgram([scalar, scalar], (emit, c, e) => [emit(core.add, {}, emit(core.add, {}, c, c)[0], e)[0], c]);
const scan = (reverse: boolean, ...xs: number[]) =>
  run([num(1), f64(...xs)], (emit, c, e) =>
    emit(core.scan, { body: step, length: xs.length, consts: 0, carry: 1, reverse }, c, e),
  );

describe("scan", () => {
  test("visits xs from the first to the last", () => expect(scan(false, 1, 2, 3)).toEqual([[19], [1, 3, 8]]));
  test("reversed, visits them from the last and keeps ys beside their xs", () =>
    expect(scan(true, 1, 2, 3)).toEqual([[25], [12, 5, 1]]));
  test("of length 0 keeps the carry and gives no ys", () => expect(scan(false)).toEqual([[1], []]));
});

describe("while", () => {
  // (3n + 1): steps to reach 1
  const collatz = (n: number) => {
    const i32: Aval = aval([], "int32");
    const cond = buildProgram([i32, i32], (emit, k) => emit(core.ne, {}, k, literal(1, "int32")));
    const body = buildProgram([i32, i32], (emit, k, count) => {
      const lit = (v: number) => literal(v, "int32");
      const [odd] = emit(core.mod, {}, k, lit(2));
      const branches = [
        buildProgram([i32], (e, q) => e(core.floorDiv, {}, q, lit(2))),
        buildProgram([i32], (e, q) => e(core.add, {}, e(core.mul, {}, q, lit(3))[0], lit(1))),
      ];
      return [emit(core.cond, { branches }, odd, k)[0], emit(core.add, {}, count, lit(1))[0]];
    });
    return run([int(n)], (emit, k) =>
      emit(core.whileLoop, { cond, body, condConsts: 0, bodyConsts: 0 }, k, literal(0, "int32")),
    );
  };
  test("runs as long as the predicate holds", () => expect(collatz(27)).toEqual([[1], [111]]));
  test("does not run where it does not", () => expect(collatz(1)).toEqual([[1], [0]]));
});

test("cond takes the branch of its index, clamped into range, and runs only it", () => {
  const heard: number[] = [];
  const branches = [10, 20, 30].map((v) =>
    buildProgram([scalar], (emit, a) => {
      emit(core.tap, { callback: (() => heard.push(v)) as never }, a);
      return [literal(v, "float64")];
    }),
  );
  const at = (i: number) => run([int(i), num(0)], (emit, k, a) => emit(core.cond, { branches }, k, a));
  expect([-5, 0, 1, 2, 9].map(at)).toEqual([[[10]], [[10]], [[20]], [[30]], [[30]]]);
  expect(heard).toEqual([10, 10, 20, 30, 30]);
});

test("a tap cannot change what flows through it", () => {
  const spoil = ((v: HostValue) => (v.data as Float64Array).fill(9)) as never;
  expect(run([f64(1, 2)], (emit, a) => [emit(core.tap, { callback: spoil }, a)[0], a])).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

describe("extension ops", () => {
  const op = (more: Partial<Op>): Op => ({ name: "ext", core: false, abstract: ([a]) => [a], ...more });
  const with_ = (more: Partial<Op>) => run([f64(1, 2)], (emit, a) => emit(op(more), {}, a));
  test("compose, or run on the host; compose is preferred", () => {
    const compose: Op["compose"] = ([a]) => buildProgram([a], (emit, q) => emit(core.neg, {}, q));
    const host: Op["host"] = ([a]) => [(a.data as Float64Array).map((v) => v * 10)];
    expect(with_({ compose })).toEqual([[-1, -2]]);
    expect(with_({ host })).toEqual([[10, 20]]);
    expect(with_({ compose, host })).toEqual([[-1, -2]]);
  });
  test("a host function that returns the wrong array is named", () => {
    expect(() => with_({ host: () => [new Float32Array(2)] })).toThrow(
      /ext: results must have the sizes and dtypes.*float32\[2\]/,
    );
    expect(() => with_({ host: () => [] })).toThrow(/ext: results/);
  });
  test("one with neither is named", () => expect(() => with_({})).toThrow(/extension op ext has no meaning here/));
});

test("inputs that are not the program's are refused", () => {
  const p = buildProgram([scalar], (_, a) => [a]);
  expect(() => evaluate(p, [f64(1)])).toThrow(/expected: \[float64\[\]\], seen: \[float64\[1\]\]/);
  expect(() => evaluate(p, [])).toThrow(/inputs must be those of the program/);
});
