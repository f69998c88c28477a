import { type Aval, aval } from "../aval";
import { buildProgram, type Emit } from "../build";
import { type DType, isFloat } from "../dtype";
import type { HostValue, Op } from "../op";
import * as core from "../ops/all";
import { type Atom, literal, type Program } from "../program";
import { hostValue } from "../reference/evaluate";
import { type ConformanceCase, programCase } from "./case";
import { ordinary } from "./values";

const i32 = aval([], "int32");
const add1 = (emit: Emit, i: Atom): Atom => emit(core.add, {}, i, literal(1, "int32"))[0];

/** Structure of programs, in any dtype that has addition. All values are small integers, so every result is exact. */
export const controlCases = (dtype: DType): ConformanceCase[] => {
  if (dtype === "bool" || dtype === "key") return [];
  const x = aval([3], dtype);
  const xs = aval([5, 3], dtype);
  const whole = (shape: readonly number[], seed: string): HostValue => {
    const v = ordinary("int32", shape, seed, { low: 0, high: 0.9 });
    return hostValue(dtype, shape, [...v.data].map(Number));
  };
  const int = (n: number) => hostValue("int32", [], [n]);
  const [v, w, table] = [whole([3], "v"), whole([3], "w"), whole([5, 3], "xs")];
  const zero = hostValue(dtype, [], [0]);
  const case_ = (op: string, variant: string, program: Program, inputs: readonly HostValue[]) =>
    programCase(op, dtype, program, inputs, { shapeClass: "program", variant });
  const program = (
    variant: string,
    ins: readonly Aval[],
    body: Parameters<typeof buildProgram>[1],
    inputs: HostValue[],
  ) => case_("program", variant, buildProgram(ins, body), inputs);

  const sumBody = buildProgram([x, x], (emit, c, e) => {
    const [s] = emit(core.add, {}, c, e);
    return [s, emit(core.mul, {}, s, c)[0]];
  });
  const scanCase = (variant: string, body: Program, p: Partial<core.ScanParams>, inputs: HostValue[]) => {
    const params: core.ScanParams = { body, length: 5, consts: 0, carry: 1, reverse: false, ...p };
    return case_(
      "scan",
      variant,
      buildProgram(
        inputs.map((i) => i.aval),
        (emit, ...ins) => emit(core.scan, params, ...ins),
      ),
      inputs,
    );
  };
  const swap = buildProgram([x, x], (_, a, b) => [b, a]);
  const innerScan = buildProgram([x, x], (emit, c, e) => {
    const body = buildProgram([aval([], dtype), aval([], dtype)], (emit2, s, t) => {
      const [r] = emit2(core.add, {}, s, t);
      return [r, r];
    });
    const [total] = emit(core.reduceSum, { axes: [0] }, e);
    const [, running] = emit(core.scan, { body, length: 3, consts: 0, carry: 1, reverse: true }, total, e);
    return [emit(core.add, {}, c, running)[0], running];
  });
  const scans = [
    scanCase("forward", sumBody, {}, [v, table]),
    scanCase("reverse", sumBody, { reverse: true }, [v, table]),
    scanCase("length 0", sumBody, { length: 0 }, [v, whole([0, 3], "none")]),
    scanCase("length 1", sumBody, { length: 1 }, [v, whole([1, 3], "single")]),
    scanCase("without xs, carries swapped", swap, { carry: 2 }, [v, w]),
    scanCase("an odd number of swaps and one more", swap, { carry: 2, length: 3 }, [v, w]),
    scanCase(
      "the carry becomes a constant",
      buildProgram([x, x], (_, c) => [c, c]),
      { consts: 1 },
      [v, w],
    ),
    scanCase(
      "xs pass through",
      buildProgram([x, x], (_, c, e) => [e, c]),
      {},
      [v, table],
    ),
    scanCase(
      "literals as results",
      buildProgram([aval([], dtype)], () => [literal(2, dtype), literal(3, dtype)]),
      {},
      [zero],
    ),
    scanCase(
      "consts, two carries, two xs",
      buildProgram([x, x, x, x, x], (emit, k, a, b, e, f) => {
        const [s] = emit(core.add, {}, a, e);
        const [t] = emit(core.sub, {}, b, f);
        return [t, emit(core.add, {}, s, k)[0], s, f];
      }),
      { consts: 1, carry: 2 },
      [w, v, v, table, whole([5, 3], "ys")],
    ),
    scanCase("nested", innerScan, {}, [v, table]),
    scanCase(
      "nothing carried",
      buildProgram([x], (emit, e) => [emit(core.neg, {}, e)[0]]),
      { carry: 0 },
      [table],
    ),
    scanCase(
      "a counter indexes",
      buildProgram([xs, i32], (emit, t, i) => {
        const [row] = emit(core.dynamicSlice, { sizes: [1, 3] }, t, i, literal(0, "int32"));
        return [add1(emit, i), row];
      }),
      { consts: 1, length: 7 },
      [table, int(-1)],
    ),
    scanCase(
      "an accumulator is updated in place",
      buildProgram([xs, i32, x], (emit, t, i, e) => {
        const [old] = emit(core.dynamicSlice, { sizes: [1, 3] }, t, i, literal(0, "int32"));
        const [sum] = emit(core.add, {}, old, emit(core.reshape, { shape: [1, 3] }, e)[0]);
        return [emit(core.dynamicUpdateSlice, {}, t, sum, i, literal(0, "int32"))[0], add1(emit, i), old];
      }),
      { carry: 2 },
      [table, int(0), whole([5, 3], "ys")],
    ),
  ];

  const whileCase = (
    variant: string,
    start: number,
    limit: number,
    steps: (emit: Emit, a: Atom, b: Atom) => Atom[],
  ) => {
    const cond = buildProgram([i32, i32, x, x], (emit, n, i) => emit(core.lt, {}, i, n));
    const body = buildProgram([x, i32, x, x], (emit, k, i, a, b) => {
      const [p, q] = steps(emit, a, b);
      return [add1(emit, i), emit(core.add, {}, p, k)[0], q];
    });
    return case_(
      "while",
      variant,
      buildProgram([i32, x, i32, x, x], (emit, ...ins) =>
        emit(core.whileLoop, { cond, body, condConsts: 1, bodyConsts: 1 }, ...ins),
      ),
      [int(limit), v, int(start), v, w],
    );
  };
  const countdown = (() => {
    const cond = buildProgram([i32], (emit, i) => emit(core.gt, {}, i, literal(0, "int32")));
    const body = buildProgram([i32], (emit, i) => emit(core.sub, {}, i, literal(1, "int32")));
    return case_(
      "while",
      "a program whose only equation is a loop",
      buildProgram([i32], (emit, i) => emit(core.whileLoop, { cond, body, condConsts: 0, bodyConsts: 0 }, i)),
      [int(9)],
    );
  })();
  const whiles = [
    countdown,
    whileCase("never", 5, 5, (_, a, b) => [a, b]),
    whileCase("once", 4, 5, (emit, a, b) => [emit(core.add, {}, a, b)[0], b]),
    whileCase("many times", 0, 6, (emit, a, b) => [emit(core.sub, {}, a, b)[0], a]),
    whileCase("swapping", 0, 5, (_, a, b) => [b, a]),
  ];

  const branches = [
    buildProgram([x, x], (emit, a, b) => [emit(core.add, {}, a, b)[0], a]),
    buildProgram([x, x], (_, a, b) => [b, a]),
    buildProgram([x, x], (emit, a) => {
      const [n] = emit(core.neg, {}, a);
      return [n, n];
    }),
  ];
  const pick = buildProgram([i32, x, x], (emit, ...ins) => emit(core.cond, { branches }, ...ins));
  const conds = [
    ...[0, 1, 2, -1, 3, 2 ** 31 - 1, -(2 ** 31)].map((i) => case_("cond", `branch ${i}`, pick, [int(i), v, w])),
    case_(
      "cond",
      "literals as results",
      buildProgram([i32], (emit, i) =>
        emit(
          core.cond,
          { branches: [buildProgram([], () => [literal(1, dtype)]), buildProgram([], () => [literal(2, dtype)])] },
          i,
        ),
      ),
      [int(1)],
    ),
    case_(
      "cond",
      "inside a scan, by a comparison",
      buildProgram([x, xs], (emit, c, t) => {
        const body = buildProgram([x, x], (emit2, a, e) => {
          const total = (q: Atom) => emit2(core.reduceSum, { axes: [0] }, q)[0];
          const [p] = emit2(core.lt, {}, total(a), total(e));
          const [i] = emit2(core.convert, { dtype: "int32" }, p);
          const [r] = emit2(core.cond, { branches }, i, a, e);
          return [r, e];
        });
        return emit(core.scan, { body, length: 5, consts: 0, carry: 1, reverse: false }, c, t);
      }),
      [v, table],
    ),
  ];

  const square = (emit: Emit, a: Atom): Atom => emit(core.mul, {}, a, a)[0];
  const ofCall = buildProgram([x, x], (emit, a, b) => [emit(core.sub, {}, square(emit, a), b)[0], b]);
  const composed: Op = {
    name: "cube",
    core: false,
    abstract: ([a]) => [a],
    compose: ([a]) => buildProgram([a], (emit, q) => emit(core.mul, {}, square(emit, q), q)),
  };
  const onHost: Op = {
    name: "hostReverse",
    core: false,
    abstract: ([a]) => [a, a],
    host: ([a]) => [a.data.slice().reverse(), a.data.slice()],
  };
  const programs = [
    program("an input is an output", [x], (_, a) => [a], [v]),
    program("an input is two outputs", [x], (_, a) => [a, a], [v]),
    program(
      "a result is two outputs",
      [x],
      (emit, a) => {
        const s = square(emit, a);
        return [s, a, s];
      },
      [v],
    ),
    program("literals are outputs", [x], (_, a) => [literal(1, dtype), a, literal(1, dtype)], [v]),
    program("no inputs", [], () => [literal(5, dtype)], []),
    program("inputs come out permuted", [x, x], (_, a, b) => [b, a], [v, w]),
    program("an unused input", [x, x], (emit, a) => [square(emit, a)], [v, w]),
    program(
      "dead code",
      [x, x],
      (emit, a, b) => {
        emit(core.sort, { axis: 0, keys: 1 }, a, b);
        square(emit, b);
        return [a];
      },
      [v, w],
    ),
    program(
      "shared subexpressions",
      [x],
      (emit, a) => {
        const s = square(emit, a);
        const t = emit(core.add, {}, s, s)[0];
        return [emit(core.mul, {}, t, s)[0], emit(core.sub, {}, t, s)[0]];
      },
      [v],
    ),
    program(
      "literal operands",
      [aval([], dtype)],
      (emit, a) => [emit(core.add, {}, a, literal(3, dtype))[0], emit(core.sub, {}, literal(3, dtype), a)[0]],
      [zero],
    ),
    program("both results of a sort", [x, x], (emit, a, b) => emit(core.sort, { axis: 0, keys: 1 }, a, b), [v, w]),
    program("one result of two", [x, x], (emit, a, b) => [emit(core.sort, { axis: 0, keys: 1 }, a, b)[1]], [v, w]),
    program(
      "a chain with a broadcast and a reduction",
      [x, xs],
      (emit, a, t) => {
        const [big] = emit(core.broadcast, { shape: [5, 3], axes: [1] }, square(emit, a));
        const [s] = emit(core.add, {}, big, t);
        const [r] = emit(core.reduceSum, { axes: [0] }, emit(core.neg, {}, s)[0]);
        return [emit(core.max, {}, r, a)[0], emit(core.transpose, { permutation: [1, 0] }, s)[0]];
      },
      [v, table],
    ),
    program(
      "a transpose feeds a product",
      [xs, xs],
      (emit, a, b) => {
        const [t] = emit(core.transpose, { permutation: [1, 0] }, a);
        return emit(core.dotGeneral, { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] }, t, b);
      },
      [table, table],
    ),
    program(
      "a pad and a concatenation of slices",
      [xs],
      (emit, t) => {
        const [top] = emit(core.slice, { start: [0, 0], limit: [2, 3], strides: [1, 1] }, t);
        const [bottom] = emit(core.slice, { start: [2, 0], limit: [5, 3], strides: [2, 1] }, t);
        const [both] = emit(core.concatenate, { axis: 0 }, bottom, top);
        return emit(core.pad, { low: [1, 0], high: [0, 1], interior: [0, 1] }, both, literal(9, dtype));
      },
      [table],
    ),
    program(
      "calls within calls",
      [x, x],
      (emit, a, b) => {
        const outer = buildProgram([x, x], (emit2, p, q) => emit2(core.call, { body: ofCall, name: "inner" }, q, p));
        return emit(core.call, { body: outer, name: "outer" }, a, b);
      },
      [v, w],
    ),
    program("an extension op that composes", [x], (emit, a) => emit(composed, {}, a), [v]),
    program(
      "an extension op on the host",
      [x],
      (emit, a) => {
        const [r, same] = emit(onHost, {}, square(emit, a));
        return [emit(core.sub, {}, r, a)[0], same];
      },
      [v],
    ),
    program(
      "extension ops inside a scan",
      [x, xs],
      (emit, c, t) => {
        const body = buildProgram([x, x], (emit2, a, e) => {
          const [r] = emit2(onHost, {}, e);
          const [q] = emit2(composed, {}, r);
          return [emit2(core.add, {}, a, r)[0], q];
        });
        return emit(core.scan, { body, length: 5, consts: 0, carry: 1, reverse: false }, c, t);
      },
      [v, table],
    ),
    program(
      "a long chain",
      [x],
      (emit, a) => {
        let s: Atom = a;
        for (let i = 0; i < 60; i++) s = emit(i % 2 ? core.sub : core.max, {}, s, i % 3 ? a : s)[0];
        return [s];
      },
      [v],
    ),
  ];
  const mixed = isFloat(dtype)
    ? [
        program(
          "a comparison selects, an argmax converts",
          [x, x],
          (emit, a, b) => {
            const [p] = emit(core.gt, {}, a, b);
            const [s] = emit(core.select, {}, p, a, b);
            const [i] = emit(core.argmax, { axis: 0 }, s);
            return [s, p, i, emit(core.convert, { dtype }, i)[0]];
          },
          [v, w],
        ),
      ]
    : [];
  return [...scans, ...whiles, ...conds, ...programs, ...mixed];
};
