export type { Like, Likes, OfTree, Tensor, TensorLike, Tensors } from "@ansatz/tensor";
