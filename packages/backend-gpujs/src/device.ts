import {
  type Aval,
  BackendError,
  hostArray,
  type Device as KernelDevice,
  sizeOf,
  type TypedArray,
} from "@ansatz/backend";
import { fuseGroup, isFusible } from "./codegen/fused";
import { Device, type GpuOptions, type Texture } from "./gpu";
import { kernelsOn } from "./kernels";

/** A tensor without elements has no texture. */
const nothing = { fold: undefined };
type Held = Texture | typeof nothing;
const isTexture = (h: Held): h is Texture => h !== nothing;

/** WebGL2 by gpu.js as a device: float32 and bool in textures, integers and keys on the host. */
export const gpujsDevice = (
  options: GpuOptions & { residentBytes?: number; syncRead?: boolean },
): KernelDevice<Held> & { readonly gpu: Device } => {
  const gpu = new Device(options);
  const kernels = kernelsOn(gpu);
  const own = (data: Float32Array, dtype: Parameters<typeof hostArray>[0], n: number): TypedArray => {
    const out = hostArray(dtype, n) as Float32Array;
    out.set(data.subarray(0, n));
    return out;
  };
  return {
    gpu,
    name: "gpujs",
    dtypes: ["float32", "bool"],
    hosted: ["int32", "uint32", "key"],
    float: "float32",
    residentBytes: options.residentBytes ?? 2 ** 29,

    upload(data, aval) {
      if (data.length === 0) return nothing;
      if (aval.dtype === "int32" || aval.dtype === "uint32")
        for (const x of data as Int32Array)
          if (Math.abs(x) > 2 ** 24)
            throw new BackendError(
              "upload",
              "integers in textures are exact to 2^24 only",
              { value: x },
              "keep them on the host",
            );
      const floats = data instanceof Float32Array ? data : Float32Array.from(data as Uint8Array);
      return gpu.upload(floats, kernels.fold(data.length));
    },
    read: async (t: Held, aval) =>
      own(isTexture(t) ? await gpu.read(t) : new Float32Array(), aval.dtype, sizeOf(aval.shape)),
    ...(options.syncRead !== false && {
      readSync: (t: Held, aval: Aval) =>
        own(isTexture(t) ? gpu.readSync(t) : new Float32Array(), aval.dtype, sizeOf(aval.shape)),
    }),
    free(t: Held) {
      if (isTexture(t)) gpu.free(t);
    },
    isLost: (t: Held) => isTexture(t) && t.epoch !== gpu.epoch,

    kernel: (eq) => (isFusible(eq) && eq.op.name !== "reshape" ? undefined : (kernels.kernel(eq) as never)),
    fusible: isFusible,
    fuse(group) {
      const draws = fuseGroup(group, kernels.fold);
      if (!draws) return undefined;
      return {
        run(ins) {
          const at = new Map(group.inputs.map((v, i) => [v, ins[i] as Texture]));
          for (const { shader, reads, makes } of draws)
            at.set(
              makes,
              gpu.draw(
                shader,
                reads.map((v) => at.get(v)!),
              ),
            );
          return group.outputs.map((v) => at.get(v as never)!);
        },
      };
    },
    row(x: Held, aval, i) {
      return sizeOf(aval.shape.slice(1)) === 0 ? nothing : kernels.row(x as Texture, aval, i);
    },
    stack(rows: readonly Held[], row) {
      return sizeOf(row.shape) * rows.length === 0 ? nothing : kernels.stack(rows as Texture[], row);
    },
    dispose: () => gpu.dispose(),
  };
};
