import {
  abs,
  add,
  argmax,
  equal,
  exp,
  expandDims,
  log1p,
  logSoftmax,
  maximum,
  mean,
  mul,
  neg,
  square,
  squeeze,
  sub,
  type Tensor,
  type TensorLike,
  takeAlongAxis,
} from "@ansatz/tensor";

/** Mean of (prediction − target)² over all entries. */
export const meanSquaredError = (prediction: TensorLike, target: TensorLike): Tensor =>
  mean(square(sub(prediction, target)));

/**
 * −log softmax(logits)[label], per example, in nats: logits [.., k], integer labels [..] → [..].
 * Computed from log-sum-exp, so large logits do not overflow.
 */
export const softmaxCrossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  neg(squeeze(takeAlongAxis(logSoftmax(logits, -1), expandDims(labels, -1), -1), -1));

/** −y log σ(z) − (1 − y) log(1 − σ(z)) = max(z, 0) − zy + log1p(e^−|z|), per entry, in nats; labels y in [0, 1]. */
export const sigmoidCrossEntropy = (logits: TensorLike, labels: TensorLike): Tensor =>
  add(sub(maximum(logits, 0), mul(logits, labels)), log1p(exp(neg(abs(logits)))));

/** Share of rows whose largest logit is at the label. */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => mean(equal(argmax(logits, -1), labels));
