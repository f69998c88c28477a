export { isTensor, Tensor } from "./core/tensor";
