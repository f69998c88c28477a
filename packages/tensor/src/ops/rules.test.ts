import type { Params } from "@ansatz/backend";
import { isFloat } from "@ansatz/backend";
import { referenceBackend } from "@ansatz/backend/reference";
import { beforeAll, describe, expect, test } from "vitest";
import type { LinearInput, Tangent, TensorOp } from "../core/op";
import { state } from "../core/state";
import type { Tensor } from "../core/tensor";
import { bind } from "../core/trace";
import { at, build, generator, type Plain, plainOf, randomPlain, tensorOf } from "../testing/arrays";
import { cases, type RuleCase } from "./rules.cases";

/**
 * The rules one by one, without the interpreters: derivatives against central differences, transposes against ⟨Lv, w⟩ = ⟨v, Lᵀw⟩, batching
 * against the members computed alone.
 */

beforeAll(() => {
  state.backend = referenceBackend();
});

const dot = (a: readonly (Tensor | null)[], b: readonly (Tensor | null)[]): number =>
  a.reduce((sum, x, i) => {
    const y = b[i];
    if (!x || !y) return sum;
    const [p, q] = [plainOf(x).data, plainOf(y).data];
    return sum + p.reduce((s, v, k) => s + v * q[k], 0);
  }, 0);

const moved = (x: Tensor, v: Tensor, h: number): Tensor => {
  const [p, q] = [plainOf(x), plainOf(v)];
  return tensorOf({ shape: p.shape, data: p.data.map((a, i) => a + h * q.data[i]) }, x.dtype);
};
const direction = (x: Tensor, next: () => number): Tangent =>
  isFloat(x.dtype) ? tensorOf(randomPlain(x.shape, next), x.dtype) : null;

const apply = (c: RuleCase, xs: readonly Tensor[]): readonly Tensor[] => bind(c.op as TensorOp, xs, c.params as Params);
const tangentOf = (c: RuleCase, xs: readonly Tensor[], vs: readonly Tangent[]): readonly Tangent[] => {
  const d = (c.op as TensorOp).derivative;
  if (d.kind === "linear")
    return apply(
      c,
      vs.map((v, i) => v ?? zero(xs[i])),
    );
  if (d.kind === "jvp") return d.jvp(xs, vs, c.params as Params, apply(c, xs));
  return [];
};
const zero = (x: Tensor): Tensor => tensorOf({ shape: x.shape, data: new Array(x.size).fill(0) }, x.dtype);
const close = (a: number, b: number, tol: number): void =>
  expect(Math.abs(a - b) / (1 + Math.abs(b))).toBeLessThan(tol);

describe.each(cases)("$name", (c) => {
  const derivative = (c.op as TensorOp).derivative;
  const smooth = derivative.kind === "jvp" || derivative.kind === "linear";

  test.runIf(smooth)("has the tangent that central differences give", () => {
    const next = generator(1);
    const xs = c.inputs();
    const vs = xs.map((x) => direction(x, next));
    const subsets = [vs, ...vs.map((v, i) => vs.map((_, k) => (k === i ? v : null)))].filter((s) => s.some((v) => v));
    for (const some of subsets) {
      const h = 1e-6;
      const step = (s: number) =>
        apply(
          c,
          xs.map((x, i) => (some[i] ? moved(x, some[i], s * h) : x)),
        );
      const [plus, minus, tangents] = [step(1), step(-1), tangentOf(c, xs, some)];
      plus.forEach((p, k) => {
        if (!isFloat(p.dtype)) return;
        const t = tangents[k] ? plainOf(tangents[k]) : null;
        if (t) expect(t.shape).toEqual(p.shape);
        const [a, b] = [plainOf(p).data, plainOf(minus[k]).data];
        a.forEach((v, i) => close(t?.data[i] ?? 0, (v - b[i]) / (2 * h), c.tolerance ?? 1e-6));
      });
    }
  });

  test.runIf(smooth && derivative.transpose !== undefined && c.linearIn !== undefined)(
    "is transposed in each linear input",
    () => {
      const next = generator(2);
      const xs = c.inputs();
      const outs = apply(c, xs);
      const w = outs.map((y) => direction(y, next));
      for (const group of c.linearIn as number[][]) {
        const vs = xs.map((x, i) => (group.includes(i) ? direction(x, next) : null));
        const run = (ts: readonly Tangent[]) =>
          apply(
            c,
            xs.map((x, i) => ts[i] ?? x),
          );
        const image = run(vs);
        const origin = run(vs.map((v, i) => v && zero(xs[i])));
        const mark = (x: Tensor, i: number): Tensor | LinearInput =>
          group.includes(i) ? { linear: true, aval: { shape: x.shape, dtype: x.dtype } } : x;
        const back = (
          derivative as { transpose: NonNullable<unknown> & ((...a: never[]) => readonly Tangent[]) }
        ).transpose(w as never, xs.map(mark) as never, c.params as never);
        expect(back.length).toBe(xs.length);
        back.forEach((b, i) => {
          if (!group.includes(i)) expect(b).toBeNull();
          else expect(b?.shape).toEqual(xs[i].shape);
        });
        close(dot(image, w) - dot(origin, w), dot(vs, back), 1e-9);
      }
    },
  );

  test("batches as its members one by one", () => {
    const size = 3;
    const rule = (c.op as TensorOp).batch;
    const n = c.inputs(0).length;
    if (rule === "elementwise" || n === 0) return;
    const members = [0, 1, 2].map((k) => c.inputs(k));
    for (let mask = 1; mask < 1 << n; mask++) {
      const on = (i: number): boolean => ((mask >> i) & 1) === 1;
      for (const late of [false, true]) {
        const axes = members[0].map((x, i) => (on(i) ? (late ? x.shape.length : 0) : null));
        const inputs = members[0].map((x, i) => {
          const axis = axes[i];
          return axis === null
            ? x
            : stack(
                members.map((m) => m[i]),
                axis,
              );
        });
        const result = rule(size, inputs, axes, c.params as never);
        members.forEach((_, k) => {
          const alone = apply(
            c,
            members[0].map((x, i) => (on(i) ? members[k][i] : x)),
          );
          expect(result.outs.length).toBe(alone.length);
          alone.forEach((y, j) => {
            const axis = result.axes[j];
            const got = axis === null ? plainOf(result.outs[j]) : member(plainOf(result.outs[j]), axis, k);
            const want = plainOf(y);
            expect(got.shape).toEqual(want.shape);
            got.data.forEach((v, i) =>
              Number.isNaN(v) ? expect(want.data[i]).toBeNaN() : close(v, want.data[i], 1e-12),
            );
          });
        });
      }
    }
  });
});

const stack = (xs: readonly Tensor[], axis: number): Tensor => {
  const ps = xs.map(plainOf);
  const shape = [...ps[0].shape];
  shape.splice(axis, 0, xs.length);
  return tensorOf(
    build(shape, (i) => at(ps[i[axis]], [...i.slice(0, axis), ...i.slice(axis + 1)])),
    xs[0].dtype,
  );
};
const member = (p: Plain, axis: number, k: number): Plain =>
  build(
    p.shape.filter((_, i) => i !== axis),
    (i) => at(p, [...i.slice(0, axis), k, ...i.slice(axis)]),
  );

test("every case of the table names an op with a rule", () => {
  expect(cases.length).toBeGreaterThan(90);
});
