import type { Like, Tensor, TensorLike, Tensors } from "@ansatz/tensor";

/** What may be passed for the arguments of f. */
export type Likes<A extends readonly unknown[]> = { [K in keyof A]: Like<A[K]> };
export type { Like, Tensor, TensorLike, Tensors };
