import { type Aval, core, type Shape } from "@ansatz/backend";
import { jvp, linear, withCalculus, zeroDerivative } from "../core/op";
import type { Tensor } from "../core/tensor";
import { bind1 } from "../core/trace";
import { add_ } from "../ops/arithmetic";

/** The raw ops that the interpreters themselves use. */
export const add = add_;
const todo = (): never => {
  throw new Error("placeholder");
};
const broadcastOp = withCalculus(core.broadcast, { derivative: linear(todo), batch: todo });
const transposeOp = withCalculus(core.transpose, { derivative: linear(todo), batch: todo });
const selectOp = withCalculus(core.select, { derivative: jvp(todo), batch: todo });
const reduceOrOp = withCalculus(core.reduceOr, { derivative: zeroDerivative, batch: todo });
const convertOp = withCalculus(core.convert, { derivative: linear(todo), batch: "elementwise", weak: "never" });
const bitcastOp = withCalculus(core.bitcast, { derivative: zeroDerivative, batch: todo });
export const broadcast = (x: Tensor, shape: Shape, axes: readonly number[]): Tensor =>
  bind1(broadcastOp, [x], { shape, axes });
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor => bind1(transposeOp, [x], { permutation });
export const select = (p: Tensor, x: Tensor, y: Tensor): Tensor => bind1(selectOp, [p, x, y], {});
export const reduceOr = (x: Tensor, axes: readonly number[]): Tensor => bind1(reduceOrOp, [x], { axes });
export const convert = (x: Tensor, dtype: Aval["dtype"]): Tensor => bind1(convertOp, [x], { dtype });
export const bitcast = (x: Tensor, dtype: Aval["dtype"]): Tensor => bind1(bitcastOp, [x], { dtype });
