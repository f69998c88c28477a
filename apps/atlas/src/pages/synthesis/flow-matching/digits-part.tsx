import { useSignal } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import { Failure } from "../../../app/error-boundary";
import { type Phase, useLive } from "../../../live/session";
import { choice, flag, number, seed, useKnobs } from "../../../state/params";
import { Canvas, type Surface } from "../../../ui/canvas";
import { Sources } from "../../../ui/code-block";
import { ChoiceControl, Controls, SeedControl, SelectControl, SliderControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Series } from "../../../ui/series";
import { StatusLine } from "../../../ui/status-line";
import { Transport } from "../../../ui/transport";
import { LossChart } from "./charts";
import { digitBackends } from "./digits-backend";
import type { DigitGrid, DigitsConfig, DigitsFrame, DigitsLook } from "./digits-protocol";
import { drawDigits, gridRatio } from "./digits-view";
import { digitsSources } from "./sources";
import { Timeline, useFlowTime } from "./timeline";

const schema = {
  seed: seed(0),
  width: choice([64, 128, 256, 512], 256),
  lr: number({ min: 1e-4, max: 1e-2, initial: 2e-3, log: true }),
  batch: choice([64, 128, 256], 128),
  backend: choice(digitBackends, "wasm"),
  solver: choice(["euler", "heun"], "euler"),
  steps: number({ min: 1, max: 48, initial: 16 }),
  t: number({ min: 0, max: 1, initial: 1, step: 0.01 }),
  play: flag(false),
};

const rows = 5;

const backendNames = { wasm: "WebAssembly", gpujs: "WebGL2, gpu.js", tfjs: "WebGL, TensorFlow.js" } as const;

const doing: Record<Phase, string> = {
  loading: "Reading the digits, building the network, compiling its training step",
  ready: "Ready",
  running: "Training on 8,000 handwritten digits",
  done: "Done",
  failed: "Stopped by an error",
};

const spawn = (): Worker => new Worker(new URL("./digits-worker.ts", import.meta.url), { type: "module" });

export function DigitsPart() {
  const k = useKnobs(schema);
  const config: DigitsConfig = {
    seed: k.seed.value,
    width: k.width.value,
    learningRate: k.lr.value,
    batch: k.batch.value,
    backend: k.backend.value,
  };
  const view: DigitsLook = { method: k.solver.value, steps: k.steps.value, rows };

  const losses = useMemo(() => new Series(), []);
  const grown = useSignal(0);
  const real = useSignal<DigitGrid | undefined>(undefined);
  const samples = useSignal<DigitGrid | undefined>(undefined);
  const generated = useSignal(0);
  const flow = useFlowTime(k.t, k.play);

  const live = useLive<DigitsConfig, DigitsLook, DigitsFrame>({
    spawn,
    config,
    view,
    onReset: () => {
      losses.clear();
      grown.value++;
    },
    onFrame: (frame) => {
      losses.append(frame.losses);
      if (frame.losses.length > 0) grown.value++;
      if (frame.real) real.value = frame.real;
      samples.value = frame.samples;
      generated.value = frame.generated;
    },
  });

  const draw = useCallback(
    (surface: Surface) => drawDigits(real.value, samples.value, flow.time.value, surface),
    [real, samples, flow.time],
  );

  const phase = live.phase.value;
  const step = live.step.value;
  const error = live.error.value;
  const rate = live.rate.value;
  const loss = grown.value >= 0 ? losses.recent(50) : undefined;

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
            { label: "backend", text: live.backend.value ?? "–" },
            { label: "step", text: step.toLocaleString("en"), value: step },
            { label: "loss", text: loss?.toFixed(3) ?? "–", value: losses.last },
            { label: "steps/s", text: rate?.toFixed(1) ?? "–", value: rate },
            {
              label: "digits/s",
              text: rate === undefined ? "–" : Math.round(rate * config.batch).toLocaleString("en"),
              value: rate === undefined ? undefined : rate * config.batch,
            },
          ]}
        />
      </div>
      {error && <Failure title="The training stopped" error={error} retry={() => live.reset()} />}
      <div class="bench">
        <Figure
          className="stage"
          caption={
            <>
              Each column is asked for one digit. First row: real digits of the training set, 14 × 14. Below: what the
              network makes of the same noise every time, at the time <i>t</i> of the flow;{" "}
              {Math.round(generated.value).toLocaleString("en")} of them a second.
            </>
          }
        >
          <div class="plate">
            <Canvas
              label="Digits made by the flow, one column per class"
              summary={
                samples.value
                  ? `${rows} samples of each of ten classes after ${step} training steps${loss === undefined ? "" : `, loss ${loss.toFixed(3)}`}.`
                  : "No samples yet."
              }
              ratio={gridRatio(rows, 10)}
              draw={draw}
            />
          </div>
          <Timeline flow={flow} />
        </Figure>
        <div class="charts">
          <LossChart
            losses={losses}
            version={grown.value}
            caption="Squared error of the velocity per principal coordinate. Mean over stretches of steps; the band spans the batches."
          />
        </div>
        <div class="knobs">
          <Controls label="Training">
            <SeedControl knob={k.seed} />
            <SelectControl knob={k.width} label="Hidden width" />
            <SelectControl knob={k.batch} label="Batch" />
            <SliderControl knob={k.lr} label="Learning rate" show={(v) => v.toPrecision(2)} />
            <SelectControl knob={k.backend} label="Backend" names={backendNames} />
          </Controls>
          <Controls label="Flow">
            <ChoiceControl knob={k.solver} label="Solver" names={{ euler: "Euler", heun: "Heun" }} />
            <SliderControl knob={k.steps} label="Solver steps" />
          </Controls>
        </div>
      </div>
      <Sources files={digitsSources} />
    </>
  );
}
