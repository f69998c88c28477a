import { vjp } from "@ansatz/autodiff";
import { add, DomainError, mul, ones, type Tensor, type TensorLike, toTensor } from "@ansatz/tensor";

/**
 * A computation by named steps, as the text draws it: w_k = φ_k(w_parents). Inputs are nodes without `f`. The nodes stand in an order in which parents
 * come first; the last one is the result.
 */
export interface GraphNode {
  readonly name: string;
  readonly parents?: readonly string[];
  readonly f?: (...parents: Tensor[]) => Tensor;
}

export interface FlowNode {
  readonly name: string;
  readonly parents: readonly string[];
  readonly value: Tensor;
  /** w̄ = ∂(result)/∂w, summed over all ways from w to the result. */
  readonly adjoint: Tensor;
}
export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** ∂φ_to/∂w_from along this edge alone. */
  readonly partial: Tensor;
}

/**
 * Values forwards and adjoints backwards through a graph of scalars: w̄_j = Σ_{k: j ∈ parents(k)} w̄_k ∂φ_k/∂w_j. The number of local partials is the number
 * of edges; it depends on how the function is cut up, the gradient does not.
 */
export const adjointFlow = (
  nodes: readonly GraphNode[],
  inputs: Readonly<Record<string, TensorLike>>,
): { readonly nodes: readonly FlowNode[]; readonly edges: readonly FlowEdge[] } => {
  const values = new Map<string, Tensor>();
  const edges: FlowEdge[] = [];
  for (const { name, parents = [], f } of nodes) {
    if (f === undefined) {
      if (!(name in inputs)) throw new DomainError("adjointFlow", "an input has no value", { input: name });
      values.set(name, toTensor(inputs[name], "adjointFlow"));
      continue;
    }
    const at = parents.map((p) => {
      const v = values.get(p);
      if (v === undefined)
        throw new DomainError("adjointFlow", "parents must stand before their children", { node: name, parent: p });
      return v;
    });
    const { value, pullback } = (
      vjp as (f: unknown, ...x: Tensor[]) => { value: Tensor; pullback: (c: Tensor) => Tensor[] }
    )(f, ...at);
    values.set(name, value);
    const partials = pullback(ones([]));
    parents.forEach((from, i) => {
      edges.push({ from, to: name, partial: partials[i] });
    });
  }
  const adjoints = new Map<string, Tensor>([[nodes[nodes.length - 1].name, ones([])]]);
  for (const { to, from, partial } of [...edges].reverse()) {
    const above = adjoints.get(to);
    if (above === undefined) continue;
    const part = mul(above, partial);
    const before = adjoints.get(from);
    adjoints.set(from, before === undefined ? part : add(before, part));
  }
  return {
    nodes: nodes.map(({ name, parents = [] }) => ({
      name,
      parents,
      value: values.get(name) as Tensor,
      adjoint: adjoints.get(name) ?? mul(0, values.get(name) as Tensor),
    })),
    edges,
  };
};
