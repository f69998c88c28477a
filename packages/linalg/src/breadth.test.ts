import { index, jit, stack, type Tensor, vmap } from "@ansatz/tensor";
import { describe, expect, test } from "vitest";
import * as linalg from "./index";
import { denseRows } from "./testing/breadth-dense";
import { largeRows } from "./testing/breadth-large";
import { tensorRows } from "./testing/breadth-tensors";
import { checkDerivatives } from "./testing/derivatives";
import { distance } from "./testing/matrices";

/**
 * Breadth: every function that computes with numbers batches (vmap; leading axes where it says so), runs under jit, keeps float32, and differentiates to
 * second order. One row joins a function to all of it; what a row leaves out, it says why.
 */
const rows = [...denseRows, ...largeRows, ...tensorRows];
const data = (t: Tensor): Float64Array => Float64Array.from(t.dataSync(), Number);

const numeric = rows.map((r) => [`${r.of.join(", ")}`, r] as const);
const member = (x: Tensor, i: number): Tensor => index(x, i);
const eps32 = 2 ** -23;

describe.each(numeric)("%s", (_, r) => {
  const x = r.at(21);
  const many = stack([21, 22, 23].map(r.at));
  test("jit and vmap give what single calls give", () => {
    const alone = [0, 1, 2].map((i) => data(r.f(member(many, i))));
    expect(distance(data(jit(r.f)(x) as Tensor), alone[0])).toBeLessThan(1e-11);
    const together = [vmap(r.f)(many) as Tensor, jit(vmap(r.f))(many) as Tensor];
    if (r.leading) together.push(r.f(many));
    for (const t of together)
      alone.forEach((want, i) => expect(distance(data(member(t, i)), want)).toBeLessThan(1e-11));
  });
  test("float32 stays float32 and agrees with float64", () => {
    const narrow = x.astype("float32");
    const got = r.f(narrow);
    expect(got.dtype).toBe("float32");
    expect(distance(data(got), data(r.f(narrow.astype("float64"))))).toBeLessThan((r.single ?? 64) * eps32);
  });
  const { order = 2, tolerance = 1e-6 } = r;
  if (typeof order !== "string")
    test("derivatives agree with finite differences", () => {
      checkDerivatives(r.f, x, { order, tolerance });
    });
});

test("every function of the package stands in a row, or is about something else than numbers", () => {
  const apart: Readonly<Record<string, string>> = {
    check: "reads values",
    status: "reads values",
    sentenceOf: "a sentence",
    failures: "codes",
    warnings: "codes",
    isContiguous: "layouts",
    rowMajorStrides: "layouts",
    sparsePattern: "a pattern, in every sparse row",
    linearOperator: "takes a function; its own tests are in large.test.ts",
    galerkin: "takes a function",
    connectedComponents: "integers",
    codewords: "bits",
    gf2NullSpace: "bits",
    gf2Rank: "bits",
    isCodeword: "bits",
    minimumDistance: "bits",
    tannerGraph: "bits",
  };
  const joined = new Set([...rows.flatMap((r) => r.of), ...Object.keys(apart)]);
  expect(Object.keys(linalg).filter((name) => !joined.has(name))).toEqual([]);
  expect([...joined].filter((name) => !(name in linalg))).toEqual([]);
});
