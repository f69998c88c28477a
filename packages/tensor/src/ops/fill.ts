import type { Aval } from "@ansatz/backend";
import type { Tangent } from "../core/op";
import { scalar, type Tensor } from "../core/tensor";
import { mul } from "./arithmetic";
import { broadcast } from "./shape";

/**
 * Constants for rules. They are weak, so the result of a rule is as weak as its other operands make it, and they are scalars broadcast by
 * an op, so a program holds a literal and no bytes.
 */

/** The number `value` everywhere, with the shape and dtype of `like`. */
export const fill = (value: number, like: Aval): Tensor => {
  const c = scalar(value, like.dtype);
  return like.shape.length === 0 ? c : broadcast(c, like.shape, []);
};

export const zerosLike = (like: Aval): Tensor => fill(0, like);
export const onesLike = (like: Aval): Tensor => fill(1, like);

/** c·x for a number c. */
export const scale = (x: Tensor, c: number): Tensor => mul(x, fill(c, x));

/** A symbolic zero made real. */
export const instantiate = (t: Tangent, like: Aval): Tensor => t ?? zerosLike(like);

/** Adds tangents, keeping symbolic zeros symbolic. */
export const plus = (add: (x: Tensor, y: Tensor) => Tensor, a: Tangent, b: Tangent): Tangent =>
  a && b ? add(a, b) : (a ?? b);
