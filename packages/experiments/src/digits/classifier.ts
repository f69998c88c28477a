import { accuracy, type MlpParams, mlp, softmaxCrossEntropy } from "@ansatz/nn";
import { adamw, cosineDecay, type DescentState, gradientDescent } from "@ansatz/optimization";
import { add, argmax, foldIn, jit, mean, mul, normal, randint, scan, split, type Tensor, take } from "@ansatz/tensor";

/** A small network that reads digits, trained by our own library: the judge of generated ones. */
export interface ClassifierOptions {
  readonly pixels: number;
  readonly width: number;
  readonly batch: number;
  readonly steps: number;
  readonly rate: number;
  /** Standard deviation of noise added to training pixels: the judge should not hang on single pixels. */
  readonly noise: number;
}

export const reducedClassifier: ClassifierOptions = {
  pixels: 196,
  width: 256,
  batch: 128,
  steps: 1500,
  rate: 2e-3,
  noise: 0.1,
};

export const digitClassifier = (options: ClassifierOptions) => {
  const net = mlp([options.pixels, options.width, options.width, 10]);
  const descent = gradientDescent(
    (params: MlpParams, x: Tensor, y: Tensor) => mean(softmaxCrossEntropy(net.apply(params, x), y)),
    adamw(cosineDecay(options.rate, options.steps), { weightDecay: 1e-2 }),
  );
  return {
    init: (key: Tensor): DescentState<MlpParams> => descent.init(net.init(key)),
    train: (images: Tensor, labels: Tensor, key: Tensor, length: number) =>
      jit(
        (state: DescentState<MlpParams>) =>
          scan(
            (s: DescentState<MlpParams>) => {
              const [batchKey, noiseKey] = split(foldIn(key, s.step));
              const rows = randint(batchKey, [options.batch], 0, images.shape[0]);
              const x = take(images, rows, 0);
              const noisy = add(x, mul(options.noise, normal(noiseKey, x.shape, { dtype: "float32" })));
              const { state: next, info } = descent.step(s, noisy, take(labels, rows, 0));
              return [next, info.loss] as const;
            },
            state,
            null,
            { length },
          ),
        { donate: [0] },
      ),
    /** The class of each image [n, pixels]. */
    read: (params: MlpParams, images: Tensor): Tensor => argmax(net.apply(params, images), -1),
    accuracy: (params: MlpParams, images: Tensor, labels: Tensor): Tensor =>
      accuracy(net.apply(params, images), labels),
  };
};
