export { type Activation, elu, gelu, geluTanh, leakyRelu, relu, silu } from "./activations";
export {
  constantInit,
  fans,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  normalInit,
  uniformInit,
  varianceScaling,
  xavierNormal,
  xavierUniform,
  zerosInit,
} from "./initializers";
export { type DenseParams, dense, embedding, type LayerNormParams, layerNorm, timeEmbedding } from "./layers";
export { accuracy, meanSquaredError, sigmoidCrossEntropy, softmaxCrossEntropy } from "./losses";
export { type MlpOptions, type MlpParams, mlp } from "./mlp";
export type { Module } from "./module";
