export type { Like, Likes, Tensor, TensorLike, Tensors } from "@ansatz/tensor";
