import { glslSource } from "@ansatz/backend/glsl";
import type { Fold } from "./fold";

/** A kernel before it is compiled: GLSL over folded tensors. Its text is its identity, so equal structures compile once. */
export interface Shader {
  readonly inputs: readonly Fold[];
  /** Names of integers given at every run. */
  readonly ints: readonly string[];
  readonly out: Fold;
  /** Functions of @ansatz/backend/glsl it calls, on vectors and on single numbers. */
  readonly vector: readonly string[];
  readonly scalar: readonly string[];
  /**
   * Statements that end in `return <vec4>;` with `o` the texel to be made. Input k is read by `x<k>(texel)`, a vec4, by
   * `e<k>(element)`, a float, and by `h<k>()`, the texel in the place that is being made; `u<k>(p<k>(texel))` are the two halves of `x<k>`, for those who step on; `i` is the first element of the texel.
   */
  readonly body: string;
  /** Functions of its own, before the body. */
  readonly before?: string;
}

export const inputName = (k: number): string => `t${k}`;

/** Four elements by a function of the flat index: the general way, where no vector is at hand. */
export const byElement = (expression: (index: string) => string): string =>
  `return vec4(${["i", "i + 1", "i + 2", "i + 3"].map(expression).join(", ")});`;

export const inverse = (n: number): string => {
  const text = (1 / n).toPrecision(9);
  return /\./.test(text) ? text : text.replace(/e|$/, (e) => `.0${e}`);
};

/** By `texture`, as gpu.js reads: texelFetch takes twice the time under SwiftShader [measured]. Places are exact: the width is a power of two. */
const reader = (f: Fold, k: number): string => {
  const name = `user_${inputName(k)}`;
  const x = f.width === 1 ? "0.5" : `(float(j & ${f.width - 1}) + 0.5) * ${inverse(f.width)}`;
  return `vec2 p${k}(int j) { return vec2(${x}, (float(j >> ${f.shift}) + 0.5) * ${inverse(f.height)}); }
vec4 u${k}(vec2 p) { return texture(${name}, p); }
vec4 x${k}(int j) { return u${k}(p${k}(j)); }
vec4 h${k}() { return texture(${name}, gl_FragCoord.xy * vec2(${inverse(f.width)}, ${inverse(f.height)})); }
float e${k}(int i) { return x${k}(i >> 2)[i & 3]; }`;
};

/** The native function `body` that a gpu.js kernel calls. gpu.js declares the samplers as user_<name>. */
export const glslOf = (s: Shader): string => {
  const { out } = s;
  const texel = out.width === 1 ? "int(gl_FragCoord.y)" : `(int(gl_FragCoord.y) << ${out.shift}) + int(gl_FragCoord.x)`;
  return [
    glslSource(s),
    ...s.inputs.map(reader),
    s.before ?? "",
    `vec4 body(float unused) {
int o = ${texel};
int i = o * 4;
${s.body}
}`,
  ].join("\n");
};

/** Structure in words: what the cache of compiled kernels is keyed by. */
export const keyOf = (s: Shader): string => {
  const folds = [...s.inputs, s.out].map((f) => `${f.width}x${f.height}`).join(" ");
  return `${folds}|${s.ints.join(" ")}|${s.vector.join(" ")}|${s.scalar.join(" ")}|${s.before ?? ""}|${s.body}`;
};
