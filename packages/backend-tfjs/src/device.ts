import {
  type Aval,
  BackendError,
  type Device,
  type DeviceKernel,
  type DType,
  type Equation,
  hostArray,
  type Shape,
  sizeOf,
  type TensorFlowKernel,
  type TypedArray,
} from "@ansatz/backend";
import { type Engine, engineOf } from "./engine";
import { kernelFor, kernelsOf, onDevice } from "./kernels";
import { maxRank, reshape, storedShape } from "./kernels/kernel";
import type { Tensor, Tf } from "./tf";

const tfTypes: Partial<Record<DType, "float32" | "bool" | "int32">> = {
  float32: "float32",
  bool: "bool",
  int32: "int32",
};

/** Integers are floats on WebGL, so beyond 2²⁴ they would change without a word. */
const checkExact = (engine: Engine, data: TypedArray): void => {
  if (engine.name !== "webgl") return;
  for (const x of data as Int32Array)
    if (Math.abs(x) > 2 ** 24)
      throw new BackendError(
        "upload",
        "integers on WebGL are exact to 2^24 only",
        { value: x },
        "keep them on the host",
      );
};

const empty = (tf: Tf, shape: readonly number[], dtype: DType): Tensor =>
  tf.tensor([], storedShape(shape), tfTypes[dtype]);

/** Engines compute sizes in 32 bits, and some go on with what is left of them. */
const checkSize = (a: Aval): void => {
  const elements = sizeOf(a.shape);
  if (elements >= 2 ** 31)
    throw new BackendError("tfjs", "a tensor is too large for the engine", { elements }, "split it", "memory");
};

/** What engines say when they cannot allocate: JavaScript's RangeError, WebGL's texture limits, TensorFlow's OOM, Emscripten's abort. */
const isOutOfMemory = (e: unknown): boolean =>
  e instanceof RangeError ||
  /texture size|\bOOM\b|out of memory|allocation failed|memory access out of bounds/i.test(String(e));

/** Engines hand out their own arrays, and other types for bool; ours is a copy in the host type of the dtype. */
const ownCopy = (data: ArrayLike<number>, aval: Aval): TypedArray => {
  const out = hostArray(aval.dtype, sizeOf(aval.shape)) as Float32Array;
  out.set(data);
  return out;
};

export interface TfjsDevice extends Device<Tensor> {
  readonly engine: Engine;
  /** Equations that TensorFlow reported an error for and the host answered, by op. */
  readonly refused: ReadonlyMap<string, number>;
}

/** A TensorFlow.js engine as a device: float32 and bool live on it, integers and keys on the host. */
export const tfjsDevice = (tf: Tf): TfjsDevice => {
  const engine = engineOf(tf);
  const table = kernelsOf(engine);
  const tensors = new Set<Tensor>();
  const refused = new Map<string, number>();

  const own = (t: Tensor): Tensor => {
    // An enclosing tf.tidy of the caller must not take it.
    tf.keep(t);
    tensors.add(t);
    return t;
  };
  const all = (f: () => Tensor[]): Tensor[] => {
    try {
      return tf.tidy(f).map(own);
    } catch (e) {
      throw isOutOfMemory(e)
        ? new BackendError("tfjs", String((e as Error).message), undefined, "free tensors", "memory")
        : e;
    }
  };
  const run = (f: () => Tensor): Tensor => all(() => [f()])[0];
  const upload = (data: TypedArray, shape: Shape, dtype: DType): Tensor =>
    tf.tensor(data.slice() as Float32Array, storedShape(shape), tfTypes[dtype]);

  /** An extension op that is one of TensorFlow's own, and the host's where TensorFlow reports an error. */
  const extension = (eq: Equation): DeviceKernel<Tensor> | undefined => {
    const kernel = eq.op.kernels?.tfjs as TensorFlowKernel | undefined;
    const outs = eq.outputs.map((v) => v.aval);
    const avals = eq.inputs.map((a) => a.aval);
    if (!kernel?.tensorflow || !engine.native || !avals.every(onDevice)) return undefined;
    if ([...avals, ...outs].some((a) => sizeOf(a.shape) === 0 || !tfTypes[a.dtype])) return undefined;
    const host = eq.op.host?.bind(eq.op);
    const native = (ins: readonly Tensor[]): Tensor[] =>
      engine.native!(
        kernel,
        ins.map((x, i) => reshape(tf, x, ownShape(avals[i].shape))),
        eq.params,
      ).slice(0, outs.length);
    const onHost = (ins: readonly Tensor[]): Tensor[] => {
      refused.set(eq.op.name, (refused.get(eq.op.name) ?? 0) + 1);
      const values = ins.map((x, i) => ({ aval: avals[i], data: ownCopy(x.dataSync(), avals[i]) }));
      return host!(values, eq.params).map((data, i) => upload(data, outs[i].shape, outs[i].dtype));
    };
    return {
      hostedResults: true,
      run: (ins) =>
        all(() => {
          let results: Tensor[];
          try {
            results = native(ins);
          } catch (e) {
            if (!host || isOutOfMemory(e)) throw e;
            results = onHost(ins);
          }
          return results.map((y, i) => reshape(tf, y, storedShape(outs[i].shape)));
        }),
    };
  };

  return {
    engine,
    refused,
    name: `tfjs-${engine.name}`,
    dtypes: ["float32", "bool"],
    hosted: ["int32", "uint32", "key"],
    float: "float32",
    residentBytes: 2 ** 30,
    // Kernels that extension ops bring name ops of TensorFlow; on the other engines such ops are composed.
    family: engine.native ? "tfjs" : undefined,

    upload(data, aval) {
      const dtype = tfTypes[aval.dtype];
      if (!dtype) throw new BackendError("upload", `${aval.dtype} lives on the host`);
      if (dtype === "int32") checkExact(engine, data);
      return own(upload(data, aval.shape, aval.dtype));
    },
    read: async (t, aval) => ownCopy(await t.data(), aval),
    readSync: (t, aval) => ownCopy(t.dataSync(), aval),
    free(t) {
      tensors.delete(t);
      t.dispose();
    },

    kernel(eq): DeviceKernel<Tensor> | undefined {
      if (!eq.op.core) return extension(eq);
      const kernel = kernelFor(engine, table, eq);
      if (!kernel) return undefined;
      const avals = eq.inputs.map((a) => a.aval);
      const outs = eq.outputs.map((v) => v.aval);
      const onHost = avals.flatMap((_, i) => (kernel.host?.(i) ? [i] : []));
      const onEngine = avals.flatMap((_, i) => (onHost.includes(i) ? [] : [i]));
      return {
        onHost,
        hostedResults: true,
        run: (given, values) => {
          checkSize(outs[0]);
          const ins = new Array<Tensor>(avals.length);
          const host = new Array<TypedArray>(avals.length);
          for (const [k, i] of onEngine.entries()) ins[i] = given[k];
          for (const [k, i] of onHost.entries()) host[i] = values[k].data;
          const call = { tf, engine, ins, host, avals, outs, params: eq.params };
          return [
            run(() => {
              const y = kernel.run(call);
              const z = reshape(tf, y, storedShape(outs[0].shape));
              return given.includes(z) ? tf.clone(z) : z;
            }),
          ];
        },
      };
    },

    row: (x, aval, i) =>
      run(() => {
        const inner = aval.shape.slice(1);
        if (sizeOf(inner) === 0) return empty(tf, inner, aval.dtype);
        const flat = reshape(tf, x, [aval.shape[0], sizeOf(inner)]);
        return tf.reshape(tf.slice(flat, [i, 0], [1, sizeOf(inner)]), storedShape(inner));
      }),
    stack: (rows, row) =>
      run(() => {
        const n = sizeOf(row.shape);
        if (n * rows.length === 0) return empty(tf, [rows.length, ...row.shape], row.dtype);
        const flat = rows.map((r) => reshape(tf, r, [1, n]));
        const all = flat.length === 1 ? tf.clone(flat[0]) : tf.concat(flat, 0);
        return tf.reshape(all, storedShape([rows.length, ...row.shape]));
      }),

    dispose() {
      for (const t of tensors) t.dispose();
      tensors.clear();
    },
  };
};

/** The shape of an operand of TensorFlow's own ops, which read the last axes as a matrix: leading axes are gathered where it is deep. */
const ownShape = (shape: Shape): number[] =>
  shape.length <= maxRank ? [...shape] : [sizeOf(shape.slice(0, -2)), ...shape.slice(-2)];
