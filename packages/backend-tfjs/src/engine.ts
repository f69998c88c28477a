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
  readonly fragment?: (program: FragmentProgram, inputs: readonly Tensor[]) => Tensor;
  /** Runs one op of TensorFlow's own by name, where the engine is TensorFlow. */
  readonly native?: (name: string, attributes: readonly unknown[], inputs: readonly Tensor[]) => Tensor;
}

type WebGL = { compileAndRun?: (p: object, ins: readonly object[], dtype?: string) => { dataId: object } };
type TensorFlow = { executeSingleOutput?: (name: string, attributes: unknown[], ins: Tensor[]) => Tensor };

export const engineOf = (tf: Tf): Engine => {
  const name = tf.getBackend();
  const backend = tf.backend() as unknown as WebGL & TensorFlow;
  return {
    tf,
    name,
    has: (kernel) => tf.getKernel(kernel, name) != null,
    fragment:
      name === "webgl" && typeof backend.compileAndRun === "function"
        ? (program, inputs) => {
            const info = backend.compileAndRun!({ packedInputs: false, packedOutput: false, ...program }, inputs, "float32");
            return tf.engine().makeTensorFromTensorInfo(info as never) as Tensor;
          }
        : undefined,
    native:
      name === "tensorflow" && typeof backend.executeSingleOutput === "function"
        ? (op, attributes, inputs) => backend.executeSingleOutput!(op, [...attributes], [...inputs])
        : undefined,
  };
};
