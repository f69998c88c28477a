import { useRef } from "preact/hooks";
import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, number, text, useKnobs } from "../../../state/params";
import { CodeBlock, Sources } from "../../../ui/code-block";
import { Controls, SliderControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { FormulaInput } from "../../../ui/formula-input";
import { Player } from "../../../ui/player";
import { Presets } from "../../../ui/presets";
import { Readings } from "../../../ui/status-line";
import { Tabs } from "../../../ui/tabs";
import { Graph } from "./graph";
import meta from "./meta";
import "./page.css";
import { ProgramTable, shortNumber } from "./program-table";
import type { SweepAnswer, SweepView, Swept } from "./protocol";
import { sources } from "./sources";
import { sayStage, stageAt } from "./stage";
import { allowed } from "./variables";

const value = (initial: number) => number({ min: -4, max: 4, initial, step: 0.01 });
const schema = {
  f: text("sin(x1 + x2)/x1"),
  v1: value(1),
  v2: value(2),
  v3: value(3),
  seed: choice([0, 1, 2], 0),
  at: number({ min: 0, max: 999, initial: 999 }),
  print: choice(["f", "forward", "reverse"], "f"),
};
const examples = [
  { name: "Example 2.1.1", value: "sin(x1 + x2)/x1" },
  { name: "Example 2.1.2", value: "x^2 y + y z + z^3" },
  { name: "Exercise 2.1.1", value: "log(x^2 + y^2) + sin((x + y)^2)" },
  { name: "A neuron", value: "tanh(x y + z)" },
  { name: "Log-sum-exp", value: "log(exp(x) + exp(y) + exp(z))" },
];

const spawn = (): Worker => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

export default function DifferentiationByProgram() {
  const k = useKnobs(schema);
  const formula = k.f.value;
  const { frame, error, retry } = useAnswer<null, SweepView, SweepAnswer>({
    spawn,
    config: null,
    view: { formula, at: [k.v1.value, k.v2.value, k.v3.value], seed: k.seed.value },
  });
  const answer = frame.value;
  // While the formula is no formula, the last one that was stays
  const kept = useRef<Swept | undefined>(undefined);
  if (answer && "swept" in answer) kept.current = answer.swept;
  const sweep = kept.current;
  const problem = answer && "problem" in answer ? answer.problem : undefined;
  const names = sweep?.variables ?? [];
  const values = [k.v1, k.v2, k.v3];
  const seed = Math.min(k.seed.value, Math.max(0, names.length - 1));
  const count = sweep?.lines.length ?? 0;
  const stage = stageAt(k.at.value, count);

  return (
    <>
      <div class="intro">
        <p>
          No formula is differentiated here. The function is recorded while it runs: a list of elementary lines. The
          chain rule, line by line, does the rest, downwards with the values or upwards against them.
        </p>
        <Formula tex={meta.formula} block />
      </div>
      <FormulaInput
        knob={k.f}
        label="f ="
        hint={`Variables ${allowed.join(", ")}; sin, cos, exp, log, sqrt, tanh, sigmoid, erf, abs, …`}
        problem={problem}
      />
      <Presets label="Examples" options={examples} current={(v) => v === formula} choose={(v) => (k.f.value = v)} />
      {error.value && <Failure title="The function could not be traced" error={error.value} retry={retry} />}
      <div class={problem ? "stale" : ""}>
        {sweep && <Formula tex={`f = ${sweep.tex}`} block />}
        <div class="sweep-controls">
          <Controls label="The point">
            {names.map((name, i) => (
              <SliderControl
                key={name}
                knob={values[i] as (typeof values)[number]}
                label={name}
                show={(v) => v.toFixed(2)}
              />
            ))}
          </Controls>
          <div>
            <Controls label="Forward sweep along">
              <Presets
                label="Direction of the tangents"
                options={names.map((name, i) => ({ name, value: i }))}
                current={(i) => i === seed}
                choose={(i) => (k.seed.value = i as 0 | 1 | 2)}
              />
            </Controls>
            <p class="small" style={{ marginTop: "0.6rem" }}>
              A forward sweep gives one column of the Jacobian: one sweep for each input. The reverse sweep gives the
              whole gradient at once.
            </p>
          </div>
          <div class="facts">
            <Readings
              readings={[
                { label: "f", text: sweep ? shortNumber(sweep.value) : "–", value: sweep?.value },
                {
                  label: `tangent of f along ${names[seed] ?? ""}`,
                  text: sweep ? shortNumber(sweep.tangent) : "–",
                  value: sweep?.tangent,
                },
                ...names.map((name, i) => ({
                  label: `∂f/∂${name}`,
                  text: sweep && i < sweep.gradient.length ? shortNumber(sweep.gradient[i] as number) : "–",
                  value: sweep?.gradient[i],
                })),
                { label: "lines", text: String(count || "–"), value: count },
                { label: "local partials", text: String(sweep?.edges.length ?? "–"), value: sweep?.edges.length },
              ]}
            />
          </div>
        </div>
        {sweep && (
          <>
            <div style={{ marginTop: "1.4rem" }}>
              <Player
                knob={k.at}
                last={2 * count}
                label="the sweeps"
                says={(at) => sayStage(sweep, stageAt(at, count))}
              />
            </div>
            <div class="sweep">
              <Figure
                caption={
                  <>
                    The program of <i>f</i>, traced. Values and tangents are filled in downwards, adjoints upwards: the
                    first lines then hold the gradient.
                  </>
                }
              >
                <ProgramTable sweep={sweep} stage={stage} seed={names[seed] ?? ""} />
              </Figure>
              <Figure caption="The same as a graph. Numbers on the arrows are the local partials; both sweeps use the same ones.">
                <div class="plate graph-plate">
                  <Graph sweep={sweep} stage={stage} />
                </div>
              </Figure>
            </div>
          </>
        )}
        {sweep && (
          <section class="printed" aria-labelledby="printed-title">
            <h2 id="printed-title">Derivatives are programs too</h2>
            <Tabs knob={k.print} names={{ f: "f", forward: "Forward: jvp(f)", reverse: "Reverse: vjp(f)" }}>
              <CodeBlock
                name={
                  { f: "f", forward: "jvp(f): value and tangent", reverse: "vjp(f): value and gradient" }[k.print.value]
                }
                source={sweep.printed[k.print.value]}
              />
            </Tabs>
          </section>
        )}
      </div>
      <Sources files={sources} />
    </>
  );
}
