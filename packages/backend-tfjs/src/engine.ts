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
  /** Runs one op of TensorFlow's own by name, where the engine is TensorFlow. */
  readonly native?: (name: string, inputs: readonly Tensor[]) => Tensor;
}

type WebGL = { compileAndRun?: (p: object, ins: readonly object[], dtype?: string) => { dataId: object } };
/**
 * What of NodeJSKernelBackend runs any eager op of TensorFlow. The attribute is what createTensorsTypeOpAttr("T", "float32") makes
 * (tfjs-node exports neither it nor the binding's enumeration).
 */
type TensorFlow = {
  executeSingleOutput?: (name: string, attributes: unknown[], ins: Tensor[]) => Tensor;
  binding?: { TF_ATTR_TYPE: number; TF_FLOAT: number };
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
    native:
      name === "tensorflow" && typeof backend.executeSingleOutput === "function" && backend.binding
        ? (op, inputs) => {
            const { TF_ATTR_TYPE: type, TF_FLOAT: value } = backend.binding!;
            return backend.executeSingleOutput!(op, [{ name: "T", type, value }], [...inputs]);
          }
        : undefined,
  };
};
