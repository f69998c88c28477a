import { useSignal } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import { Failure } from "../../../app/error-boundary";
import { type Phase, useLive } from "../../../live/session";
import { choice, flag, number, point, seed, useKnobs } from "../../../state/params";
import { Canvas, type Surface } from "../../../ui/canvas";
import { Sources } from "../../../ui/code-block";
import { ChoiceControl, Controls, SeedControl, SelectControl, SliderControl, ToggleControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Series } from "../../../ui/series";
import { StatusLine } from "../../../ui/status-line";
import { Transport } from "../../../ui/transport";
import { DistanceChart, type DistancePoint, LossChart } from "./charts";
import type { PlaneConfig, PlaneFrame, PlaneLook } from "./plane-protocol";
import { bound } from "./plane-scale";
import { drawScene, type FieldGrid, type Paths } from "./plane-view";
import { planeSources } from "./sources";
import { Timeline, useFlowTime } from "./timeline";

const lawNames = {
  rings: "Rings",
  moons: "Moons",
  spiral: "Spiral",
  eightGaussians: "Eight Gaussians",
  checkerboard: "Checkerboard",
};

const schema = {
  law: choice(["rings", "moons", "spiral", "eightGaussians", "checkerboard"], "moons"),
  seed: seed(0),
  width: choice([16, 32, 64, 128, 256], 64),
  lr: number({ min: 1e-4, max: 3e-2, initial: 5e-3, log: true }),
  batch: choice([64, 128, 256, 512, 1024], 256),
  backend: choice(["wasm"], "wasm"),
  solver: choice(["euler", "heun"], "heun"),
  steps: number({ min: 1, max: 48, initial: 16 }),
  field: flag(false),
  origin: flag(true),
  x0: point([-1, 1], bound),
  t: number({ min: 0, max: 1, initial: 1, step: 0.01 }),
  play: flag(true),
};

const particles = 900;

const doing: Record<Phase, string> = {
  loading: "Building the network and compiling its training step",
  ready: "Ready",
  running: "Training",
  done: "Done",
  failed: "Stopped by an error",
};

export const spawnPlane = (): Worker => new Worker(new URL("./plane-worker.ts", import.meta.url), { type: "module" });

export function PlanePart() {
  const k = useKnobs(schema);
  const config: PlaneConfig = {
    law: k.law.value,
    seed: k.seed.value,
    width: k.width.value,
    learningRate: k.lr.value,
    batch: k.batch.value,
    backend: k.backend.value,
  };
  const view: PlaneLook = {
    method: k.solver.value,
    steps: k.steps.value,
    particles,
    field: k.field.value,
    own: k.x0.value,
  };

  const losses = useMemo(() => new Series(), []);
  const grown = useSignal(0);
  const distances = useSignal<readonly DistancePoint[]>([]);
  const floor = useSignal(0);
  const target = useSignal<Float32Array>(new Float32Array());
  const paths = useSignal<Paths | undefined>(undefined);
  const field = useSignal<FieldGrid | undefined>(undefined);
  const flow = useFlowTime(k.t, k.play);

  const live = useLive<PlaneConfig, PlaneLook, PlaneFrame>({
    spawn: spawnPlane,
    config,
    view,
    onReset: () => {
      losses.clear();
      grown.value++;
      distances.value = [];
    },
    onFrame: (frame) => {
      losses.append(frame.losses);
      if (frame.losses.length > 0) grown.value++;
      if (frame.distances.length > 0) distances.value = [...distances.peek(), ...frame.distances];
      if (frame.target) target.value = frame.target;
      floor.value = frame.floor;
      paths.value = frame.paths;
      field.value = frame.field;
    },
  });

  const draw = useCallback(
    (surface: Surface) =>
      drawScene(
        {
          target,
          paths,
          field,
          time: flow.time,
          byOrigin: k.origin,
        },
        surface,
      ),
    [k, target, paths, field, flow.time],
  );

  const phase = live.phase.value;
  const step = live.step.value;
  const error = live.error.value;
  const distance = distances.value.at(-1);
  const start = distances.value[0];
  const loss = grown.value >= 0 ? losses.recent(50) : undefined;
  const law = lawNames[config.law];

  return (
    <>
      <div class="bench-head">
        <Transport
          phase={phase}
          what="training"
          start={() => live.start()}
          pause={() => live.pause()}
          step={() => live.single()}
          reset={() => live.reset()}
        />
        <StatusLine
          phase={phase}
          doing={phase === "ready" && step > 0 ? "Paused" : doing[phase]}
          readings={[
            { label: "step", text: step.toLocaleString("en"), value: step },
            { label: "loss", text: loss?.toFixed(3) ?? "–", value: losses.last },
            { label: "energy distance", text: distance?.value.toPrecision(2) ?? "–", value: distance?.value },
            { label: "steps/s", text: live.rate.value?.toFixed(0) ?? "–", value: live.rate.value },
          ]}
        />
      </div>
      {error && <Failure title="The training stopped" error={error} retry={() => live.reset()} />}
      <div class="bench">
        <Figure
          className="stage"
          caption={
            <>
              Particles leave a normal law at <i>t</i> = 0 and follow the learned velocity to <i>t</i> = 1; behind them,
              in grey, samples of the target. Drag the ring: the solid line is the path that begins there.
            </>
          }
        >
          <div class="plate">
            <Canvas
              label={`Flow from noise to ${law}`}
              summary={
                distance && start
                  ? `${particles} particles after ${step} training steps. Energy distance to the target ${distance.value.toPrecision(3)}, ${(start.value / distance.value).toFixed(1)} times less than before training.`
                  : "No particles yet."
              }
              draw={draw}
              bound={bound}
              handles={[{ label: "Start of the solid path", at: k.x0.value, move: (to) => (k.x0.value = to) }]}
            />
          </div>
          <Timeline flow={flow} />
        </Figure>
        <div class="charts">
          <LossChart
            losses={losses}
            version={grown.value}
            caption="Mean over stretches of steps; the band spans the batches. It does not go to zero: the lines cross."
          />
          <DistanceChart points={distances.value} floor={floor.value} last={step} />
        </div>
        <div class="knobs">
          <Controls label="Training">
            <SelectControl knob={k.law} label="Law" names={lawNames} />
            <SeedControl knob={k.seed} />
            <SelectControl knob={k.width} label="Hidden width" />
            <SelectControl knob={k.batch} label="Batch" />
            <SliderControl knob={k.lr} label="Learning rate" show={(v) => v.toPrecision(2)} />
            <SelectControl knob={k.backend} label="Backend" names={{ wasm: "WebAssembly" }} />
          </Controls>
          <Controls label="Flow">
            <ChoiceControl knob={k.solver} label="Solver" names={{ euler: "Euler", heun: "Heun" }} />
            <SliderControl knob={k.steps} label="Solver steps" />
            <ToggleControl knob={k.field} label="Velocity field" />
            <ToggleControl knob={k.origin} label="Colour by origin" />
          </Controls>
        </div>
      </div>
      <Sources files={planeSources} />
    </>
  );
}
