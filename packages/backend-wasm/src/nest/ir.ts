import type { DType } from "@ansatz/backend";
import type { ScalarOp } from "../emit/scalar-op";

/**
 * A loop nest as data. The whole compiler turns on it: lowering writes nests, passes rewrite them, an emitter turns each into one
 * function of the module. A nest visits an index space and evaluates, at every point, a graph of scalar nodes:
 *
 *     for each point of the parallel dims:                   dims[0 … parallel)
 *       nodes that need no accumulator
 *       for each point of the sequential dims:               dims[parallel … )
 *         nodes; accumulators take their values in
 *       nodes that need accumulators
 *       stores
 *
 * Where an operand is read or written is an affine map of the dims (stride 0 is a broadcast, a permutation a transpose, a negative
 * stride a reversal), plus, for gather and its kin, multiples of nodes. Numbers are either known or, in kernels that serve every
 * extent, arguments of the call.
 */
export interface Nest {
  /** Extents, outermost first. */
  readonly dims: readonly Size[];
  /** How many of the dims are parallel; the rest belong to the reductions, or to the running accumulation. */
  readonly parallel: number;
  /** Storage of each operand; an operand is a pointer. */
  readonly operands: readonly DType[];
  /** In an order that respects data flow; a node is named by its place. */
  readonly nodes: readonly Node[];
  readonly reductions: readonly Reduction[];
  /** The accumulators are stored at every step of the sequential dims (cumulative sums), not after them. */
  readonly running: boolean;
  readonly stores: readonly Store[];
}

/** A number of the program, or the place of one among the arguments of the call. */
export type Size = number | Param;
export interface Param {
  readonly param: number;
}

/** offset + Σ coefficient · index, in elements; the coefficients stand beside the dims. */
export interface Affine {
  readonly offset: Size;
  readonly coefs: readonly Size[];
}

export interface Dynamic {
  readonly node: number;
  readonly stride: Size;
}

export interface Load {
  readonly kind: "load";
  readonly dtype: DType;
  readonly operand: number;
  readonly address: Affine;
  readonly dynamic: readonly Dynamic[];
  /** Read only where this bool node holds; elsewhere the value of `otherwise`. */
  readonly guard: number;
  readonly otherwise: number;
}

export type Node =
  | { readonly kind: "const"; readonly dtype: DType; readonly value: number }
  /** A size as an int32 value. */
  | { readonly kind: "size"; readonly dtype: "int32"; readonly value: Size }
  /** An affine map of the dims as an int32 value. */
  | { readonly kind: "index"; readonly dtype: "int32"; readonly affine: Affine }
  | Load
  /** A core elementwise op, or one of the compiler's own (threefry, …). */
  | { readonly kind: "op"; readonly dtype: DType; readonly op: ScalarOp; readonly args: readonly number[] }
  /** What a reduction came to. */
  | { readonly kind: "acc"; readonly dtype: DType; readonly reduction: number };

export type ReductionKind = "sum" | "prod" | "max" | "min" | "and" | "or" | "argmax" | "argmin";

export interface Reduction {
  readonly kind: ReductionKind;
  readonly value: number;
}

export interface Store {
  readonly operand: number;
  readonly value: number;
  readonly address: Affine;
  readonly dynamic: readonly Dynamic[];
  /** Write only where this bool node holds; -1 for always. */
  readonly guard: number;
  /** How the value meets what is there; it replaces it if this is undefined. */
  readonly combine: ScalarOp | undefined;
}

export const isParam = (s: Size): s is Param => typeof s !== "number";

/** The nodes a node reads. */
export const argsOf = (n: Node): readonly number[] =>
  n.kind === "op"
    ? n.args
    : n.kind === "load" && (n.dynamic.length > 0 || n.guard >= 0)
      ? [...n.dynamic.map((d) => d.node), ...(n.guard >= 0 ? [n.guard, n.otherwise] : [])]
      : none;
const none: readonly number[] = [];

/** The affine maps of a nest: of its loads, its indices and its stores. */
export const affinesOf = (n: Nest): Affine[] => [
  ...n.nodes.flatMap((x) => (x.kind === "load" ? [x.address] : x.kind === "index" ? [x.affine] : [])),
  ...n.stores.map((s) => s.address),
];

/** The same nest with every affine map replaced. */
export const mapAffines = (n: Nest, dims: readonly Size[], parallel: number, to: (a: Affine) => Affine): Nest => ({
  ...n,
  dims,
  parallel,
  nodes: n.nodes.map((x) =>
    x.kind === "load" ? { ...x, address: to(x.address) } : x.kind === "index" ? { ...x, affine: to(x.affine) } : x,
  ),
  stores: n.stores.map((s) => ({ ...s, address: to(s.address) })),
});

const size = (s: Size): string => (typeof s === "number" ? String(s) : "p");
const affine = (a: Affine): string => `${size(a.offset)}+${a.coefs.map(size).join(".")}`;
const dynamic = (ds: readonly Dynamic[]): string => ds.map((d) => `@${d.node}*${size(d.stride)}`).join("");
const number = (v: number): string => (Object.is(v, -0) ? "-0" : String(v));

/** The nest as text: equal texts compile to equal code. Parameters are numbered in the order of the text. */
export const nestKey = (n: Nest): string => {
  const node = (x: Node): string => {
    switch (x.kind) {
      case "const":
        return `${x.dtype}:${number(x.value)}`;
      case "size":
        return `#${size(x.value)}`;
      case "index":
        return `i${affine(x.affine)}`;
      case "load":
        return `l${x.operand}[${affine(x.address)}${dynamic(x.dynamic)}]${x.guard >= 0 ? `?${x.guard}:${x.otherwise}` : ""}`;
      case "op":
        return `${x.op.name}:${x.dtype}(${x.args.join()})`;
      case "acc":
        return `a${x.reduction}:${x.dtype}`;
    }
  };
  return [
    `${n.dims.map(size).join("x")}/${n.parallel}${n.running ? "r" : ""}`,
    n.operands.join(),
    n.nodes.map(node).join(";"),
    n.reductions.map((r) => `${r.kind}${r.value}`).join(),
    n.stores
      .map(
        (s) =>
          `${s.operand}[${affine(s.address)}${dynamic(s.dynamic)}]${s.guard >= 0 ? `?${s.guard}` : ""}${s.combine?.name ?? "set"}${s.value}`,
      )
      .join(),
  ].join("|");
};
