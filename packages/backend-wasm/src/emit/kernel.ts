import { i32 } from "../asm";
import type { WasmKernel } from "../kernel";
import { buffersOf, type KernelStep, type StepType } from "../plan/func";
import { mathFunction } from "../runtime";

const ids = new WeakMap<WasmKernel, number>();
let nextId = 0;
const idOf = (k: WasmKernel): number => {
  let id = ids.get(k);
  if (id === undefined) ids.set(k, (id = nextId++));
  return id;
};

/** Bytes of a batch's inputs and outputs from which threads share its members. */
const bytesWorthThreads = 2 ** 20;

/** A kernel that an extension op brought, called for every member of the batch. */
export const kernelStep: StepType<KernelStep> = {
  key: (s, k) =>
    `${s.op.name}#${idOf(s.kernel)} ${s.variant} ${s.dtypes.inputs.join()}>${s.dtypes.outputs.join()} ${k.sizes([...s.dims, s.batch])} ${k.members(s.inputs)} ${k.members(s.outputs)} ${k.ref(s.scratch)} ${k.size(s.scratchBytes)}`,
  uses: (s) => ({
    reads: buffersOf(s.inputs.map((m) => m.ref)),
    writes: buffersOf(s.outputs.map((m) => m.ref)),
    scratch: buffersOf([s.scratch]),
  }),
  general: (s, g) => ({
    ...s,
    dims: s.dims.map((d) => g.args.of(d as number)),
    batch: g.number(s.batch),
    inputs: s.inputs.map((m) => g.member(m)),
    outputs: s.outputs.map((m) => g.member(m)),
    scratchBytes: g.number(s.scratchBytes),
  }),
  emit: (p, frame, s) => {
    const target = p.once(
      `kernel ${s.op.name} ${s.variant} ${s.dtypes.inputs.join()}>${s.dtypes.outputs.join()}`,
      (module) =>
        s.kernel.build({
          module,
          inputs: s.dtypes.inputs,
          outputs: s.dtypes.outputs,
          params: s.params,
          math: (of, dtype) => p.runtime(mathFunction(of, dtype === "float64" ? "f64" : "f32")),
          runtime: (of) => p.runtime(of),
        }),
    );
    const members = [...s.inputs, ...s.outputs];
    p.divide(frame, {
      end: () => p.pushSize(frame, s.batch),
      grain: () => frame.f.i32.const(1),
      // What a kernel does with a byte is not known; with so many of them it is more than waking a thread costs.
      when: (end) => {
        const { f } = frame;
        f.get(end).i32.const(1).i32.gt_u().get(end);
        members.forEach(({ bytes }, k) => {
          p.pushSize(frame, bytes);
          if (k > 0) f.i32.add();
        });
        f.i32.mul().i32.const(bytesWorthThreads).i32.ge_u().i32.and();
      },
      scratch: s.scratch && { ref: s.scratch, bytes: s.scratchBytes },
      part: (inner, from, to, scratch) => {
        const { f } = inner;
        const i = f.local(i32);
        f.forRange(i, from, to, 1, () => {
          for (const { ref, bytes } of members) {
            p.pushRef(inner, ref);
            f.get(i);
            p.pushSize(inner, bytes);
            f.i32.mul().i32.add();
          }
          if (s.scratch) scratch();
          else f.i32.const(0);
          for (const d of s.dims) p.pushSize(inner, d);
          f.call(target);
        });
      },
    });
  },
};
