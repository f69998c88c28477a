import { valueAndGrad } from "@ansatz/autodiff";
import {
  add,
  argmax,
  astype,
  bits,
  categorical,
  cumsum,
  equal,
  fori,
  jit,
  key,
  less,
  logsumexp,
  matmul,
  mean,
  mul,
  normal,
  randint,
  scan,
  softmax,
  sort,
  split,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  tree,
  uniform,
  vmap,
  whileLoop,
} from "@ansatz/tensor";

/** What a user might write, unchanged on every backend: numbers by name. `exact` must agree bit for bit, `near` to float32. */
export interface Results {
  readonly exact: { readonly [name: string]: readonly number[] };
  readonly near: { readonly [name: string]: readonly number[] };
}

const ramp = (n: number, scale: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => scale * Math.sin(1 + i * 1.7));

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())].map(Number);

export const sameProgram = async (): Promise<Results> => {
  // Draws: bits, uniform and integers are made on the host where a device lacks uint32.
  const [k1, k2, k3] = split(key(0), 3);
  const exact = {
    bits: await numbers(bits(k1, [5])),
    uniform: await numbers(uniform(key(0), [7], { dtype: "float32" })),
    randint: await numbers(randint(k2, [6], 0, 1000)),
    categorical: await numbers(categorical(k3, tensor(Float32Array.of(0.1, 2, -1)), { shape: [8] })),
    argmax: await numbers(argmax(tensor(ramp(40, 1), { shape: [4, 10] }), 1)),
    counts: await numbers(sum(astype(equal(tensor(Int32Array.of(1, 2, 1, 3)), 1), "int32"))),
  };

  // A tanh network and descent by its gradient, one compiled step.
  const widths = [2, 16, 16, 2];
  interface Params {
    w: Tensor[];
    b: Tensor[];
  }
  let params: Params = {
    w: [0, 1, 2].map((l) => tensor(ramp(widths[l] * widths[l + 1], 0.5), { shape: [widths[l], widths[l + 1]] })),
    b: [1, 2, 3].map((l) => tensor(new Float32Array(widths[l]))),
  };
  const x = tensor(ramp(64, 1), { shape: [32, 2] });
  const y = tensor(ramp(64, 0.3), { shape: [32, 2] });
  const loss = ({ w, b }: Params): Tensor => {
    const h1 = tanh(add(matmul(x, w[0]), b[0]));
    const h2 = tanh(add(matmul(h1, w[1]), b[1]));
    return mean(square(sub(add(matmul(h2, w[2]), b[2]), y)));
  };
  const step = jit((p: Params) => {
    const { value, grad } = valueAndGrad(loss)(p);
    return { params: tree.map((v: Tensor, g: Tensor) => sub(v, mul(0.1, g)), p, grad), loss: value };
  });
  const losses: number[] = [];
  for (let i = 0; i < 12; i++) {
    const r = step(params);
    params = r.params as Params;
    losses.push(...(await numbers(r.loss)));
  }

  const v = tensor(ramp(12, 2), { shape: [3, 4] });
  const f = (row: Tensor): Tensor => sum(square(tanh(row)));
  const [state, path] = scan(
    (c: Tensor, xi: Tensor) => [add(mul(0.9, c), xi), c] as const,
    tensor(Float32Array.of(1, -1, 0.5, 2)),
    v,
  );
  const near = {
    losses,
    weights: await numbers(params.w[1]),
    normal: await numbers(normal(key(3), [6], { dtype: "float32" })),
    softmax: await numbers(softmax(v)),
    logsumexp: await numbers(logsumexp(v)),
    cumsum: await numbers(cumsum(v, 1)),
    sorted: await numbers(sort(v)),
    taken: await numbers(take(v, tensor(Int32Array.of(2, 0, 2)), 0)),
    gradients: await numbers(vmap((row: Tensor) => valueAndGrad(f)(row).grad)(v)),
    state: await numbers(state),
    path: await numbers(path),
    counted: await numbers(fori(0, 10, (_: Tensor, c: Tensor) => mul(c, 1.1), tensor(Float32Array.of(1, 2)))),
    until: await numbers(
      whileLoop(
        (c: Tensor) => less(sum(c), 100),
        (c: Tensor) => mul(c, 1.5),
        tensor(Float32Array.of(1, 2)),
      ),
    ),
  };
  return { exact, near };
};

/** Where two runs differ, in sentences. */
export const differences = (seen: Results, expected: Results, rtol = 2e-5): string[] => {
  const out: string[] = [];
  const compare = (name: string, a: readonly number[], b: readonly number[], tol: number): void => {
    if (a.length !== b.length) out.push(`${name}: ${a.length} numbers, not ${b.length}`);
    const scale = Math.max(...b.map(Math.abs), 1e-6);
    for (const [i, v] of b.entries())
      if (!(Math.abs(a[i] - v) <= tol * scale)) out.push(`${name}[${i}] is ${a[i]}, expected ${v}`);
  };
  for (const [name, b] of Object.entries(expected.exact)) compare(name, seen.exact[name] ?? [], b, 0);
  for (const [name, b] of Object.entries(expected.near)) compare(name, seen.near[name] ?? [], b, rtol);
  return out;
};
