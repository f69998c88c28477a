import { useSignal } from "@preact/signals";
import { Failure } from "../../../app/error-boundary";
import { type Phase, useLive } from "../../../live/session";
import { choice, useKnobs } from "../../../state/params";
import { Sources } from "../../../ui/code-block";
import { ChoiceControl, Controls, SelectControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { StatusLine } from "../../../ui/status-line";
import { Transport } from "../../../ui/transport";
import { CostChart, look, type Method, methods } from "./cost-chart";
import meta from "./meta";
import "./page.css";
import type { Cost, CostConfig, CostFrame, CostRow } from "./protocol";
import { sources } from "./sources";

const schema = {
  f: choice(["separable", "coupled", "network"], "separable"),
  top: choice([6, 8, 10], 8),
};
const formulas = {
  separable: String.raw`f(x) = \sum_i \sin x_i + \tfrac1{10} x_i^2`,
  coupled: String.raw`f(x) = \bigl|\sin x + x \textstyle\sum_i x_i\bigr|^2`,
  network: String.raw`f(x) = \textstyle\sum_j \tanh (W x)_j,\quad W \in \mathbb R^{16 \times d}`,
};
const titles: Record<Method, string> = { differences: "Differences", forward: "Forward mode", reverse: "Reverse mode" };
const marks: Record<Method, string> = { differences: "■", forward: "▲", reverse: "●" };
const doing: Record<Phase, string> = {
  loading: "Starting",
  ready: "Ready",
  running: "Measuring",
  done: "Done",
  failed: "Stopped by an error",
};

const flops = ({ flops }: Cost): number => flops;
const seconds = ({ seconds }: Cost): number => seconds;
const spawn = (): Worker => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

export default function GradientCost() {
  const k = useKnobs(schema);
  const rows = useSignal<readonly CostRow[]>([]);
  const doublings = k.top.value;
  const live = useLive<CostConfig, null, CostFrame>({
    spawn,
    config: { f: k.f.value, doublings },
    view: null,
    onReset: () => {
      rows.value = [];
    },
    onFrame: (frame) => {
      rows.value = frame.rows;
    },
  });
  const phase = live.phase.value;
  const error = live.error.value;
  const last = rows.value.at(-1);
  const parts = (method: Method): number | undefined => last && last[method].flops / last.function.flops;
  return (
    <>
      <div class="intro">
        <p>
          A gradient by differences asks for one more value of <i>f</i> in every direction, forward mode for one more
          sweep. The reverse sweep costs less than five evaluations, whatever the dimension: this is why networks can be
          trained at all.
        </p>
        <Formula tex={meta.formula} block />
      </div>
      <div class="costs">
        <div class="cost-head">
          <Transport
            phase={phase}
            what="measuring"
            start={() => live.start()}
            pause={() => live.pause()}
            step={() => live.single()}
            reset={() => live.reset()}
          />
        </div>
        <div style={{ marginTop: "0.8rem" }}>
          <StatusLine
            phase={phase}
            doing={doing[phase]}
            readings={[
              { label: "d", text: String(last?.dimension ?? "–"), value: last?.dimension },
              {
                label: "operations of f",
                text: last?.function.flops.toLocaleString("en") ?? "–",
                value: last?.function.flops,
              },
              ...methods.map((m) => ({
                label: titles[m].toLowerCase(),
                text: parts(m) === undefined ? "–" : `${(parts(m) as number).toFixed(2)} f`,
                value: parts(m),
              })),
            ]}
          />
        </div>
        {error && <Failure title="The measurement stopped" error={error} retry={() => live.reset()} />}
        <div class="workbench">
          <div class="cost-charts">
            <p class="legend" aria-hidden="true">
              {methods.map((m) => (
                <span key={m}>
                  <span class="cost-mark" style={{ color: look[m].colour }}>
                    {marks[m]}
                  </span>
                  {titles[m]}
                </span>
              ))}
            </p>
            <Figure caption="Counted in the programs, the same on every machine. Dashed: d + 1, 2d, and the bound 5.">
              <h3 class="figure-title">Operations, in evaluations of f</h3>
              <CostChart
                rows={rows.value}
                last={2 ** doublings}
                of={flops}
                label="Operations of a gradient by dimension"
              />
            </Figure>
            <div style={{ marginTop: "1.6rem" }}>
              <Figure caption="Measured in a Worker of this browser, the least of several runs. Every operation has a fixed price on small arrays, so forward mode pays more than its count says.">
                <h3 class="figure-title">Time, in evaluations of f</h3>
                <CostChart
                  rows={rows.value}
                  last={2 ** doublings}
                  of={seconds}
                  label="Time of a gradient by dimension"
                />
              </Figure>
            </div>
          </div>
          <div class="workbench-side">
            <Controls label="Function">
              <SelectControl
                knob={k.f}
                label="f"
                names={{ separable: "A sum of terms", coupled: "All with all", network: "A layer" }}
              />
              <Formula tex={formulas[k.f.value]} block />
              <ChoiceControl knob={k.top} label="Up to dimension" names={{ 6: "64", 8: "256", 10: "1024" }} />
            </Controls>
            <p class="small">
              Start measures; each step doubles the dimension. Differences also carry an error of order <i>h</i>: here{" "}
              <i>h</i> = 10⁻⁴.
            </p>
          </div>
        </div>
      </div>
      <Sources files={sources} />
    </>
  );
}
