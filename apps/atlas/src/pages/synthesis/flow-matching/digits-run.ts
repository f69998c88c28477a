import { digitsFlow } from "@ansatz/experiments";
import { type Tensor, tensor } from "@ansatz/tensor";
import type { LiveRun } from "../../../live/protocol";
import type { DigitGrid, DigitsConfig, DigitsFrame, DigitsLook } from "./digits-protocol";

const classes = 10;

/** Grey values to bytes, clipped to what paper can show. */
const bytes = (values: ArrayLike<number>): Uint8Array<ArrayBuffer> => {
  const out = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) out[i] = 255 * (values[i] as number);
  return new Uint8Array(out.buffer);
};
const numbers = (x: Tensor): ArrayLike<number> => x.dataSync() as ArrayLike<number>;

/** The experiment as a run of the Worker. */
export const startDigits = async (config: DigitsConfig): Promise<LiveRun<DigitsLook, DigitsFrame>> => {
  const flow = await digitsFlow(config);
  const { side } = flow;
  let state = flow.init();
  let step = 0;
  let losses: number[] = [];
  let real: DigitGrid | undefined = { side, rows: 1, columns: classes, moments: 1, pixels: firstOfEach() };

  /** The first digit of each class. */
  function firstOfEach(): Uint8Array<ArrayBuffer> {
    const images = numbers(flow.images);
    const labels = Array.from(numbers(flow.labels));
    const size = side * side;
    return bytes(
      Array.from({ length: classes }, (_, c) => {
        const at = labels.indexOf(c) * size;
        return Array.from({ length: size }, (_, i) => images[at + i] as number);
      }).flat(),
    );
  }

  return {
    backend: config.backend,
    get step() {
      return step;
    },
    done: false,
    advance() {
      const { loss, next } = flow.step(state);
      state = next;
      step++;
      losses.push(loss.item() as number);
    },
    frame({ method, steps, rows }) {
      const n = rows * classes;
      const labels = tensor(Int32Array.from({ length: n }, (_, i) => i % classes));
      const before = performance.now();
      const values = numbers(flow.paths(state.network, flow.noise(n), labels, method, steps));
      const generated = (1000 * n) / (performance.now() - before);
      const pixels = bytes(values);
      const transfer: Transferable[] = [pixels.buffer];
      if (real) transfer.push(real.pixels.buffer as ArrayBuffer);
      const samples = { side, rows, columns: classes, moments: steps + 1, pixels };
      const frame: DigitsFrame = { losses: Float32Array.from(losses), real, samples, generated };
      losses = [];
      real = undefined;
      return { frame, transfer };
    },
    dispose() {},
  };
};
