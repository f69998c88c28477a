import type { Fold } from "../fold";
import { byElement, type Shader } from "../shader";
import { number } from "./text";

type FoldOf = (size: number) => Fold;

/** A way to combine numbers: on single ones and on vectors the same text serves. */
export interface Monoid {
  readonly identity: number;
  readonly combine: (acc: string, x: string) => string;
  readonly calls: readonly string[];
}

export const sum: Monoid = { identity: 0, combine: (a, x) => `${a} + ${x}`, calls: [] };
export const prod: Monoid = { identity: 1, combine: (a, x) => `${a} * ${x}`, calls: [] };
export const max: Monoid = { identity: -Infinity, combine: (a, x) => `max_(${a}, ${x})`, calls: ["max_"] };
export const min: Monoid = { identity: Infinity, combine: (a, x) => `min_(${a}, ${x})`, calls: ["min_"] };

/** Elements folded by one invocation, where there are too few results to keep the device busy. */
const chunk = 32;
const busy = 2 ** 14;

/** How many partial results a pass over `n` leaves. */
export const partials = (outer: number, n: number, inner: number): number =>
  n <= 2 * chunk || (outer * inner >= busy && n <= 4096) ? 1 : Math.ceil(n / chunk);

/** [outer, n, inner] → [outer, m, inner]: result (q, p, r) combines the elements k of its p-th part. */
export const reducePass = (foldOf: FoldOf, outer: number, n: number, inner: number, m: number, f: Monoid): Shader => {
  const part = Math.ceil(n / m);
  const base = { inputs: [foldOf(outer * n * inner)], ints: [], out: foldOf(outer * m * inner) };
  const identity = number(f.identity);
  const where = `int r = i % ${inner}; int p = (i / ${inner}) % ${m}; int q = i / ${inner * m};`;
  const guard = part * m === n ? "" : `if (k >= ${n}) break;`;
  if (inner % 4 === 0)
    return {
      ...base,
      vector: f.calls,
      scalar: [],
      body: `${where}
vec4 acc = vec4(${identity});
for (int t = 0; t < ${part}; t++) { int k = p * ${part} + t; ${guard} acc = ${f.combine("acc", `x0(((q * ${n} + k) * ${inner} + r) >> 2)`)}; }
return acc;`,
    };
  if (inner === 1 && n % 4 === 0 && part % 4 === 0)
    return {
      ...base,
      vector: f.calls,
      scalar: f.calls,
      before: `float part(int i) {
int p = i % ${m}; int q = i / ${m};
vec4 acc = vec4(${identity});
for (int t = 0; t < ${part / 4}; t++) { int k = p * ${part} + 4 * t; ${guard} acc = ${f.combine("acc", `x0((q * ${n} + k) >> 2)`)}; }
return ${f.combine(f.combine("acc.x", "acc.y"), f.combine("acc.z", "acc.w"))};
}`,
      body: byElement((i) => `part(${i})`),
    };
  return {
    ...base,
    vector: [],
    scalar: f.calls,
    before: `float part(int i) {
${where}
float acc = ${identity};
for (int t = 0; t < ${part}; t++) { int k = p * ${part} + t; ${guard} acc = ${f.combine("acc", `e0((q * ${n} + k) * ${inner} + r)`)}; }
return acc;
}`,
    body: byElement((i) => `part(${i})`),
  };
};

/** The place of the first extremum along the middle axis; the first NaN wins. */
export const argPass = (foldOf: FoldOf, outer: number, n: number, inner: number, largest: boolean): Shader => ({
  inputs: [foldOf(outer * n * inner)],
  ints: [],
  out: foldOf(outer * inner),
  vector: [],
  scalar: ["nan"],
  before: `float place(int i) {
int r = i % ${inner}; int q = i / ${inner};
float best = e0(q * ${n * inner} + r);
int at = 0;
for (int k = 1; k < ${n}; k++) {
  float v = e0((q * ${n} + k) * ${inner} + r);
  if (!nan(best) && (nan(v) || v ${largest ? ">" : "<"} best)) { best = v; at = k; }
}
return float(at);
}`,
  body: byElement((i) => `place(${i})`),
});

/** One step of doubling: every element meets the one `shift` before it (after it, if reverse). */
export const scanPass = (
  foldOf: FoldOf,
  outer: number,
  n: number,
  inner: number,
  shift: number,
  reverse: boolean,
  f: Monoid,
): Shader => {
  const fold = foldOf(outer * n * inner);
  const has = reverse ? `k + ${shift} < ${n}` : `k >= ${shift}`;
  const other = reverse ? `i + ${shift * inner}` : `i - ${shift * inner}`;
  return {
    inputs: [fold],
    ints: [],
    out: fold,
    vector: [],
    scalar: f.calls,
    before: `float met(int i) {
int k = (i / ${inner}) % ${n};
float x = e0(i);
if (!(${has})) return x;
float y = e0(${other});
return ${f.combine("y", "x")};
}`,
    body: byElement((i) => `met(${i})`),
  };
};

/** A window along the middle axis: [outer, n, inner] → [outer, m, inner]. */
export const windowPass = (
  foldOf: FoldOf,
  [outer, n, inner]: readonly [number, number, number],
  m: number,
  w: { size: number; stride: number; dilation: number; low: number },
  f: Monoid,
): Shader => ({
  inputs: [foldOf(outer * n * inner)],
  ints: [],
  out: foldOf(outer * m * inner),
  vector: [],
  scalar: f.calls,
  before: `float box(int i) {
int r = i % ${inner}; int p = (i / ${inner}) % ${m}; int q = i / ${inner * m};
float acc = ${number(f.identity)};
for (int t = 0; t < ${w.size}; t++) {
  int k = p * ${w.stride} + t * ${w.dilation} - ${w.low};
  if (k >= 0 && k < ${n}) acc = ${f.combine("acc", `e0((q * ${n} + k) * ${inner} + r)`)};
}
return acc;
}`,
  body: byElement((i) => `box(${i})`),
});
