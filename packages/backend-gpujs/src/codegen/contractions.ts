import type { core, Shape } from "@ansatz/backend";
import type { Fold } from "../fold";
import { byElement, inverse, type Shader } from "../shader";
import { coordinates, product, sizeOf, stridesOf } from "./text";

type FoldOf = (size: number) => Fold;

/** One operand of a product: strides of batch, free and contracted indices, if each is one run of axes; else it is laid out anew. */
export interface Side {
  readonly batch: number;
  readonly free: number;
  readonly contract: number;
  readonly strides: { readonly batch: number; readonly free: number; readonly contract: number } | undefined;
}

/** The stride of axes that together are one index, or undefined if they are not. */
const runStride = (shape: Shape, axes: readonly number[]): number | undefined => {
  const s = stridesOf(shape);
  let expected: number | undefined;
  let last = 0;
  for (const k of axes.filter((a) => shape[a] !== 1).reverse()) {
    if (expected !== undefined && s[k] !== expected) return undefined;
    if (expected === undefined) last = s[k];
    expected = s[k] * shape[k];
  }
  return last;
};

export const sideOf = (shape: Shape, batch: readonly number[], contract: readonly number[]): Side => {
  const free = [...shape.keys()].filter((k) => !batch.includes(k) && !contract.includes(k));
  const extent = (axes: readonly number[]) => product(axes.map((k) => shape[k]));
  const [b, f, c] = [batch, free, contract].map((axes) => runStride(shape, axes));
  return {
    batch: extent(batch),
    free: extent(free),
    contract: extent(contract),
    strides: b === undefined || f === undefined || c === undefined ? undefined : { batch: b, free: f, contract: c },
  };
};

/** The permutation that makes an operand [batch, free, contract]. */
export const straight = (shape: Shape, batch: readonly number[], contract: readonly number[]): number[] => [
  ...batch,
  ...[...shape.keys()].filter((k) => !batch.includes(k) && !contract.includes(k)),
  ...contract,
];

/**
 * out[b, m, n] = Σₖ lhs(b, m, k)·rhs(b, k, n). A texel of the result is four neighbours n; where the layout allows, both operands
 * are read as vectors, and four steps of k are taken at once: five reads for sixteen products.
 */
export const product3 = (
  foldOf: FoldOf,
  l: Side & { strides: object },
  r: Side & { strides: object },
  sizes: readonly [number, number] = [l.batch * l.free * l.contract, r.batch * r.free * r.contract],
): Shader => {
  const [a, b] = [l.strides as NonNullable<Side["strides"]>, r.strides as NonNullable<Side["strides"]>];
  const [M, N, K] = [l.free, r.free, l.contract];
  const base = {
    inputs: sizes.map(foldOf),
    ints: [],
    out: foldOf(l.batch * M * N),
    vector: [],
    scalar: [],
  };
  const place = `int n = i % ${N}; int m = (i / ${N}) % ${M}; int b = i / ${M * N};`;
  const starts = `int p = b * ${a.batch} + m * ${a.free}; int q = b * ${b.batch} + n * ${b.free};`;
  const even = (...xs: number[]) => xs.every((x) => x % 4 === 0);
  const alongK = a.contract === 1 && even(K, a.batch, a.free);
  if (N % 4 === 0 && b.free === 1 && even(b.batch, b.contract)) {
    // rhs rows are vectors along n
    const step = b.contract / 4;
    const [lf, rf] = base.inputs;
    const perLine = rf.width / step;
    // Rows that divide the textures' lines are walked by adding to places, without index arithmetic.
    if (
      alongK &&
      lf.width % (K / 4) === 0 &&
      (a.free / 4) % (K / 4) === 0 &&
      (a.batch / 4) % (K / 4) === 0 &&
      [1, 2, 4].includes(perLine) &&
      (b.batch / 4) % rf.width === 0
    )
      return {
        ...base,
        body: `${place} ${starts}
vec2 u = p0(p >> 2);
q = q >> 2;
vec2 v0 = p1(q); vec2 v1 = p1(q + ${step}); vec2 v2 = p1(q + ${2 * step}); vec2 v3 = p1(q + ${3 * step});
vec4 acc = vec4(0.0);
for (int k = 0; k < ${K / 4}; k++) {
  vec4 w = u0(u + vec2(float(k) * ${inverse(lf.width)}, 0.0));
  vec2 down = vec2(0.0, float(k) * ${inverse((rf.height * perLine) / 4)});
  acc += w.x * u1(v0 + down) + w.y * u1(v1 + down) + w.z * u1(v2 + down) + w.w * u1(v3 + down);
}
return acc;`,
      };
    if (alongK)
      return {
        ...base,
        body: `${place} ${starts}
p = p >> 2; q = q >> 2;
vec4 acc = vec4(0.0);
for (int k = 0; k < ${K / 4}; k++) {
  vec4 u = x0(p + k);
  int at = q + k * ${4 * step};
  acc += u.x * x1(at) + u.y * x1(at + ${step}) + u.z * x1(at + ${2 * step}) + u.w * x1(at + ${3 * step});
}
return acc;`,
      };
    if (a.free === 1 && even(M, a.batch, a.contract))
      // lhs is laid out with m last: one lane of its texels serves the whole row
      return {
        ...base,
        body: `${place} ${starts}
int lane = p & 3; p = p >> 2; q = q >> 2;
vec4 acc = vec4(0.0);
for (int k = 0; k < ${K}; k++) acc += x0(p + k * ${a.contract / 4})[lane] * x1(q + k * ${step});
return acc;`,
      };
    return {
      ...base,
      body: `${place} ${starts}
q = q >> 2;
vec4 acc = vec4(0.0);
for (int k = 0; k < ${K}; k++) acc += e0(p + k * ${a.contract}) * x1(q + k * ${step});
return acc;`,
    };
  }
  if (N % 4 === 0 && alongK && b.contract === 1 && even(b.batch, b.free))
    return {
      ...base,
      body: `${place} ${starts}
p = p >> 2; q = q >> 2;
vec4 acc = vec4(0.0);
for (int k = 0; k < ${K / 4}; k++) {
  vec4 u = x0(p + k);
  acc += vec4(dot(u, x1(q + k)), dot(u, x1(q + k + ${b.free / 4})), dot(u, x1(q + k + ${(2 * b.free) / 4})), dot(u, x1(q + k + ${(3 * b.free) / 4})));
}
return acc;`,
    };
  const scalar =
    alongK && b.contract === 1 && even(b.batch, b.free)
      ? `p = p >> 2; q = q >> 2; float acc = 0.0; for (int k = 0; k < ${K / 4}; k++) acc += dot(x0(p + k), x1(q + k)); return acc;`
      : `float acc = 0.0; for (int k = 0; k < ${K}; k++) acc += e0(p + k * ${a.contract}) * e1(q + k * ${b.contract}); return acc;`;
  return {
    ...base,
    before: `float entry(int i) { ${place} ${starts} ${scalar} }`,
    body: byElement((i) => `entry(${i})`),
  };
};

/**
 * The windows of a convolution side by side, so that it becomes a product: [N, K, P] or, where the places P do not fill texels,
 * [N, P, K], with K over channels and window.
 */
export const windowsOf = (
  foldOf: FoldOf,
  x: Shape,
  w: Shape,
  out: Shape,
  p: core.ConvParams,
): { shader: Shader; side: Side & { strides: object } } => {
  const [N, , ...places] = out;
  const [, I, ...window] = w;
  const [K, P] = [product([I, ...window]), product(places)];
  const placesLast = P % 4 === 0;
  const rank = places.length;
  const shape = placesLast ? [N, I, ...window, ...places] : [N, ...places, I, ...window];
  const [c, t, q] = placesLast ? [1, 2, 2 + rank] : [1 + rank, 2 + rank, 1];
  const s = stridesOf(x);
  const tests = places.map((_, k) => {
    const grid =
      p.lhsDilation[k] === 1 ? "" : `if (g${k} % ${p.lhsDilation[k]} != 0) return 0.0; g${k} /= ${p.lhsDilation[k]}; `;
    const at = `c${q + k} * ${p.strides[k]} + c${t + k} * ${p.rhsDilation[k]} - (${p.padding[k][0]})`;
    return `int g${k} = ${at}; if (g${k} < 0) return 0.0; ${grid}if (g${k} >= ${x[k + 2]}) return 0.0;`;
  });
  const from = places.map((_, k) => ` + g${k} * ${s[k + 2]}`).join("");
  return {
    shader: {
      inputs: [foldOf(sizeOf(x))],
      ints: [],
      out: foldOf(N * K * P),
      vector: [],
      scalar: [],
      before: `float entry(int i) {
${coordinates("i", shape)}
${tests.join("\n")}
return e0(c0 * ${s[0]} + c${c} * ${s[1]}${from});
}`,
      body: byElement((i) => `entry(${i})`),
    },
    side: {
      batch: N,
      free: P,
      contract: K,
      strides: placesLast ? { batch: K * P, free: 1, contract: P } : { batch: K * P, free: K, contract: 1 },
    },
  };
};

/** Cross-correlation, one invocation for each texel of the result, loops over channels and window inside. */
export const convolution = (foldOf: FoldOf, x: Shape, w: Shape, out: Shape, p: core.ConvParams): Shader => {
  const [N, , ...places] = out;
  const [O, I, ...window] = w;
  const xs = stridesOf(x);
  const ws = stridesOf(w);
  const loops = window.map((d, k) => `for (int t${k} = 0; t${k} < ${d}; t${k}++)`);
  const where = places.map((_, k) => {
    const dilation = p.lhsDilation[k];
    const pos = `c${k + 2} * ${p.strides[k]} + t${k} * ${p.rhsDilation[k]} - (${p.padding[k][0]})`;
    const grid = dilation === 1 ? "" : `if (g${k} % ${dilation} != 0) continue; `;
    return `int g${k} = ${pos}; if (g${k} < 0) continue; ${grid}g${k} /= ${dilation}; if (g${k} >= ${x[k + 2]}) continue;`;
  });
  // Conditions of each axis stand in its own loop.
  const nest = loops.map((loop, k) => `${loop} { ${where[k]}`).join("\n");
  const at = places.map((_, k) => ` + g${k} * ${xs[k + 2]}`).join("");
  const tap = places.map((_, k) => ` + t${k} * ${ws[k + 2]}`).join("");
  return {
    inputs: [foldOf(sizeOf(x)), foldOf(sizeOf(w))],
    ints: [],
    out: foldOf(sizeOf(out)),
    vector: [],
    scalar: [],
    before: `float entry(int i) {
${coordinates("i", out)}
int row = (c0 + (c1 / ${O / p.batchGroups}) * ${N}) * ${xs[0]} + (c1 / ${O / p.groups}) * ${I * xs[1]};
int kernel_ = c1 * ${ws[0]};
float acc = 0.0;
${nest}
int a = row${at}; int b = kernel_${tap};
for (int c = 0; c < ${I}; c++) acc += e0(a + c * ${xs[1]}) * e1(b + c * ${ws[1]});
${"}".repeat(loops.length)}
return acc;
}`,
    body: byElement((i) => `entry(${i})`),
  };
};
