import { type Affine, type Dynamic, mapAffines, type Nest, type Param, type Size } from "./ir";

/** Collects the numbers that become arguments of the call, in order. */
export class Arguments {
  readonly values: number[] = [];
  /** A parameter that stands for this number. */
  of(value: number): Param {
    return { param: this.values.push(value) - 1 };
  }
}

/**
 * The same nest with its numbers made arguments, so that one function serves every extent. Strides of 0 and ±1 stay known: they are
 * structure (a broadcast, a contiguous walk), and there are few of them.
 */
export const generalise = (n: Nest, args: Arguments): Nest => {
  const stride = (s: Size): Size => (typeof s === "number" && (s > 1 || s < -1) ? args.of(s) : s);
  const number = (s: Size): Size => (typeof s === "number" && s !== 0 ? args.of(s) : s);
  const affine = (a: Affine): Affine => ({ offset: number(a.offset), coefs: a.coefs.map(stride) });
  const dynamic = (ds: readonly Dynamic[]): readonly Dynamic[] =>
    ds.map((d) => ({ node: d.node, stride: stride(d.stride) }));
  const dims = n.dims.map((d) => (typeof d === "number" ? args.of(d) : d));
  const mapped = mapAffines(n, dims, n.parallel, affine);
  return {
    ...mapped,
    nodes: mapped.nodes.map((x) =>
      x.kind === "size"
        ? { ...x, value: number(x.value) }
        : x.kind === "load" && x.dynamic.length > 0
          ? { ...x, dynamic: dynamic(x.dynamic) }
          : x,
    ),
    stores: mapped.stores.map((s) => (s.dynamic.length > 0 ? { ...s, dynamic: dynamic(s.dynamic) } : s)),
  };
};
