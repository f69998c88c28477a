import type { Params } from "@ansatz/backend";
import { AnsatzError } from "@ansatz/backend";
import type { WasmKernel } from "@ansatz/backend-wasm";
import { foreign } from "@ansatz/backend-wasm/lowerings";
import type { ExtensionOp, TensorOp } from "./core/op";
import { withTrace } from "./core/trace";
import { traceClosed } from "./transforms/program-trace";

/**
 * An op of your own, with all it needs in one place: its shape rule, its derivative, its batching, and what it computes, as `compose` (other
 * ops, on tracers of the avals at hand) or `host` (TypeScript on typed arrays). It works on every backend and under every transform; `kernels`
 * may make it faster on some (`{ compose }` there is the op in other ops, for that family of backends). Apply it with `bind`. What is missing or contradicts itself is an error when it is defined.
 *
 * @example
 * import { bind, jvp } from "@ansatz/tensor/transforms";
 * const cubeOp = defineOp({
 *   name: "cube",
 *   abstract: ([x]) => [x],
 *   compose: ([x]) => [mul(x, mul(x, x))],
 *   derivative: jvp(([x], [dx]) => [dx && mul(dx, mul(3, mul(x, x)))]), // d x³ = 3x² dx
 *   batch: "elementwise",
 * });
 * const [y] = bind(cubeOp, [tensor([1, 2])], {}); // [1, 8]
 */
export const defineOp = /* @__NO_SIDE_EFFECTS__ */ <P extends Params = Record<never, never>>(
  op: ExtensionOp<P>,
): TensorOp<P> => {
  check(op as unknown as ExtensionOp<Params>);
  const { compose, kernels, ...rest } = op;
  const traced =
    (body: NonNullable<typeof compose>): NonNullable<TensorOp<P>["compose"]> =>
    (avals, params) =>
      withTrace(null, () => traceClosed((xs) => body(xs, params), avals, op.name));
  const families: Record<string, unknown> = {};
  for (const [family, k] of Object.entries(kernels ?? {})) {
    const own = k as { compose?: NonNullable<typeof compose> };
    families[family] = own.compose ? { compose: traced(own.compose) } : k;
  }
  // Where the default backend does not get by with other ops, the op brings what calls it.
  const kernel = kernels?.wasm as WasmKernel | undefined;
  if (kernel || op.host) families.wasm = foreign(kernel);
  return {
    ...rest,
    core: false,
    ...(compose && { compose: traced(compose) }),
    kernels: families,
  };
};

const check = (op: ExtensionOp<Params>): void => {
  const bad = (law: string, advice: string): never => {
    throw new AnsatzError("op", "defineOp", `${op.name || "an op"} ${law}`, undefined, advice);
  };
  if (typeof op.name !== "string" || op.name === "") bad("has no name", "give it one: reports and errors show it");
  if (typeof op.abstract !== "function")
    bad("has no shape rule", "give it abstract: (inputs, params) => avals of the results");
  if (op.compose === undefined && op.host === undefined) bad("computes nothing", "give it compose or host");
  if (op.compose !== undefined && op.host !== undefined)
    bad("has two meanings", "give it either compose or host; faster ways go to kernels");
  const kinds = ["linear", "jvp", "jvpCall", "zero", "never"];
  const d = op.derivative as { kind?: string; jvp?: unknown; transpose?: unknown } | undefined;
  if (d === undefined || !kinds.includes(d.kind ?? ""))
    bad("does not say how it differentiates", "give it linear(…), jvp(…), zeroDerivative, or notDifferentiable(why)");
  if ((d?.kind === "jvp" || d?.kind === "jvpCall") && typeof d.jvp !== "function")
    bad("has a derivative without a rule", "pass jvp a function");
  if (d?.kind === "linear" && typeof d.transpose !== "function")
    bad("is linear but has no transpose", "pass linear the transpose rule");
  if (op.batch !== "elementwise" && typeof op.batch !== "function")
    bad("does not say how it batches", 'give it batch: "elementwise", or a rule');
  if (op.effects !== undefined && op.effects !== "ordered")
    bad(`has unknown effects ${String(op.effects)}`, '"ordered" is the only kind');
  for (const [family, kernel] of Object.entries(op.kernels ?? {}))
    if (kernel === undefined || kernel === null) bad(`has an empty kernel for ${family}`, "leave it out instead");
};
