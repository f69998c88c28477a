import type { Aval, DType, Params } from "@ansatz/backend";
import type { Callable, ModuleBuilder } from "./asm";
import type { Formula, RuntimeFunction } from "./runtime";

/**
 * A kernel that an extension op brings for this backend (`kernels: { wasm }`): a function written with the assembler.
 *
 * It solves one problem of fixed ranks; axes in front of those are a batch, over which the backend loops. Inputs and outputs are
 * contiguous, row-major and 16-byte aligned for the first member of a batch; element alignment is all that holds for the others.
 * Code must not depend on extents: they are numbers passed at the call, so one module serves every size. It must handle every dtype
 * that the op admits.
 *
 *     // y = Σᵢ xᵢ² of each row
 *     const sumOfSquares: WasmKernel = {
 *       rank: { inputs: [1], outputs: [0] },
 *       dims: ([x]) => [x.shape[0]],
 *       build: ({ module }) =>
 *         module.func([i32, i32, i32, i32], [], (f, x, y, scratch, n) => {
 *           const [i, sum] = [f.local(i32), f.local(f64)];
 *           f.forRange(i, 0, n, 1, () => {
 *             f.address(x, i, 3).f64.load().tee(t).get(t).f64.mul().get(sum).f64.add().set(sum);
 *           });
 *           f.get(y).get(sum).f64.store();
 *         }),
 *     };
 */
export interface WasmKernel<P extends Params = Params> {
  /** Ranks of one problem; whatever axes an operand has in front of these are batch axes, the same for all. */
  readonly rank: { readonly inputs: readonly number[]; readonly outputs: readonly number[] };
  /** Numbers passed behind the pointers, from the avals of one problem: extents, say. Integers below 2³¹. */
  dims(inputs: readonly Aval[], params: P): readonly number[];
  /** Bytes of scratch memory for one problem; none by default. */
  scratchBytes?(inputs: readonly Aval[], params: P): number;
  /** Which params the code depends on, as text; by default all of them, as JSON. */
  variant?(params: P): string;
  /**
   * Adds the function to the module: (…input pointers, …output pointers, scratch pointer, …dims) → nothing, all i32.
   * An output may not be read before it is written; inputs must not be written.
   */
  build(context: KernelContext<P>): Callable;
}

export interface KernelContext<P extends Params = Params> {
  readonly module: ModuleBuilder;
  /** dtypes of the operands; extents are not known when code is made. */
  readonly inputs: readonly DType[];
  readonly outputs: readonly DType[];
  readonly params: P;
  /** An elementary function of the shared runtime: `math(exp, "float64")` takes an f64 and gives one. */
  math(of: Formula, dtype: "float64" | "float32"): Callable;
  /**
   * Another function of the shared runtime; `gemmFunction("f64")` is the packed matrix product, C = A·B, C += A·B or C = bias + A·B;
   * `gemmScratchBytes` says how much scratch it may use.
   */
  runtime(of: RuntimeFunction): Callable;
}
