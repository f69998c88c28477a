import type { Aval, Shape } from "@ansatz/backend";
import type { Fold } from "../fold";
import { byElement, type Shader } from "../shader";
import { around, coordinates, offset, product, sizeOf, stridesOf } from "./text";

type FoldOf = (size: number) => Fold;

const shader = (
  foldOf: FoldOf,
  ins: readonly number[],
  out: number,
  body: string,
  more: Partial<Shader> = {},
): Shader => ({
  inputs: ins.map(foldOf),
  ints: [],
  out: foldOf(out),
  vector: [],
  scalar: [],
  body,
  ...more,
});

/** out[i] = x[offset of i under strides]: transpose, slice, reverse, rows. `from` names an integer added to the offset at run time. */
export const strided = (
  foldOf: FoldOf,
  x: Shape,
  out: Shape,
  strides: readonly number[],
  start: number,
  from?: string,
): Shader => {
  const plus = from ? ` + user_${from}` : "";
  // Rows that begin and end at texels are copied texel by texel.
  const inner = trailing(out, strides);
  const aligned =
    !from && inner % 4 === 0 && start % 4 === 0 && strides.every((s, k) => s % 4 === 0 || k >= innerAxis(out, strides));
  const body =
    aligned && inner > 1
      ? `return x0((${offset("i", out, strides, start)}) >> 2);`
      : byElement((i) => `e0(${offset(`(${i})`, out, strides, start)}${plus})`);
  return shader(foldOf, [sizeOf(x)], sizeOf(out), body, from ? { ints: [from] } : {});
};

const innerAxis = (out: Shape, strides: readonly number[]): number => {
  let n = 1;
  let k = out.length;
  while (k > 0 && (out[k - 1] === 1 || strides[k - 1] === n)) n *= out[--k];
  return k;
};
const trailing = (out: Shape, strides: readonly number[]): number => product(out.slice(innerAxis(out, strides)));

export const transpose = (foldOf: FoldOf, x: Shape, permutation: readonly number[]): Shader => {
  const s = stridesOf(x);
  return strided(
    foldOf,
    x,
    permutation.map((k) => x[k]),
    permutation.map((k) => s[k]),
    0,
  );
};

export const slice = (
  foldOf: FoldOf,
  x: Shape,
  start: readonly number[],
  steps: readonly number[],
  out: Shape,
): Shader => {
  const s = stridesOf(x);
  return strided(
    foldOf,
    x,
    out,
    s.map((d, k) => d * steps[k]),
    s.reduce((at, d, k) => at + d * start[k], 0),
  );
};

export const reverse = (foldOf: FoldOf, x: Shape, axes: readonly number[]): Shader => {
  const s = stridesOf(x);
  return strided(
    foldOf,
    x,
    x,
    s.map((d, k) => (axes.includes(k) ? -d : d)),
    s.reduce((at, d, k) => at + (axes.includes(k) ? d * (x[k] - 1) : 0), 0),
  );
};

/** A block at a start known only at run time. */
export const dynamicSlice = (foldOf: FoldOf, x: Shape, sizes: Shape): Shader =>
  strided(foldOf, x, sizes, stridesOf(x), 0, "start");

export const dynamicUpdate = (foldOf: FoldOf, x: Shape, u: Shape): Shader => {
  const names = u.map((_, k) => `s${k}`);
  const inside = u.map((d, k) => `c${k} >= user_s${k} && c${k} < user_s${k} + ${d}`).join(" && ") || "true";
  const s = stridesOf(u);
  const at = u.map((_, k) => `(c${k} - user_s${k}) * ${s[k]}`).join(" + ") || "0";
  const before = `float pick(int i) { ${coordinates("i", x)} return ${inside} ? e1(${at}) : e0(i); }`;
  return shader(
    foldOf,
    [sizeOf(x), sizeOf(u)],
    sizeOf(x),
    byElement((i) => `pick(${i})`),
    { ints: names, before },
  );
};

export interface Padding {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
}

export const pad = (foldOf: FoldOf, x: Shape, p: Padding, out: Shape): Shader => {
  const s = stridesOf(x);
  const tests = x.map((d, k) => {
    const step = p.interior[k] + 1;
    const q = `(c${k} - ${p.low[k]})`;
    const onGrid = step === 1 ? "" : ` && ${q} % ${step} == 0`;
    return `${q} >= 0 && ${q} < ${(d - 1) * step + 1}${onGrid}`.replaceAll("- -", "+ ");
  });
  const at = x
    .map((_, k) => `((c${k} - ${p.low[k]}) / ${p.interior[k] + 1}) * ${s[k]}`.replaceAll("- -", "+ "))
    .join(" + ");
  const before = `float pick(int i) { ${coordinates("i", out)} return ${tests.join(" && ") || "true"} ? e0(${at || "0"}) : e1(0); }`;
  return shader(
    foldOf,
    [sizeOf(x), 1],
    sizeOf(out),
    byElement((i) => `pick(${i})`),
    { before },
  );
};

/** Operands end to end along an axis; at most fifteen. */
export const concatenate = (foldOf: FoldOf, shapes: readonly Shape[], axis: number): Shader => {
  const total = shapes.reduce((n, s) => n + s[axis], 0);
  const [outer, , inner] = around(shapes[0], axis);
  let from = 0;
  const picks = shapes.map((s, k) => {
    const end = from + s[axis];
    const at = `((q * ${s[axis]} + k - ${from}) * ${inner} + r)`;
    const test = k === shapes.length - 1 ? "" : `if (k < ${end}) `;
    from = end;
    return `${test}return e${k}(${at});`;
  });
  const rows = `int r = i % ${inner}; int k = (i / ${inner}) % ${total}; int q = i / ${inner * total};`;
  // Whole texels, where every operand's rows are made of them.
  if (shapes.every((s) => (s[axis] * inner) % 4 === 0)) {
    const vectors = picks.map((p, k) => p.replace(/return e\d+\((.*)\);/, `return x${k}($1 >> 2);`));
    return shader(foldOf, shapes.map(sizeOf), outer * total * inner, `${rows}\n${vectors.join("\n")}`);
  }
  const before = `float pick(int i) { ${rows} ${picks.join(" ")} }`;
  return shader(
    foldOf,
    shapes.map(sizeOf),
    outer * total * inner,
    byElement((i) => `pick(${i})`),
    { before },
  );
};

/** Element or slice i of axis 0, i given at run time. */
export const row = (foldOf: FoldOf, x: Aval): Shader => {
  const inner = sizeOf(x.shape.slice(1));
  const body =
    inner % 4 === 0 && inner > 0
      ? `return x0(o + user_row * ${inner / 4});`
      : byElement((i) => `e0(${i} + user_row * ${inner})`);
  return shader(foldOf, [sizeOf(x.shape)], inner, body, { ints: ["row"] });
};
