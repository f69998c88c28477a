import { type Shape, sizeOf, stridesOf } from "@ansatz/backend";

/** A float as GLSL text; zeros with a sign, infinities and NaN by their bits. */
export const number = (x: number): string => {
  if (Number.isFinite(x) && !Object.is(x, -0)) {
    const text = Math.fround(x).toPrecision(9);
    return /[.e]/.test(text) ? (/[.]/.test(text) ? text : text.replace("e", ".0e")) : `${text}.0`;
  }
  return `intBitsToFloat(${new Int32Array(Float32Array.of(x).buffer)[0]})`.replace("-2147483648", "-2147483647 - 1");
};

export const vector = (x: number): string => `vec4(${number(x)})`;

/** An axis of a flat index: (i / stride) % extent, as short as the shape allows. */
const coordinate = (i: string, stride: number, extent: number, leading: boolean): string => {
  const q = stride === 1 ? i : `(${i} / ${stride})`;
  return leading ? q : `(${q} % ${extent})`;
};

/**
 * The flat offset Σ coordinateₖ(i)·stridesₖ of element `i` of `shape`, as an expression. Axes that move together are one term.
 */
export const offset = (i: string, shape: Shape, strides: readonly number[], start = 0): string => {
  const runs: { extent: number; stride: number }[] = [];
  for (const [k, d] of shape.entries()) {
    if (d === 1) continue;
    const last = runs[runs.length - 1];
    if (last && last.stride === strides[k] * d) {
      last.extent *= d;
      last.stride = strides[k];
    } else runs.push({ extent: d, stride: strides[k] });
  }
  const inner = stridesOf(runs.map((r) => r.extent));
  const terms = runs.flatMap((r, k) => {
    if (r.stride === 0) return [];
    const c = coordinate(i, inner[k], r.extent, k === 0);
    return [r.stride === 1 ? c : `${c} * ${r.stride}`];
  });
  if (start !== 0 || terms.length === 0) terms.push(String(start));
  return terms.join(" + ");
};

/** Coordinates of element `i` of a shape as statements that declare c0, c1, … */
export const coordinates = (i: string, shape: Shape): string => {
  const strides = stridesOf(shape);
  return shape.map((d, k) => `int c${k} = ${d === 1 ? "0" : coordinate(i, strides[k], d, k === 0)};`).join(" ");
};

export const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1);

/** [before, axis, after] */
export const around = (shape: Shape, axis: number): [outer: number, n: number, inner: number] => [
  product(shape.slice(0, axis)),
  shape[axis],
  product(shape.slice(axis + 1)),
];

export { sizeOf, stridesOf };
