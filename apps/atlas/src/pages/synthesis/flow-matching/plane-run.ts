import { planeFlow } from "@ansatz/experiments";
import { type Tensor, tensor } from "@ansatz/tensor";
import type { LiveRun } from "../../../live/protocol";
import type { PlaneConfig, PlaneFrame, PlaneLook } from "./plane-protocol";
import { bound } from "./plane-scale";

const fieldSide = 21;
const fieldTimes = 9;

/** Steps after which the energy distance is measured: often at first, where it falls, then every hundred. */
const isMeasured = (step: number): boolean => step % 100 === 0 || step === 10 || step === 25 || step === 50;

const floats = (x: Tensor): Float32Array<ArrayBuffer> => x.dataSync() as Float32Array<ArrayBuffer>;

/** The experiment as a run of the Worker. */
export const startPlane = (config: PlaneConfig): LiveRun<PlaneLook, PlaneFrame> => {
  const flow = planeFlow(config);
  let state = flow.init();
  let step = 0;
  let losses: number[] = [];
  let distances = [{ step: 0, value: flow.distance(state.network) }];
  let target: Float32Array<ArrayBuffer> | undefined = floats(flow.target);
  const floor = flow.floor();

  const gridTensors = () => {
    const xy = new Float32Array(2 * fieldSide ** 2 * fieldTimes);
    const t = new Float32Array(fieldSide ** 2 * fieldTimes);
    for (let k = 0, i = 0; k < fieldTimes; k++)
      for (let r = 0; r < fieldSide; r++)
        for (let c = 0; c < fieldSide; c++, i++) {
          xy[2 * i] = (((c + 0.5) * 2) / fieldSide - 1) * bound;
          xy[2 * i + 1] = (((r + 0.5) * 2) / fieldSide - 1) * bound;
          t[i] = k / (fieldTimes - 1);
        }
    return [tensor(xy, { shape: [t.length, 2] }), tensor(t)] as const;
  };
  let grid: ReturnType<typeof gridTensors> | undefined;
  let noise: Float32Array<ArrayBuffer> | undefined;

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
      if (isMeasured(step)) distances.push({ step, value: flow.distance(state.network) });
    },
    frame({ method, steps, particles, field, own }) {
      if (noise?.length !== 2 * particles) noise = floats(flow.noise(particles));
      const x0 = noise.slice();
      x0.set(own);
      const xy = floats(flow.paths(state.network, tensor(x0, { shape: [particles, 2] }), method, steps));
      const transfer: Transferable[] = [xy.buffer];
      let uv: Float32Array<ArrayBuffer> | undefined;
      if (field) {
        grid ??= gridTensors();
        uv = floats(flow.field(state.network, ...grid));
        transfer.push(uv.buffer);
      }
      if (target) transfer.push(target.buffer);
      const frame: PlaneFrame = {
        losses: Float32Array.from(losses),
        distances,
        floor,
        target,
        paths: { count: particles, steps, xy },
        field: uv && { times: fieldTimes, side: fieldSide, uv },
      };
      losses = [];
      distances = [];
      target = undefined;
      return { frame, transfer };
    },
    dispose() {},
  };
};
