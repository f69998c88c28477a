import { aval, type Program, ShapeError } from "@ansatz/backend";
import {
  add,
  any,
  defineOp,
  einsum,
  eye,
  greater,
  matmul,
  matrixTranspose,
  mul,
  notEqual,
  reshape,
  sum,
  type Tensor,
  type TensorLike,
  vmap,
  where,
  zeros,
} from "@ansatz/tensor";
import {
  batchedAt,
  batchProgram,
  bind,
  bind1,
  evalProgram,
  isLinearInput,
  isPresent,
  jvpProgram,
  type LinearInput,
  memo,
  ones,
  present,
  stop,
  type TensorOp,
  traceClosed,
  traceFlat,
} from "@ansatz/tensor/transforms";
import { dividedDifference, type Elementwise } from "./divided-differences";
import { eigh } from "./eigh";
import { failure } from "./info";
import type { MatrixFunction } from "./matrix-functions";
import { batchOf, scaleColumns, square, symmetricPart } from "./support";

/** A function of one number, given as a tensor []: made of ops, since its own derivatives are taken. */
export type ScalarFunction = (x: Tensor) => Tensor;

/**
 * f as a program of what it captures and of its argument, which has the `lead` axes of the op's other operands in front when those it captures have them.
 */
interface Form {
  readonly [k: string]: Program | number;
  /** (captured…, x) → f(x) */
  readonly f: Program;
  /** How many directions there are; -1 for the sum of the values. */
  readonly order: number;
  readonly lead: number;
}

/** f on tensors that have `lead` axes, and then any others. */
const elementwise =
  ({ f, lead }: Form, theta: readonly Tensor[]): Elementwise =>
  (x) => {
    const front = x.shape.slice(0, lead);
    const flat = reshape(x, [...front, x.size / front.reduce((p, q) => p * q, 1)]);
    const one = (v: Tensor): Tensor => evalProgram(f, [...theta, v])[0];
    return reshape(vmap(one, { in: lead, out: lead })(flat) as Tensor, x.shape);
  };

/**
 * (A, E₁ … E_k, captured…) → the derivative of order k of f at a symmetric A along symmetric Eᵢ (Daleckii and Krein). In the eigenbasis of A, with Ẽ = VᵀE V,
 *
 *   Σ_π Σ  f[λ_{i₀}, …, λ_{i_k}] Ẽ_π₁[i₀, i₁] ⋯ Ẽ_π_k[i_{k-1}, i_k]      over orders π of the E and inner indices i₁ … i_{k-1}
 *
 * f[…] being divided differences, so repeated eigenvalues need no care. Its own derivative along D is that of order k + 1, with D as one more direction; and
 * since tr(G · it) is symmetric in G and all the E, its transpose in one of them is itself with G in that place.
 */
const frechetOp: TensorOp<Form> = /* @__PURE__ */ defineOp<Form>({
  name: "symmetricFunction",
  abstract: ([a], { order }) => [order < 0 ? aval(batchOf(a, 2), a.dtype) : a],
  compose: ([a, ...rest], form) => {
    const k = Math.max(0, form.order);
    const f = elementwise(form, rest.slice(k));
    return [form.order < 0 ? sum(f(eigh(a).values), -1) : contracted(f, a, rest.slice(0, k))];
  },
  derivative: {
    kind: "jvp",
    jvp: ([a, ...rest], [da, ...dRest], form) => {
      const k = Math.max(0, form.order);
      const [es, theta, dTheta] = [rest.slice(0, k), rest.slice(k), dRest.slice(k)];
      const parts: Tensor[] = [];
      if (da && form.order < 0) {
        const slope = bind1(frechetOp, [a, ...theta], { ...form, f: inArgument(form.f), order: 0 });
        parts.push(sum(mul(slope, da), [-2, -1]));
      } else if (da) parts.push(bind1(frechetOp, [a, ...es, da, ...theta], { ...form, order: k + 1 }));
      es.forEach((_, j) => {
        const e = dRest[j];
        if (e) parts.push(bind1(frechetOp, [a, ...es.map((x, i) => (i === j ? e : x)), ...theta], form));
      });
      if (dTheta.some(isPresent)) {
        const f = inCaptured(form.f, dTheta.map(isPresent));
        parts.push(bind1(frechetOp, [a, ...es, ...theta, ...present(dTheta)], { ...form, f }));
      }
      return [parts.reduce((p, q) => add(p, q))];
    },
    transpose: ([g], inputs, form) => {
      const k = Math.max(0, form.order);
      return inputs.map((x, i) => {
        if (!g || !isLinearInput(x)) return null;
        if (i > k) return pulledBack(g, inputs, i, form);
        return bind1(
          frechetOp,
          inputs.map((y, j) => (j === i ? symmetricPart(g) : (y as Tensor))),
          form,
        );
      });
    },
  },
  batch: (size, xs, axes, form) => {
    const k = Math.max(0, form.order);
    const shared = form.lead === 0 && axes.slice(k + 1).every((axis) => axis === null);
    const ins = xs.map((x, i) => (shared && i > k ? x : batchedAt(x, axes[i], size)));
    const batched = (): Program =>
      batchProgram(
        form.f,
        size,
        form.f.inputs.map(() => true),
        [true],
      ).program;
    return { outs: bind(frechetOp, ins, shared ? form : { ...form, f: batched(), lead: form.lead + 1 }), axes: [0] };
  },
});

/** ∂f/∂x. */
const inArgument = (f: Program): Program =>
  memo(f, "in its argument", () => {
    const j = jvpProgram(
      f,
      f.inputs.map((_, i) => i === f.inputs.length - 1),
      [true],
    );
    return traceClosed(
      (xs) => [evalProgram(j.program, [...xs, ones(xs[xs.length - 1])])[1]],
      f.inputs.map((v) => v.aval),
      "f",
    );
  });
/** The change of f with those captured tensors that move: (captured…, their tangents…, x) → ∂f. */
const inCaptured = (f: Program, moving: readonly boolean[]): Program =>
  memo(f, `in captured ${moving}`, () => {
    const j = jvpProgram(f, [...moving, false], [true]);
    const n = f.inputs.length;
    const [x, captured, tangents] = [
      j.program.inputs[n - 1],
      j.program.inputs.slice(0, n - 1),
      j.program.inputs.slice(n),
    ];
    return { ...j.program, inputs: [...captured, ...tangents, x], outputs: [j.program.outputs[1]] };
  });
/** The cotangent of input i, in which f is linear: one value of the op for each of its entries. */
const pulledBack = (g: Tensor, inputs: readonly (Tensor | LinearInput)[], i: number, form: Form): Tensor => {
  const { shape, dtype } = (inputs[i] as LinearInput).aval;
  const size = shape.reduce((p, q) => p * q, 1);
  const one = (e: Tensor): Tensor => {
    const ins = inputs.map((x, j) => (j === i ? e : isLinearInput(x) ? zeros(x.aval.shape, { dtype }) : x));
    return sum(mul(g, bind1(frechetOp, ins, form)));
  };
  return reshape(vmap(one)(reshape(eye(size, size, { dtype }), [size, ...shape])) as Tensor, shape);
};

const contracted = (f: Elementwise, a: Tensor, es: readonly Tensor[]): Tensor => {
  const { values, vectors: v } = eigh(a);
  const vt = matrixTranspose(v);
  const k = es.length;
  if (k === 0) return matmul(scaleColumns(v, f(values)), vt);
  const n = values.shape[values.shape.length - 1];
  const lead = values.shape.slice(0, -1);
  // λ along each of k + 1 axes
  const points = Array.from({ length: k + 1 }, (_, i) => {
    const shape = [...lead, ...Array.from({ length: k + 1 }, (__, j) => (i === j ? n : 1))];
    return add(reshape(values, shape), zeros([...lead, ...new Array<number>(k + 1).fill(n)], { dtype: a.dtype }));
  });
  const table = dividedDifference(f, points);
  const inner = es.map((e) => matmul(vt, matmul(e, v)));
  const letters = "abcdefgh".slice(0, k + 1);
  const spec = `...${letters},${es.map((_, i) => `...${letters[i]}${letters[i + 1]}`).join(",")}->...${letters[0]}${letters[k]}`;
  const total = orders(inner)
    .map((order) => einsum(spec, table, ...order))
    .reduce((p, q) => add(p, q));
  return matmul(v, matmul(total, vt));
};
const orders = <T>(xs: readonly T[]): T[][] =>
  xs.length <= 1
    ? [[...xs]]
    : xs.flatMap((x, i) => orders([...xs.slice(0, i), ...xs.slice(i + 1)]).map((rest) => [x, ...rest]));

const applied = (caller: string, f: ScalarFunction, a: Tensor, order: number): Tensor => {
  const t = traceFlat(([x]) => [f(x)], [zeros([], { dtype: a.dtype })], caller);
  const out = t.program.outputs[0].aval;
  if (out.shape.length !== 0 || out.dtype !== a.dtype)
    throw new ShapeError(caller, `f must take one number to one, of ${a.dtype}`, { result: out.shape });
  return bind1(frechetOp, [a, ...t.captured], { f: t.program, order, lead: 0 });
};
const infoOf = (a: Tensor, f: ScalarFunction): Tensor => {
  const { values, info } = eigh(stop(a));
  const y = vmap(f)(reshape(values, [values.size])) as Tensor;
  const bad = any(reshape(notEqual(y, y), values.shape), -1);
  return where(greater(info, 0), info, where(bad, failure("noRealValue"), 0));
};

/**
 * A function of a symmetric matrix by its eigenvalues:
 *
 *   f(A) = V diag(f(λ)) Vᵀ   for A = V diag(λ) Vᵀ
 *
 * Exact derivatives of every order, in both modes, at repeated and clustered eigenvalues as elsewhere: they come from divided differences of f (Daleckii and
 * Krein), whose limits are derivatives of f, taken by differentiating f. Tensors that f captures are differentiated too. A derivative of order k costs O(n^{k+1})
 * values of f.
 *
 * @param a  [..., n, n]; its symmetric part is taken
 * @param f  of one number, made of ops: x ↦ tanh(x)
 * @returns value [..., n, n]; `info` fails where f has no value at an eigenvalue
 * @see Higham 2008, Functions of Matrices, theorem 3.11 and section 3.2; for general matrices `expm`, `sqrtm`, `logm`
 * @example funmSymmetric([[0, 1], [1, 0]], (x) => x.mul(x)).value // [[1, 0], [0, 1]]
 */
export const funmSymmetric = (a: TensorLike, f: ScalarFunction): MatrixFunction => {
  const x = symmetricPart(square("funmSymmetric", a));
  return { value: applied("funmSymmetric", f, x, 0), info: infoOf(x, f) };
};

/**
 * Σ f(λ) over the eigenvalues of a symmetric matrix, which is tr f(A): log det for f = log, the nuclear norm for |x|. Its gradient is f′(A); derivatives of every
 * order are exact at repeated eigenvalues, as those of `funmSymmetric` are.
 *
 * @param a  [..., n, n]; its symmetric part is taken
 * @example spectralSum([[2, 0], [0, 3]], (x) => x.mul(x)) // 13
 */
export const spectralSum = (a: TensorLike, f: ScalarFunction): Tensor =>
  applied("spectralSum", f, symmetricPart(square("spectralSum", a)), -1);
