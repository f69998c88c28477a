import { type Aval, sizeOf } from "../aval";
import { type DType, dtypes, type TypedArray } from "../dtype";
import { evaluate, kernels } from "../reference/evaluate";
import type { Device } from "../schedule";

/** Storage of the mock device: its contents are reached by the device alone. */
export interface MockStorage {
  data: TypedArray | undefined;
}

export interface MockOptions {
  /** Ops it has no kernel for. */
  readonly lacks?: readonly string[];
  readonly dtypes?: readonly DType[];
  readonly hosted?: readonly DType[];
  /** Fuses elementwise equations, groups of at most so many. */
  readonly fuses?: number;
  /** Whether it can read at once; by default all its reads are asynchronous. */
  readonly syncRead?: boolean;
  /** A planted fault: changes what a kernel has written. */
  readonly fault?: (op: string, outputs: readonly TypedArray[]) => void;
}

export interface MockDevice extends Device<MockStorage> {
  /** Storage not yet freed. */
  alive(): number;
}

const elementwise =
  /^(neg|abs|sign|add|sub|mul|div|floorDiv|mod|pow|atan2|max|min|eq|ne|lt|le|gt|ge|and|or|xor|not|shift\w+|floor|ceil|round|trunc|r?sqrt|cbrt|expm?1?|log(1p)?|a?(sin|cos|tan)h?|erfc?|select|clamp|convert)$/;

/**
 * A device for tests of `scheduled`: the reference's kernels behind storage that can be read only asynchronously, where reading or
 * freeing what was freed is an error.
 */
export const mockDevice = (options: MockOptions = {}): MockDevice => {
  let alive = 0;
  let clock = 0;
  const make = (data: TypedArray): MockStorage => {
    alive++;
    return { data };
  };
  const open = (s: MockStorage): TypedArray => {
    if (!s.data) throw new Error("mock device: storage was used after it was freed");
    return s.data;
  };
  const written = (op: string, results: readonly TypedArray[]): MockStorage[] => {
    const fresh = results.map((r) => r.slice());
    options.fault?.(op, fresh);
    return fresh.map(make);
  };
  const value = (s: MockStorage, aval: Aval) => ({ aval, data: open(s) });
  return {
    name: "mock",
    dtypes: options.dtypes ?? dtypes,
    hosted: options.hosted,
    float: options.dtypes && !options.dtypes.includes("float64") ? "float32" : "float64",
    residentBytes: Infinity,
    upload: (data) => make(data.slice()),
    async read(s) {
      open(s);
      // Now sooner, now later, so that answers arrive in many orders.
      for (let n = clock++ % 4; n >= 0; n--) await null;
      return open(s).slice();
    },
    ...(options.syncRead && { readSync: (s: MockStorage) => open(s).slice() }),
    free(s) {
      open(s);
      s.data = undefined;
      alive--;
    },
    kernel(eq) {
      const meaning = eq.op.core && !options.lacks?.includes(eq.op.name) ? kernels.get(eq.op.name) : undefined;
      if (!meaning) return undefined;
      const outs = eq.outputs.map((v) => v.aval);
      // As many devices do: the starts of a slice are wanted as numbers.
      const onHost = eq.op.name === "dynamicSlice" ? eq.inputs.map((_, i) => i).slice(1) : [];
      const device = eq.inputs.filter((_, i) => !onHost.includes(i));
      return {
        onHost,
        run: (ins, host) =>
          written(eq.op.name, meaning([...ins.map((s, i) => value(s, device[i].aval)), ...host], eq.params, outs)),
      };
    },
    fusible: (eq) =>
      elementwise.test(eq.op.name) && !options.lacks?.includes(eq.op.name) && sizeOf(eq.outputs[0].aval.shape) > 0,
    ...(options.fuses && {
      fuse: (group) =>
        group.equations.length > (options.fuses ?? 0)
          ? undefined
          : {
              run: (ins) =>
                written(
                  "fused",
                  evaluate(
                    group,
                    ins.map((s, i) => value(s, group.inputs[i].aval)),
                  ).map((v) => v.data),
                ),
            },
    }),
    alive: () => alive,
  };
};
