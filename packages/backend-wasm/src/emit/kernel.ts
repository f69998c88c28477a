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

/** A kernel that an extension op brought, called for every member of the batch. */
export const kernelStep: StepType<KernelStep> = {
  key: (s, k) =>
    `${s.op.name}#${idOf(s.kernel)} ${s.variant} ${s.dtypes.inputs.join()}>${s.dtypes.outputs.join()} ${k.sizes([...s.dims, s.batch])} ${k.members(s.inputs)} ${k.members(s.outputs)} ${k.ref(s.scratch)}`,
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
  }),
  emit: (p, frame, s) => {
    const { f } = frame;
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
    const i = f.local(i32);
    const end = f.local(i32);
    p.pushSize(frame, s.batch);
    f.set(end);
    f.forRange(i, 0, end, 1, () => {
      for (const { ref, bytes } of [...s.inputs, ...s.outputs]) {
        p.pushRef(frame, ref);
        f.get(i);
        p.pushSize(frame, bytes);
        f.i32.mul().i32.add();
      }
      if (s.scratch) p.pushRef(frame, s.scratch);
      else f.i32.const(0);
      for (const d of s.dims) p.pushSize(frame, d);
      f.call(target);
    });
  },
};
