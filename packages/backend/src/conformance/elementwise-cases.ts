import { type DType, isFloat } from "../dtype";
import type { CoreOp, HostValue } from "../op";
import * as core from "../ops/elementwise";
import { clamp, convert, elementwise, select } from "../ops/elementwise";
import { hostValue } from "../reference/evaluate";
import { type ConformanceCase, opCase } from "./case";
import { ordinary, type Range, type Special, shapeClasses, specialsOf, specialValues } from "./values";

type Plain = CoreOp<Record<never, never>>;

/** Where a function is interesting, if not on [-3, 3]. Values below the domain are among the special ones. */
const ranges: { readonly [op: string]: Range } = {
  sqrt: { low: 0, high: 50 },
  rsqrt: { low: 0.01, high: 50 },
  log: { low: 0.001, high: 20 },
  log1p: { low: -0.99, high: 20 },
  exp: { low: -20, high: 20 },
  expm1: { low: -5, high: 5 },
  sin: { low: -50, high: 50 },
  cos: { low: -50, high: 50 },
  tan: { low: -50, high: 50 },
  asin: { low: -1, high: 1 },
  acos: { low: -1, high: 1 },
  atanh: { low: -0.99, high: 0.99 },
  acosh: { low: 1, high: 20 },
  erfc: { low: -4, high: 9 },
};
const bases: Range = { low: 0.01, high: 5 };

const others: readonly object[] = [select, clamp, convert];
const plain = elementwise.filter((op) => !others.includes(op)) as unknown as Plain[];
const binary = new Set<Plain>([
  core.add,
  core.sub,
  core.mul,
  core.div,
  core.floorDiv,
  core.mod,
  core.pow,
  core.atan2,
  core.max,
  core.min,
  core.eq,
  core.ne,
  core.lt,
  core.le,
  core.gt,
  core.ge,
  core.and,
  core.or,
  core.xor,
  core.shiftLeft,
  core.shiftRightLogical,
  core.shiftRightArithmetic,
]);

const takes = (op: Plain, dtype: DType, operands: number): boolean => {
  try {
    op.abstract(Array(operands).fill({ shape: [], dtype }), {});
    return true;
  } catch {
    return false;
  }
};

/** Special values of every operand against every other. */
const grid = (dtype: DType, kind: Special, operands: number): HostValue[] => {
  const xs = specialValues(dtype, kind);
  if (operands === 1) return [hostValue(dtype, [xs.length], xs)];
  const n = xs.length;
  return [
    hostValue(
      dtype,
      [n, n],
      Array.from({ length: n * n }, (_, i) => xs[Math.floor(i / n)]),
    ),
    hostValue(
      dtype,
      [n, n],
      Array.from({ length: n * n }, (_, i) => xs[i % n]),
    ),
  ];
};

export const elementwiseCases = (dtype: DType): ConformanceCase[] => [
  ...plain.flatMap((op) => {
    const operands = binary.has(op) ? 2 : 1;
    if (!takes(op, dtype, operands)) return [];
    return [
      ...shapeClasses.map(([shapeClass, shape]) => {
        const first = op.name === "pow" ? bases : ranges[op.name];
        const ins = [first, undefined].slice(0, operands).map((r, i) => ordinary(dtype, shape, `${op.name} ${i}`, r));
        return opCase(op, {}, ins, { shapeClass });
      }),
      ...specialsOf(dtype).map((special) =>
        opCase(op, {}, grid(dtype, special, operands), { shapeClass: "vector", special }),
      ),
    ];
  }),
  ...selectCases(dtype),
  ...clampCases(dtype),
  ...convertCases(dtype),
  ...iotaCases(dtype),
];

const selectCases = (dtype: DType): ConformanceCase[] =>
  shapeClasses.flatMap(([shapeClass, shape]) => {
    const [x, y] = [ordinary(dtype, shape, "select x"), ordinary(dtype, shape, "select y")];
    const at = (p: HostValue, variant: string) => opCase(select, {}, [p, x, y], { shapeClass, variant, dtype });
    return [
      at(ordinary("bool", shape, "select p"), "by element"),
      ...(shape.length > 0
        ? [at(hostValue("bool", [], [1]), "scalar true"), at(hostValue("bool", [], [0]), "scalar false")]
        : []),
    ];
  });

const clampCases = (dtype: DType): ConformanceCase[] => {
  if (dtype === "bool" || dtype === "key") return [];
  const scalar = (x: number) => hostValue(dtype, [], [x]);
  return [
    ...shapeClasses.flatMap(([shapeClass, shape]) => {
      const x = ordinary(dtype, shape, "clamp x");
      const lo = ordinary(dtype, shape, "clamp lo", { low: -2, high: 1 });
      const hi = ordinary(dtype, shape, "clamp hi", { low: 0, high: 2 });
      return [
        opCase(clamp, {}, [lo, x, hi], { shapeClass, variant: "by element" }),
        ...(shape.length > 0
          ? [opCase(clamp, {}, [scalar(1), x, scalar(2)], { shapeClass, variant: "scalar bounds" })]
          : []),
      ];
    }),
    ...specialsOf(dtype).map((special) => {
      const [x, y] = grid(dtype, special, 2);
      return opCase(clamp, {}, [y, x, scalar(1)], { shapeClass: "vector", special, variant: "mixed bounds" });
    }),
  ];
};

const plainDTypes: readonly DType[] = ["float64", "float32", "int32", "uint32", "bool"];

const convertCases = (from: DType): ConformanceCase[] =>
  from === "key"
    ? []
    : plainDTypes.flatMap((dtype) => {
        const variant = `to ${dtype}`;
        // Beyond the range of an integer on purpose: float→int saturates.
        const range = isFloat(from) ? { low: -5e9, high: 5e9 } : undefined;
        return [
          ...shapeClasses.map(([shapeClass, shape]) =>
            opCase(convert, { dtype }, [ordinary(from, shape, "convert", shapeClass === "long" ? range : undefined)], {
              shapeClass,
              variant,
            }),
          ),
          ...specialsOf(from).map((special) =>
            opCase(convert, { dtype }, grid(from, special, 1), { shapeClass: "vector", special, variant }),
          ),
        ];
      });

const iotaCases = (dtype: DType): ConformanceCase[] =>
  dtype === "bool" || dtype === "key"
    ? []
    : shapeClasses
        .filter(([, shape]) => shape.length > 0)
        .flatMap(([shapeClass, shape]) =>
          [0, shape.length - 1]
            .filter((axis, i, all) => all.indexOf(axis) === i)
            .map((axis) =>
              opCase(core.iota, { shape, dtype, axis }, [], { shapeClass, dtype, variant: `axis ${axis}` }),
            ),
        );
