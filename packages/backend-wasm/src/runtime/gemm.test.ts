import { describe, expect, test } from "vitest";
import { gemmScratchBytes, packedBytes, packedStride, packingOf } from "./index";
import { testRuntime } from "./testing";

const { memory, call, heap } = testRuntime(128);

const types = [
  { type: "f32", View: Float32Array, eps: 2 ** -24 },
  { type: "f64", View: Float64Array, eps: 2 ** -53 },
] as const;

let seed = 7;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 31 - 1;
};

interface Layout {
  readonly aTransposed?: boolean;
  readonly bTransposed?: boolean;
  /** Every second element only. */
  readonly sparse?: boolean;
  readonly accumulate?: boolean;
  /** Every row of C begins with the same numbers. */
  readonly bias?: boolean;
  readonly cGap?: number;
  /** B is packed before, and A is taken a few rows at a time. */
  readonly strips?: number;
}

/** Runs one product and checks it against sums in float64, the gaps of C and the bytes beyond the scratch memory included. */
function check({ type, View, eps }: (typeof types)[number], m: number, n: number, k: number, layout: Layout = {}) {
  const size = View.BYTES_PER_ELEMENT;
  const spread = layout.sparse ? 2 : 1;
  const cRow = n + (layout.cGap ?? 0);
  let top = heap;
  const take = (count: number) => {
    const at = top;
    top += Math.ceil((count * size) / 16) * 16 + 32;
    return { at, view: new View(memory.buffer, at, count) };
  };
  const [a, b, c, bias] = [take(m * k * spread), take(k * n * spread), take(m * cRow), take(n)];
  const packed = top;
  const packing = layout.strips ? packedBytes(type, n, k) : 0;
  top += Math.ceil(packing / 16) * 16 + 64;
  const scratchBytes = gemmScratchBytes(type, m, n, k);
  const scratch = top;
  const guards = [new Uint8Array(memory.buffer, scratch + scratchBytes, 64)];
  if (layout.strips) guards.push(new Uint8Array(memory.buffer, packed + packing, 64));
  for (const guard of guards) guard.fill(0xa5);
  const [ars, acs] = layout.aTransposed ? [spread, m * spread] : [k * spread, spread];
  const [brs, bcs] = layout.bTransposed ? [spread, k * spread] : [n * spread, spread];
  for (const { view } of [a, b, c, bias]) for (let i = 0; i < view.length; i++) view[i] = random();
  const before = c.view.slice();
  const start = layout.bias ? bias.at : layout.accumulate ? 1 : 0;
  call(`gemm_${type}`, m, n, k, a.at, ars, acs, b.at, brs, bcs, c.at, cRow, start, scratch);
  if (layout.strips) {
    const whole = c.view.slice();
    c.view.set(before);
    call(`gemm_pack_${type}`, n, k, b.at, brs, bcs, packed);
    const how = packingOf(type, n, k, acs, { row: brs, column: bcs });
    const bs = { not: [b.at, brs, bcs], lines: [packed, 1, k], panels: [packed, packedStride, 0] }[how];
    for (let i = 0; i < m; i += layout.strips) {
      const [rows, at] = [Math.min(layout.strips, m - i), c.at + i * cRow * size];
      call(`gemm_${type}`, rows, n, k, a.at + i * ars * size, ars, acs, ...bs, at, cRow, start, scratch);
    }
    expect(c.view.findIndex((x, i) => !Object.is(x, whole[i]))).toBe(-1);
  }
  let worst = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < cRow; j++) {
      if (j >= n) {
        if (c.view[i * cRow + j] !== before[i * cRow + j]) throw new Error("a gap of C was written");
        continue;
      }
      let sum = layout.bias ? (bias.view[j] as number) : layout.accumulate ? (before[i * cRow + j] as number) : 0;
      let magnitude = Math.abs(sum);
      for (let p = 0; p < k; p++) {
        const term = (a.view[i * ars + p * acs] as number) * (b.view[p * brs + j * bcs] as number);
        sum += term;
        magnitude += Math.abs(term);
      }
      // |error| ≤ (k + 1)·eps·Σ|terms|, for any order of summation
      worst = Math.max(worst, Math.abs((c.view[i * cRow + j] as number) - sum) / ((k + 2) * eps * magnitude + 1e-300));
    }
  }
  expect(
    guards.every((guard) => guard.every((x) => x === 0xa5)),
    "scratch overrun",
  ).toBe(true);
  expect(worst, `${type} ${m}×${n}×${k} ${JSON.stringify(layout)}`).toBeLessThan(2);
}

describe.each(types)("the $type product", (t) => {
  const layouts: Layout[] = [
    {},
    { aTransposed: true },
    { bTransposed: true },
    { aTransposed: true, bTransposed: true },
    { sparse: true },
    { accumulate: true, cGap: 3 },
    { aTransposed: true, accumulate: true, cGap: 1 },
    { bTransposed: true, accumulate: true, cGap: 5 },
    { bias: true, cGap: 2 },
    { bias: true, aTransposed: true },
    { bias: true, bTransposed: true },
  ];

  test("is right for every small shape in every layout", () => {
    for (const layout of layouts)
      for (const m of [1, 2, 3, 4, 5, 7, 8, 9])
        for (const n of [1, 2, 3, 4, 5, 7, 8, 9, 17]) for (const k of [1, 2, 3, 5, 8]) check(t, m, n, k, layout);
  });

  test("has the same bits with B packed before, strip by strip", () => {
    const packed: Layout[] = [
      { strips: 8 },
      { strips: 24, aTransposed: true },
      { strips: 8, bTransposed: true },
      { strips: 12, sparse: true, accumulate: true, cGap: 3 },
      { strips: 8, bias: true, bTransposed: true },
    ];
    for (const layout of packed) {
      for (const n of [1, 3, 4, 5, 7, 8, 9, 16, 17]) for (const k of [1, 2, 5, 8]) check(t, 37, n, k, layout);
      for (const [m, n, k] of [
        [33, 70, 300],
        [30, 600, 257],
        [50, 5, 2100],
        [26, 530, 40],
        [64, 64, 513],
      ] as const)
        check(t, m, n, k, layout);
    }
  });

  test("is right across the edges of its blocks", () => {
    for (const layout of layouts)
      for (const [m, n, k] of [
        [33, 70, 300],
        [6, 600, 257],
        [3, 530, 40],
        [530, 3, 40],
        [29, 5, 2100],
        [2, 9, 2100],
        [64, 64, 513],
        [40, 1, 700],
        [1, 40, 700],
      ] as const)
        check(t, m, n, k, layout);
  });

  test("of zero depth is zero, or leaves what it adds to, or the bias", () => {
    const c = new t.View(memory.buffer, heap, 12).fill(3);
    call(`gemm_${t.type}`, 3, 2, 0, heap + 256, 0, 1, heap + 512, 2, 1, heap, 4, 1, heap + 1024);
    expect([...c]).toEqual(new Array(12).fill(3));
    call(`gemm_${t.type}`, 3, 2, 0, heap + 256, 0, 1, heap + 512, 2, 1, heap, 4, 0, heap + 1024);
    expect([...c]).toEqual([0, 0, 3, 3, 0, 0, 3, 3, 0, 0, 3, 3]);
    new t.View(memory.buffer, heap + 2048, 2).set([5, 6]);
    call(`gemm_${t.type}`, 3, 2, 0, heap + 256, 0, 1, heap + 512, 2, 1, heap, 4, heap + 2048, heap + 1024);
    expect([...c]).toEqual([5, 6, 3, 3, 5, 6, 3, 3, 5, 6, 3, 3]);
  });

  test("lets NaN and infinity through, even against zeros, and only where they belong", () => {
    for (const [m, n, k] of [
      [5, 9, 4],
      [5, 3, 4],
      [1, 9, 4],
      [2, 2, 2],
    ] as const) {
      const [a, b, c] = [
        new t.View(memory.buffer, heap, m * k).fill(0),
        new t.View(memory.buffer, heap + 4096, k * n).fill(1),
        new t.View(memory.buffer, heap + 8192, m * n),
      ];
      a[(m - 1) * k + 1] = Infinity;
      b[1 * n] = 0;
      call(`gemm_${t.type}`, m, n, k, heap, k, 1, heap + 4096, n, 1, heap + 8192, n, 0, heap + 16384);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) expect(c[i * n + j]).toBe(i < m - 1 ? 0 : j === 0 ? Number.NaN : Infinity);
    }
  });

  test("broadcast operands with stride 0 are read as they are", () => {
    const a = new t.View(memory.buffer, heap, 2).fill(0);
    a[0] = 2;
    const b = new t.View(memory.buffer, heap + 4096, 16);
    for (let i = 0; i < 16; i++) b[i] = i;
    call(`gemm_${t.type}`, 6, 16, 3, heap, 0, 0, heap + 4096, 0, 1, heap + 8192, 16, 0, heap + 16384);
    expect([...new t.View(memory.buffer, heap + 8192, 96)]).toEqual(Array.from({ length: 96 }, (_, i) => 6 * (i % 16)));
  });
});
