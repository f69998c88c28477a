import { type Aval, bytesPer, type Params, type Shape, sizeOf } from "@ansatz/backend";
import { hostStep } from "../emit/host";
import { kernelStep } from "../emit/kernel";
import type { WasmKernel } from "../kernel";
import { aligned } from "../memory/heap";
import { at } from "../plan/func";
import { type CoreLowering, foreignName, lowering, type Rule } from "./rule";
import { plain, type Stored } from "./value";

/** What becomes of an op of another package that is not composed: a call of the kernel it brings, else of its host function. */
export const foreign = (kernel: WasmKernel | undefined): CoreLowering => lowering(foreignName, call(kernel));

/** Answers ops of other packages that come as they are, with a bare kernel. */
export const foreignOps = lowering<Params>(foreignName, (l, params, args, eq) =>
  call(eq.op.kernels?.wasm as WasmKernel | undefined)(l, params, args, eq),
);

const call =
  (kernel: WasmKernel | undefined): Rule<Params> =>
  (l, params, args, eq) => {
    const inputs = args.map((a) => l.contiguous(a));
    const outputs = eq.outputs.map((v): Stored => l.fresh(v.aval));
    if (kernel) {
      const cores = (avals: readonly Aval[], ranks: readonly number[]): Aval[] =>
        avals.map((a, i) => ({ dtype: a.dtype, shape: core(a.shape, ranks[i]) }));
      const ins = cores(inputs, kernel.rank.inputs);
      const outs = cores(outputs, kernel.rank.outputs);
      const first = inputs[0]?.shape ?? outputs[0].shape;
      const batch = sizeOf(first.slice(0, first.length - (kernel.rank.inputs[0] ?? kernel.rank.outputs[0])));
      const scratch = kernel.scratchBytes?.(ins, params) ?? 0;
      const places = (vs: readonly Stored[], one: readonly Aval[]) =>
        vs.map((v, i) => ({ ref: at(v.buffer), bytes: sizeOf(one[i].shape) * bytesPer[v.dtype] }));
      if (batch > 0)
        l.steps.push({
          kind: "kernel",
          type: kernelStep,
          op: eq.op,
          kernel,
          params,
          variant: kernel.variant?.(params) ?? JSON.stringify(params),
          dtypes: { inputs: ins.map((a) => a.dtype), outputs: outs.map((a) => a.dtype) },
          dims: kernel.dims(ins, params),
          batch,
          inputs: places(inputs, ins),
          outputs: places(outputs, outs),
          scratch: scratch > 0 ? at(l.buffer(scratch)) : undefined,
          scratchBytes: aligned(scratch),
        });
      return outputs;
    }
    l.steps.push({
      kind: "host",
      type: hostStep,
      call: {
        op: eq.op,
        params,
        inputs: inputs.map(plain),
        outputs: outputs.map(plain),
      },
      inputs: inputs.map((v) => at(v.buffer)),
      outputs: outputs.map((v) => at(v.buffer)),
      table: at(l.buffer(4 * (inputs.length + outputs.length))),
    });
    return outputs;
  };

const core = (shape: Shape, rank: number): Shape => shape.slice(shape.length - rank);
