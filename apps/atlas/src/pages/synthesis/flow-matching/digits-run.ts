import { wasmBackend } from "@ansatz/backend-wasm";
import { digitArrays } from "@ansatz/datasets";
import { digitClasses as classes, digitFlow, digitFrame } from "@ansatz/experiments";
import { key, normal, type Tensor, tensor, useBackend } from "@ansatz/tensor";
import type { LiveRun } from "../../../live/protocol";
import { openDigitBackend } from "./digits-backend";
import type { DigitGrid, DigitsConfig, DigitsFrame, DigitsLook } from "./digits-protocol";

const side = 14;
const pixels = side * side;
/** Principal coordinates of the 196 pixels, holding 98 % of the variance. */
const components = 96;
/** Steps that may be under way: enough to keep a GPU busy, and few enough that a pause is one. */
const depth = 4;

/** Grey values to bytes, clipped to what paper can show. */
const bytes = (values: ArrayLike<number>): Uint8Array<ArrayBuffer> => {
  const out = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) out[i] = 255 * (values[i] as number);
  return new Uint8Array(out.buffer);
};

/** The experiment as a run of the Worker. */
export const startDigits = async (config: DigitsConfig): Promise<LiveRun<DigitsLook, DigitsFrame>> => {
  const exact = wasmBackend();
  useBackend(exact);
  const digits = await digitArrays({ size: side });
  const frame = digitFrame(digits.images, digits.count, pixels, components);
  const device = await openDigitBackend(config.backend, exact);
  if (device) useBackend(device);

  const flow = digitFlow(frame, { ...config, blocks: 2 });
  const data = flow.encode(tensor(digits.images, { shape: [digits.count, pixels] }), tensor(digits.labels));
  let state = flow.init();
  let step = 0;
  let losses: number[] = [];
  const under: Tensor[] = [];
  const settle = async (most: number): Promise<void> => {
    while (under.length > most) {
      const loss = under.shift() as Tensor;
      losses.push(Number((await loss.data())[0]));
      loss.dispose();
    }
  };
  let real: DigitGrid | undefined = { side, rows: 1, columns: classes, moments: 1, pixels: firstOfEach() };

  /** The first digit of each class. */
  function firstOfEach(): Uint8Array<ArrayBuffer> {
    const greys = new Float32Array(classes * pixels);
    for (let c = 0; c < classes; c++) {
      const at = digits.labels.indexOf(c) * pixels;
      greys.set(digits.images.subarray(at, at + pixels), c * pixels);
    }
    return bytes(greys);
  }

  return {
    backend: device?.name ?? "wasm",
    get step() {
      return step;
    },
    done: false,
    async advance() {
      const { loss, next } = flow.step(state, step, data);
      state = next;
      step++;
      under.push(loss);
      await settle(depth);
    },
    async frame({ method, steps, rows }) {
      await settle(0);
      const n = rows * classes;
      const labels = tensor(Int32Array.from({ length: n }, (_, i) => i % classes));
      const noise = normal(key(config.seed), [n, components], { dtype: "float32" });
      const before = performance.now();
      const images = flow.paths(state.average, noise, labels, method, steps);
      const values = await images.data();
      const generated = (1000 * n) / (performance.now() - before);
      images.dispose();
      const grid = bytes(values as Float32Array);
      const transfer: Transferable[] = [grid.buffer];
      if (real) transfer.push(real.pixels.buffer as ArrayBuffer);
      const samples = { side, rows, columns: classes, moments: steps + 1, pixels: grid };
      const shown: DigitsFrame = { losses: Float32Array.from(losses), real, samples, generated };
      losses = [];
      real = undefined;
      return { frame: shown, transfer };
    },
    dispose() {
      useBackend(exact);
      device?.dispose();
    },
  };
};
