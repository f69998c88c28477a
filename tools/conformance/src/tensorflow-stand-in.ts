import { cholesky, eigh, qr, svd, svdvals, triangularSolve } from "@ansatz/linalg";
import { digamma, lgamma, type Tensor, tensor } from "@ansatz/tensor";
import * as tf from "@tensorflow/tfjs";

type Attribute = { readonly name: string; readonly type: number; readonly value: unknown };
type Attributes = { readonly [name: string]: unknown };

const binding = { TF_ATTR_TYPE: 10, TF_ATTR_BOOL: 11, TF_FLOAT: 1, TF_INT32: 3 };

const ours = (x: tf.Tensor): Tensor => tensor(Float32Array.from(x.dataSync()), { shape: x.shape });
const theirs = (x: Tensor): tf.Tensor => tf.tensor(Float32Array.from(x.dataSync(), Number), [...x.shape], "float32");
const nothing = (): tf.Tensor => tf.tensor([], [0], "float32");
const turned = (x: tf.Tensor): tf.Tensor => {
  const order = [...x.shape.keys()];
  return tf.transpose(x, [...order.slice(0, -2), x.rank - 1, x.rank - 2]);
};
/** What TensorFlow's CPU kernels say. */
const failed = (what: string): never => {
  throw new Error(`Invalid TF_Status: 3\nMessage: ${what}`);
};

interface Op {
  /** The attributes it has, by their kinds. */
  readonly attributes: { readonly [name: string]: "type" | "bool" };
  readonly results: number;
  run(ins: readonly tf.Tensor[], attributes: Attributes): tf.Tensor[];
}

const elementwise = (f: (x: Tensor) => Tensor): Op => ({
  attributes: { T: "type" },
  results: 1,
  run: ([x]) => [theirs(f(ours(x)))],
});

/** TensorFlow 2.9's ops of these names: operands, attributes, order of results and errors as its documentation has them. */
const ops: { readonly [name: string]: Op } = {
  Lgamma: elementwise(lgamma),
  Digamma: elementwise(digamma),
  Cast: {
    attributes: { SrcT: "type", DstT: "type", Truncate: "bool" },
    results: 1,
    run: ([x], { DstT }) => [tf.cast(x, DstT === binding.TF_INT32 ? "int32" : "float32")],
  },
  Cholesky: {
    attributes: { T: "type" },
    results: 1,
    run([a]) {
      const { l, info } = cholesky(ours(a));
      if (info.dataSync().some((code) => Number(code) > 1))
        failed("Cholesky decomposition was not successful. The input might not be valid.");
      return [theirs(l)];
    },
  },
  Qr: {
    attributes: { T: "type", full_matrices: "bool" },
    results: 2,
    run([a], { full_matrices }) {
      const { q, r } = qr(ours(a), { full: full_matrices as boolean });
      return [theirs(q), theirs(r)];
    },
  },
  Svd: {
    attributes: { T: "type", compute_uv: "bool", full_matrices: "bool" },
    results: 3,
    run([a], { compute_uv, full_matrices }) {
      if (!compute_uv) return [theirs(svdvals(ours(a))), nothing(), nothing()];
      const { u, s, vt } = svd(ours(a), { full: full_matrices as boolean });
      return [theirs(s), theirs(u), turned(theirs(vt))];
    },
  },
  SelfAdjointEigV2: {
    attributes: { T: "type", compute_v: "bool" },
    results: 2,
    run([a], { compute_v }) {
      const { values, vectors } = eigh(ours(a));
      return [theirs(values), compute_v ? theirs(vectors) : nothing()];
    },
  },
  MatrixTriangularSolve: {
    attributes: { T: "type", lower: "bool", adjoint: "bool" },
    results: 1,
    run([a, b], { lower, adjoint }) {
      const n = a.shape[a.rank - 1];
      if (a.dataSync().some((v, i) => v === 0 && (i % (n * n)) % (n + 1) === 0))
        failed("Input matrix is not invertible.");
      const x = triangularSolve(ours(a), ours(b), { lower: lower as boolean, transposed: adjoint as boolean });
      return [theirs(x)];
    },
  },
};

/**
 * TensorFlow's engine as far as its documented face goes (NodeJSKernelBackend of tfjs-node 4.22): ops by name with checked attributes and
 * numbers of results, errors for what TensorFlow refuses; the arithmetic is tfjs-cpu's and, for the ops above, our own on wasm.
 * `asked` hears every op asked for by name. What is tested with it is our side of that face; the real one is asked where its addon loads.
 */
export const tensorflowStandIn = (onWasm: <T>(f: () => T) => T) => {
  const asked: string[] = [];
  const execute = (name: string, list: Attribute[], ins: tf.Tensor[], results: number): tf.Tensor[] => {
    asked.push(name);
    const op = ops[name] ?? failed(`Op type not registered '${name}'`);
    if (results !== op.results) failed(`Expecting ${op.results} outputs, but *num_retvals is ${results}`);
    const kinds = Object.entries(op.attributes).map(
      ([n, k]) => `${n}:${k === "type" ? binding.TF_ATTR_TYPE : binding.TF_ATTR_BOOL}`,
    );
    const given = list.map((a) => `${a.name}:${a.type}`);
    if (kinds.sort().join() !== given.sort().join()) failed(`${name} has the attributes ${kinds}, not ${given}`);
    if (ins.some((x) => x.dtype !== "float32")) failed(`${name} takes float32`);
    return onWasm(() => op.run(ins, Object.fromEntries(list.map((a) => [a.name, a.value]))));
  };
  const module = {
    ...tf,
    getBackend: () => "tensorflow",
    getKernel: (name: string) => tf.getKernel(name, "cpu"),
    backend: () => ({
      binding,
      executeSingleOutput: (name: string, list: Attribute[], ins: tf.Tensor[]) => execute(name, list, ins, 1)[0],
      executeMultipleOutputs: execute,
    }),
  } as unknown as typeof tf;
  return { module, asked };
};
