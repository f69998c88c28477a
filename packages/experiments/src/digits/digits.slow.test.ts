import { digits } from "@ansatz/datasets";
import { slicedWasserstein } from "@ansatz/generative-models";
import { cosineDecay, warmup } from "@ansatz/optimization";
import { clip, equal, key, mean, normal, randint, reshape, type Tensor, take } from "@ansatz/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { digitClassifier, reducedClassifier } from "./classifier";
import { type DigitFlowState, digitFlow } from "./flow";
import { digitFrame } from "./frame";

/**
 * The main job on real input, reduced to 14 × 14: train a class-conditional flow, draw one sample per test digit, and let a classifier that has never seen a
 * sample say which digit it is.
 */
const pixels = 196;
let images: Tensor;
let labels: Tensor;
let testImages: Tensor;
let testLabels: Tensor;

beforeAll(async () => {
  const flat = ({ images: x }: { images: Tensor }): Tensor => reshape(x, [x.shape[0], pixels]);
  const train = await digits({ split: "train", size: 14 });
  const held = await digits({ split: "test", size: 14 });
  [images, labels, testImages, testLabels] = [flat(train), train.labels, flat(held), held.labels];
});

describe("digits from a fixed key", () => {
  test("a flow-matching model makes the digits it is asked for, as different from each other as real ones", async () => {
    const judge = digitClassifier(reducedClassifier);
    let judging = judge.init(key(1));
    const study = judge.train(images, labels, key(2), 100);
    for (let i = 0; i < reducedClassifier.steps / 100; i++) judging = study(judging)[0];
    const onReal = Number(judge.accuracy(judging.params, testImages, testLabels).item());
    expect(onReal).toBeGreaterThanOrEqual(0.95);

    const steps = 1200;
    const n = testImages.shape[0];
    const model = digitFlow(digitFrame((await images.data()) as Float32Array, images.shape[0], pixels, 96), {
      seed: 3,
      width: 256,
      blocks: 3,
      batch: 128,
      learningRate: warmup(100, cosineDecay(2e-3, steps)),
      dropLabel: 0.1,
      averaging: 0.995,
    });
    const noise = normal(key(5), [n, 96], { dtype: "float32" });
    const drawn = (state: DigitFlowState): Tensor =>
      clip(model.sample(state.average, noise, testLabels, "heun", 20, 1.5), 0, 1);
    const data = model.encode(images, labels);
    let state = model.init();
    const gaussian = drawn(state);
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) {
      const { loss, next } = model.step(state, i, data);
      state = next;
      losses.push(loss.item() as number);
    }
    const average = (from: number, to: number): number => losses.slice(from, to).reduce((a, b) => a + b) / (to - from);
    expect(average(steps - 100, steps)).toBeLessThan(0.8 * average(0, 20));

    const samples = drawn(state);
    const recognised = Number(mean(equal(judge.read(judging.params, samples), testLabels)).item());
    expect(recognised).toBeGreaterThanOrEqual(0.85);

    // Distances to 2,000 test digits, over the same directions: real training digits set the unit.
    const real = take(images, randint(key(6), [n], 0, images.shape[0]), 0);
    const distance = (x: Tensor): number => Number(slicedWasserstein(x, testImages, key(7)).item());
    const unit = distance(real);
    const ours = distance(samples);
    const untrained = distance(gaussian);
    console.log(JSON.stringify({ onReal, recognised, loss: average(steps - 100, steps), unit, ours, untrained }));
    expect(ours).toBeLessThan(4 * unit);
    expect(untrained).toBeGreaterThan(1.5 * ours);
  });
});
