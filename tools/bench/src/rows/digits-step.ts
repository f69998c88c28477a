import { digitArrays } from "@ansatz/datasets";
import { digitFlow, digitFrame } from "@ansatz/experiments";
import { cosineDecay, warmup } from "@ansatz/optimization";
import { tensor } from "@ansatz/tensor";
import type { Row } from "../harness";
import { pythonPeer } from "../peers/python";

/** `lab train digits` at its defaults; the frame of leading components comes from the digits. */
const [pixels, components, steps] = [784, 196, 20_000];

/**
 * The untrained network is 0, so that the first loss is that of a Gaussian with the data's variances s²: the mean of πs/2. The result is the loss
 * by that number, averaged over batches: its distance from 1 is sampling.
 */
export const digitsStep: Row = {
  name: "digits-step",
  about:
    "one training step of the digit model (28 × 28 in 196 components, 3 blocks of 384, batch 128, Adam, averaged parameters), float32; the error is that of the untrained loss, by sampling",
  reference: () => new Float64Array([1]),
  contestants: {
    ansatz: async () => {
      const train = await digitArrays({ split: "train", size: 28 });
      const frame = digitFrame(train.images, train.count, pixels, components);
      const flow = digitFlow(frame, {
        seed: 0,
        width: 384,
        blocks: 3,
        batch: 128,
        learningRate: warmup(200, cosineDecay(1e-3, steps - 200)),
      });
      const data = flow.encode(tensor(train.images, { shape: [train.count, pixels] }), tensor(train.labels));
      let state = flow.init();
      let n = 0;
      return {
        run: () => {
          state = flow.step(state, n++, data).next;
        },
        result: async () => {
          const s = (await frame.variance.data()) as Float32Array;
          const gaussian = ((Math.PI / 2) * s.reduce((sum, v) => sum + Math.sqrt(v), 0)) / components;
          return [Number(await flow.heldOut(flow.init().params, data).item()) / gaussian];
        },
      };
    },
    pytorch: pythonPeer("torch", "digits-step"),
  },
};
