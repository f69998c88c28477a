import type { Params, TensorFlowKernel } from "@ansatz/backend";
import type { FragmentProgram, Tensor, Tf } from "./tf";

/**
 * What is known of the engine under `tf`. The three engines that can be tested everywhere are trusted where the conformance suite
 * found them right; any other engine (TensorFlow itself among them) gets the corrected form of every op.
 */
export interface Engine {
  readonly tf: Tf;
  /** "cpu", "wasm", "webgl", "tensorflow", … */
  readonly name: string;
  has(kernel: string): boolean;
  /** Runs GLSL of ours over tensors of one shape, where the engine is WebGL. */
  readonly fragment?: (program: FragmentProgram, inputs: readonly Tensor[], dtype: "float32" | "bool") => Tensor;
  /** Runs one op of TensorFlow's own, where the engine is TensorFlow; it throws what TensorFlow reports. */
  readonly native?: (op: TensorFlowKernel, inputs: readonly Tensor[], params?: Params) => Tensor[];
}

type WebGL = { compileAndRun?: (p: object, ins: readonly object[], dtype?: string) => { dataId: object } };
/**
 * What of NodeJSKernelBackend runs any eager op of TensorFlow, and the enumerations of its binding. (createTensorsTypeOpAttr, which
 * makes such attributes, is not exported by tfjs-node.)
 */
type TensorFlow = {
  executeSingleOutput?: (name: string, attributes: unknown[], ins: Tensor[]) => Tensor;
  executeMultipleOutputs?: (name: string, attributes: unknown[], ins: Tensor[], results: number) => Tensor[];
  binding?: { readonly [K in "TF_ATTR_TYPE" | "TF_ATTR_BOOL" | "TF_FLOAT" | "TF_INT32"]: number };
};

const nativeOf = ({
  executeSingleOutput: single,
  executeMultipleOutputs: several,
  binding,
}: TensorFlow): Engine["native"] => {
  if (!single || !several || !binding) return undefined;
  const types = { float32: binding.TF_FLOAT, int32: binding.TF_INT32 };
  return ({ tensorflow, attributes, results = 1 }, inputs, params = {}) => {
    const list = Object.entries(attributes?.(params) ?? { T: "float32" as const }).map(([name, v]) =>
      typeof v === "boolean"
        ? { name, type: binding.TF_ATTR_BOOL, value: v }
        : { name, type: binding.TF_ATTR_TYPE, value: types[v] },
    );
    return results === 1 ? [single(tensorflow, list, [...inputs])] : several(tensorflow, list, [...inputs], results);
  };
};

export const engineOf = (tf: Tf): Engine => {
  const name = tf.getBackend();
  const backend = tf.backend() as unknown as WebGL & TensorFlow;
  return {
    tf,
    name,
    has: (kernel) => tf.getKernel(kernel, name) != null,
    fragment:
      name === "webgl" && typeof backend.compileAndRun === "function"
        ? (program, inputs, dtype) => {
            const whole = { packedInputs: false, packedOutput: false, ...program };
            const info = backend.compileAndRun!(whole, inputs, dtype);
            return tf.engine().makeTensorFromTensorInfo(info as never) as Tensor;
          }
        : undefined,
    native: name === "tensorflow" ? nativeOf(bound(backend)) : undefined,
  };
};

/** The methods with their object: they are called by themselves. */
const bound = (backend: TensorFlow): TensorFlow => ({
  executeSingleOutput: backend.executeSingleOutput?.bind(backend),
  executeMultipleOutputs: backend.executeMultipleOutputs?.bind(backend),
  binding: backend.binding,
});
