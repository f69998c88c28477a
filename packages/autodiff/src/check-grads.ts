import { AnsatzError, DomainError, DTypeError, epsOf, isFloat, showAval } from "@ansatz/backend";
import { add, foldIn, key, mul, normal, sub, type Tensor } from "@ansatz/tensor";
import {
  flattenInto,
  jvpFlat,
  leafPaths,
  leafTensor,
  linearizeFlat,
  type Structure,
  state,
  synchronous,
  unflattenFrom,
  zeros,
} from "@ansatz/tensor/transforms";
import { nameOf } from "./arguments";
import type { Likes } from "./types";

export interface CheckGradsOptions {
  /** How often to differentiate: 1 unless told. Each order is checked by differences of the exact derivative of the order before. */
  readonly order?: number;
  /** Both unless told; with an order k every one of the 2^k ways to combine them is checked. */
  readonly modes?: readonly ("forward" | "reverse")[];
  /** |exact - differences| ≤ atol + rtol · (largest entry of the differences). 10⁻⁶ in float64, 5·10⁻³ in float32 unless told. */
  readonly rtol?: number;
  readonly atol?: number;
  /** The step of the central differences, along a random direction with entries of size 1: ∛ε of the dtype unless told. */
  readonly eps?: number;
  /** Where directions come from: key(0) unless told. */
  readonly key?: Tensor;
}

/**
 * Checks the derivatives of a function at a point against central differences, along random directions:
 *
 *   Df(x) v  against  (f(x + εv) - f(x - εv)) / 2ε,   and  ⟨v, Df(x)ᵀ w⟩  against  ⟨the same, w⟩,
 *
 * and so on for the derivatives of these. Any tree, whatever backend is in use (it reads with await), any order; arguments that are not floats stay fixed, results
 * that are not floats are left out. The point should lie away from kinks.
 *
 * @param args the arguments of f, as an array
 * @returns a promise that rejects, naming mode, order and place, where they differ
 * @throws {DTypeError} no argument is a float   @throws {DomainError} an option that makes no sense
 * @see JAX, `jax.test_util.check_grads`
 * @example await checkGrads((x, w) => tanh(matmul(w, x)), [[1, 2], [[1, 0], [0.5, -1]]], { order: 2 });
 */
export const checkGrads = async <A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  args: Likes<NoInfer<A>>,
  options: CheckGradsOptions = {},
): Promise<void> => {
  const caller = nameOf("checkGrads", f);
  const { order = 1, modes = ["forward", "reverse"] } = options;
  if (!Number.isInteger(order) || order < 1)
    throw new DomainError(caller, "the order is a whole number ≥ 1", { order });
  if (modes.length === 0 || modes.some((m) => m !== "forward" && m !== "reverse"))
    throw new DomainError(caller, "modes are forward and reverse", { modes });
  const { g, xs } = floatsAlone(f as (...a: never[]) => unknown, args as readonly unknown[], caller);
  const y = g(xs);
  const coarse = [...xs, ...y.outs].reduce((e, t) => Math.max(e, epsOf(t.dtype)), 0);
  const loose = coarse > 1e-10 ? 5e-3 : 1e-6;
  const { eps = Math.cbrt(coarse), rtol = loose, atol = loose } = options;
  if (!(eps > 0)) throw new DomainError(caller, "eps is a number > 0", { eps });
  await check({ caller, modes, eps, rtol, atol }, g, xs, order, options.key ?? key(0), []);
};

/** Results, and what each is called. */
interface Results {
  readonly outs: readonly Tensor[];
  readonly paths: readonly string[];
}
type Flat = (xs: readonly Tensor[]) => Results;
type Mode = "forward" | "reverse";

interface Settings {
  readonly caller: string;
  readonly modes: readonly Mode[];
  readonly eps: number;
  readonly rtol: number;
  readonly atol: number;
}

const floatsAlone = (f: (...args: never[]) => unknown, args: readonly unknown[], caller: string) => {
  const raw: unknown[] = [];
  const structure: Structure = { kind: "array", children: args.map((a) => flattenInto(a, raw, caller)) };
  const all = raw.map((x) => leafTensor(x, caller));
  const floats = all.map((x) => isFloat(x.dtype));
  if (!floats.includes(true))
    throw new DTypeError(caller, "differentiates with respect to floats, and there are none", {
      arguments: all.map(showAval),
    });
  const g: Flat = (xs) => {
    let k = 0;
    const full = all.map((x, i) => (floats[i] ? xs[k++] : x));
    const ys: unknown[] = [];
    const values = unflattenFrom(structure, full, { at: 0 }) as unknown[];
    const s = flattenInto(synchronous(caller, (f as (...a: unknown[]) => unknown)(...values)), ys, caller);
    const paths = leafPaths(s, "result");
    const leaves = ys.map((y) => leafTensor(y, caller));
    const kept = leaves.map((y) => isFloat(y.dtype));
    return { outs: leaves.filter((_, i) => kept[i]), paths: paths.filter((_, i) => kept[i]) };
  };
  return { g, xs: all.filter((_, i) => floats[i]) };
};

const directions = (like: readonly Tensor[], k: Tensor): Tensor[] =>
  like.map((x, i) => normal(foldIn(k, i), x.shape, { dtype: x.dtype as "float64" }));

const check = async (
  s: Settings,
  g: Flat,
  xs: readonly Tensor[],
  order: number,
  k: Tensor,
  above: readonly Mode[],
): Promise<void> => {
  const v = directions(xs, foldIn(k, 1));
  const moved = (h: number): Results => g(xs.map((x, i) => add(x, mul(h, v[i]))));
  const [plus, minus] = [moved(s.eps), moved(-s.eps)];
  const slope = plus.outs.map((y, i) => mul(1 / (2 * s.eps), sub(y, minus.outs[i])));
  const w = directions(plus.outs, foldIn(k, 2));
  const differences = await Promise.all(slope.map(numbers));
  for (const mode of s.modes) {
    const name = [mode, ...above].join("-over-");
    const derivative: Flat = mode === "forward" ? forward(g, v, s.caller) : reverse(g, w, s.caller);
    const exact = await Promise.all(derivative(xs).outs.map(numbers));
    if (mode === "forward")
      exact.forEach((got, i) => {
        agree(s, name, plus.paths[i], got, differences[i]);
      });
    else {
      const [vs, ws] = [await Promise.all(v.map(numbers)), await Promise.all(w.map(numbers))];
      agree(s, name, "⟨v, Jᵀw⟩", [inner(vs, exact)], [inner(differences, ws)]);
    }
    if (order > 1) await check(s, derivative, xs, order - 1, foldIn(k, 3), [mode, ...above]);
  }
};

/** x ↦ Dg(x) v */
const forward =
  (g: Flat, v: readonly Tensor[], caller: string): Flat =>
  (xs) => {
    let paths: readonly string[] = [];
    const call = (ys: readonly Tensor[]): readonly Tensor[] => {
      const r = g(ys);
      paths = r.paths;
      return r.outs;
    };
    const r = jvpFlat(call, xs, v, state.trace, caller);
    return { outs: r.tangents.map((t, i) => t ?? zeros(r.outs[i])), paths };
  };

/** x ↦ Dg(x)ᵀ w */
const reverse =
  (g: Flat, w: readonly Tensor[], caller: string): Flat =>
  (xs) => {
    const lin = linearizeFlat((ys) => g(ys).outs, xs, caller);
    const outs = lin.transpose(w).map((t, i) => t ?? zeros(xs[i]));
    return { outs, paths: outs.map((_, i) => `gradient[${i}]`) };
  };

const numbers = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as ArrayLike<number>, Number);
const inner = (a: readonly number[][], b: readonly number[][]): number =>
  a.reduce((n, row, i) => row.reduce((m, x, j) => m + x * b[i][j], n), 0);

const agree = (s: Settings, mode: string, place: string, got: readonly number[], want: readonly number[]): void => {
  const scale = want.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const bound = s.atol + s.rtol * scale;
  let worst = -1;
  got.forEach((x, i) => {
    const off = Math.abs(x - want[i]);
    if (!(off <= bound) && (worst < 0 || !(off <= Math.abs(got[worst] - want[worst])))) worst = i;
  });
  if (worst < 0) return;
  throw new AnsatzError(
    "derivative",
    s.caller,
    `the ${mode} derivative is not that of central differences`,
    {
      [got.length > 1 ? `${place}, entry ${worst}` : place]: `${got[worst]} against ${want[worst]}`,
      allowed: bound.toExponential(1),
    },
    "a rule has a sign, a factor or a transpose wrong, or the point is near a kink, or eps does not suit the scale of the function",
  );
};
