import { type Aval, byteSize, sameAval, showAval, sizeOf } from "../aval";
import type { Backend, DeviceBuffer, Executable } from "../backend";
import { dtypeOf, dtypes, type FloatDType, type TypedArray } from "../dtype";
import { BackendError, ShapeError } from "../errors";
import type { Program } from "../program";
import { evaluate } from "./evaluate";

class HostBuffer implements DeviceBuffer {
  /** undefined once freed or donated. */
  data: TypedArray | undefined;
  constructor(
    readonly owner: object,
    readonly aval: Aval,
    data: TypedArray,
  ) {
    this.data = data;
  }
}

/**
 * The plain machine: it evaluates programs equation by equation on the host, in TypeScript. It is the meaning every other backend
 * is held to, and the way out where WebAssembly cannot be compiled; it is slow.
 */
export const referenceBackend = (options: { readonly float?: FloatDType } = {}): Backend => {
  const alive = new Set<HostBuffer>();
  let disposed = false;
  const owner = {};

  const keep = (aval: Aval, data: TypedArray): HostBuffer => {
    const b = new HostBuffer(owner, aval, data);
    alive.add(b);
    return b;
  };
  const open = (caller: string): void => {
    if (disposed) throw new BackendError(caller, "the backend is disposed", undefined, "make a new one");
  };
  const dataOf = (caller: string, b: DeviceBuffer): TypedArray => {
    open(caller);
    if (!(b instanceof HostBuffer) || b.owner !== owner)
      throw new BackendError(caller, "the buffer belongs to another backend", { buffer: showAval(b.aval) });
    if (!b.data)
      throw new BackendError(
        caller,
        "the buffer is no longer alive",
        { buffer: showAval(b.aval) },
        "it was freed or donated",
      );
    return b.data;
  };
  const free = (caller: string, b: DeviceBuffer): void => {
    dataOf(caller, b);
    (b as HostBuffer).data = undefined;
    alive.delete(b as HostBuffer);
  };

  const compile = (p: Program): Executable => {
    open("compile");
    return {
      run(inputs, donated = []) {
        const caller = "run";
        if (inputs.length !== p.inputs.length || inputs.some((b, i) => !sameAval(b.aval, p.inputs[i].aval)))
          throw new ShapeError(caller, "inputs must be those of the program", {
            expected: p.inputs.map((v) => showAval(v.aval)),
            seen: inputs.map((b) => showAval(b.aval)),
          });
        const values = inputs.map((b) => ({ aval: b.aval, data: dataOf(caller, b) }));
        const given = inputs.filter((_, i) => donated[i]);
        if (given.some((b) => inputs.indexOf(b) !== inputs.lastIndexOf(b)))
          throw new BackendError(caller, "a buffer passed twice may not be donated");
        const outputs = evaluate(p, values);
        for (const b of given) free(caller, b);
        return outputs.map((v) => keep(v.aval, v.data.slice()));
      },
      dispose() {},
    };
  };

  return {
    name: "reference",
    can: { dtypes, float: options.float ?? "float64", syncRead: true, residentBytes: Infinity },
    upload(data, aval) {
      open("upload");
      if (dtypeOf(data) !== aval.dtype || data.length !== sizeOf(aval.shape))
        throw new ShapeError("upload", "data must have the dtype and size of its aval", {
          data: `${dtypeOf(data)}[${data.length}]`,
          aval: showAval(aval),
        });
      return keep(aval, data.slice());
    },
    read: async (b) => dataOf("read", b).slice(),
    readSync: (b) => dataOf("readSync", b).slice(),
    compile,
    free: (b) => free("free", b),
    live() {
      let bytes = 0;
      for (const b of alive) bytes += byteSize(b.aval);
      return { buffers: alive.size, bytes };
    },
    dispose() {
      for (const b of alive) b.data = undefined;
      alive.clear();
      disposed = true;
    },
  };
};
