import { digits } from "@ansatz/datasets";
import { slicedWasserstein } from "@ansatz/generative-models";
import { equal, key, mean, randint, reshape, type Tensor, take } from "@ansatz/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { digitClassifier, reducedClassifier } from "./classifier";
import { digitFlow, reducedDigitFlow } from "./flow";

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

    const model = digitFlow(reducedDigitFlow);
    let state = model.init(key(3));
    const train = model.train(images, labels, key(4), 100);
    const losses: number[] = [];
    for (let i = 0; i < reducedDigitFlow.steps / 100; i++) {
      const [next, block] = train(state);
      state = next;
      losses.push(Number(mean(block).item()));
    }
    expect(losses[losses.length - 1]).toBeLessThan(0.4 * losses[0]);

    const samples = model.sample(model.params(state), testLabels, key(5), { steps: 20, guidance: 1.5 });
    const recognised = Number(mean(equal(judge.read(judging.params, samples), testLabels)).item());
    expect(recognised).toBeGreaterThanOrEqual(0.85);

    // Distances to 2,000 test digits, over the same directions: real training digits set the unit.
    const n = testImages.shape[0];
    const real = take(images, randint(key(6), [n], 0, images.shape[0]), 0);
    const distance = (x: Tensor): number => Number(slicedWasserstein(x, testImages, key(7)).item());
    const unit = distance(real);
    const ours = distance(samples);
    const untrained = distance(model.sample(model.init(key(3)).descent.params, testLabels, key(5), { steps: 1 }));
    console.log(JSON.stringify({ onReal, recognised, loss: losses[losses.length - 1], unit, ours, untrained }));
    expect(ours).toBeLessThan(4 * unit);
    expect(untrained).toBeGreaterThan(10 * unit);
  });
});
