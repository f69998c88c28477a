import {
  add,
  argmax,
  equal,
  expandDims,
  greaterEqual,
  less,
  logicalAnd,
  logSoftmax,
  mean,
  mul,
  neg,
  ShapeError,
  softplus,
  square,
  squeeze,
  sub,
  type Tensor,
  type TensorLike,
  takeAlongAxis,
  toTensor,
  where,
} from "@ansatz/tensor";

/**
 * Mean of (prediction − target)² over all entries.
 *
 * @throws {ShapeError} the shapes differ: broadcasting here is nearly always a mistake ([n] against [n, 1])
 * @example meanSquaredError([1, 2], [1, 4]) // 2
 */
export const meanSquaredError = (prediction: TensorLike, target: TensorLike): Tensor => {
  const p = toTensor(prediction, "meanSquaredError");
  const t = toTensor(target, "meanSquaredError");
  if (p.shape.join() !== t.shape.join())
    throw new ShapeError("meanSquaredError", "prediction and target must have one shape", {
      prediction: p.shape,
      target: t.shape,
    });
  return mean(square(sub(p, t)));
};

const classShapes = (caller: string, z: Tensor, y: Tensor): number => {
  const k = z.shape[z.shape.length - 1];
  if (z.shape.length < 1 || z.shape.slice(0, -1).join() !== y.shape.join())
    throw new ShapeError(caller, "logits must be [.., k] and labels [..], one integer per row of logits", {
      logits: z.shape,
      labels: y.shape,
    });
  return k;
};

/**
 * −log softmax(logits)[label], per example, in nats: logits [.., k], integer labels [..] → [..]. Its gradient in the logits is p − onehot.
 * Computed from log-sum-exp, so large logits do not overflow. A label outside 0 … k − 1 gives NaN.
 *
 * @throws {ShapeError} labels are not one per row
 * @example softmaxCrossEntropy([[1, 2, 3]], [2]) // [0.4076…]
 */
export const softmaxCrossEntropy = (logits: TensorLike, labels: TensorLike): Tensor => {
  const z = toTensor(logits, "softmaxCrossEntropy");
  const y = toTensor(labels, "softmaxCrossEntropy");
  const k = classShapes("softmaxCrossEntropy", z, y);
  const nll = neg(squeeze(takeAlongAxis(logSoftmax(z, -1), expandDims(y, -1), -1), -1));
  return where(logicalAnd(greaterEqual(y, 0), less(y, k)), nll, Number.NaN);
};

/**
 * Binary cross-entropy from logits, −y log σ(z) − (1 − y) log(1 − σ(z)), per entry, in nats; labels y in [0, 1]. Written with softplus,
 * it neither overflows nor cancels. Its gradient in the logits is σ(z) − y.
 *
 * @example sigmoidCrossEntropy([0, 1000, -40], [1, 0, 0]) // [0.6931…, 1000, 4.2e-18]
 */
export const sigmoidCrossEntropy = (logits: TensorLike, labels: TensorLike): Tensor =>
  add(mul(labels, softplus(mul(-1, logits))), mul(sub(1, labels), softplus(logits)));

/**
 * Share of rows whose largest logit is at the label: logits [.., k], labels [..] → a scalar. On ties the first counts.
 *
 * @throws {ShapeError} labels are not one per row
 * @example accuracy([[1, 2], [3, 0]], [1, 1]) // 0.5
 */
export const accuracy = (logits: TensorLike, labels: TensorLike): Tensor => {
  const z = toTensor(logits, "accuracy");
  const y = toTensor(labels, "accuracy");
  classShapes("accuracy", z, y);
  return mean(equal(argmax(z, -1), y));
};
