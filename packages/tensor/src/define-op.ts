import type { Params } from "@ansatz/backend";
import { AnsatzError } from "@ansatz/backend";
import type { ExtensionOp, TensorOp } from "./core/op";
import { withTrace } from "./core/trace";
import { traceClosed } from "./transforms/program-trace";

/**
 * An op of your own, with all it needs in one place: its shape rule, its derivative, its batching, and what it computes, as `compose` (other
 * ops, on tracers of the avals at hand) or `host` (TypeScript on typed arrays). It works on every backend and under every transform; `kernels`
 * may make it faster on some. Apply it with `bind`.
 *
 * @example
 * const cubeOp = defineOp({
 *   name: "cube",
 *   abstract: ([x]) => [x],
 *   compose: ([x]) => [mul(x, mul(x, x))],
 *   derivative: jvp(([x], [dx]) => [dx && mul(dx, mul(3, mul(x, x)))]), // d x³ = 3x² dx
 *   batch: "elementwise",
 * });
 */
export const defineOp = /* @__NO_SIDE_EFFECTS__ */ <P extends Params = Record<never, never>>(
  op: ExtensionOp<P>,
): TensorOp<P> => {
  const { compose, ...rest } = op;
  if (!compose && !op.host)
    throw new AnsatzError("op", "defineOp", `${op.name} computes nothing`, undefined, "give it compose or host");
  return {
    ...rest,
    core: false,
    ...(compose && {
      compose: (avals, params) => withTrace(null, () => traceClosed((xs) => compose(xs, params), avals, op.name)),
    }),
  };
};
