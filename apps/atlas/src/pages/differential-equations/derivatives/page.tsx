import { useCallback, useRef } from "preact/hooks";
import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, number, text, useKnobs } from "../../../state/params";
import { dark } from "../../../state/theme";
import { Canvas, type Surface } from "../../../ui/canvas";
import { Sources } from "../../../ui/code-block";
import { ChoiceControl, Controls, SliderControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { FormulaInput } from "../../../ui/formula-input";
import { Presets } from "../../../ui/presets";
import { Readings } from "../../../ui/status-line";
import meta from "./meta";
import type { Curves, CurvesAnswer, CurvesView } from "./protocol";
import { sources } from "./sources";
import { colourOf, drawCurves, heightOf, names, ratio } from "./view";

const schema = {
  f: text("sin(x) exp(-x^2/5)"),
  a: number({ min: -6, max: 6, initial: 1, step: 0.01 }),
  order: choice([1, 2, 3, 4], 2),
  reach: number({ min: 1, max: 12, initial: 6 }),
};
const examples = [
  { name: "Figure 2.2", value: "sin(x) exp(-x^2/5)" },
  { name: "sin(x)/x", value: "sin(x)/x" },
  { name: "Runge", value: "1/(1 + x^2)" },
  { name: "Sigmoid", value: "sigmoid(2x)" },
  { name: "Double well", value: "(x^2 - 4)^2/8" },
  { name: "A wave", value: "sin(x + x^2/3)" },
];

const spawn = (): Worker => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

export default function Derivatives() {
  const k = useKnobs(schema);
  const reach = k.reach.value;
  const formula = k.f.value;
  const a = Math.min(reach, Math.max(-reach, k.a.value));
  const { frame, error, retry } = useAnswer<null, CurvesView, CurvesAnswer>({
    spawn,
    config: null,
    view: { formula, from: -reach, to: reach, order: k.order.value, at: a },
  });
  const answer = frame.value;
  const kept = useRef<Curves | undefined>(undefined);
  if (answer && "curves" in answer) kept.current = answer.curves;
  const curves = kept.current;
  const problem = answer && "problem" in answer ? answer.problem : undefined;
  const draw = useCallback(
    (surface: Surface) => {
      void frame.value; // redraws when an answer comes
      const shown = kept.current;
      if (shown) drawCurves(shown, shown.x[0] as number, shown.x.at(-1) as number, surface);
    },
    [frame],
  );
  const value = curves?.derivatives[0];
  const height = curves ? heightOf(curves) : 1;
  const show = (v: number): string =>
    Number.isFinite(v) ? String(Number(v.toPrecision(7))).replace("-", "−") : "not a number";

  return (
    <>
      <div class="intro">
        <p>
          The first derivative comes from one reverse sweep over the program of <i>f</i>. That sweep is a program, so it
          has a derivative, and so on. At a point, Taylor mode gives all of them in one pass.
        </p>
        <Formula tex={meta.formula} block />
      </div>
      <FormulaInput
        knob={k.f}
        label="f(x) ="
        hint="The variable is x; sin, cos, tan, exp, log, sqrt, tanh, sigmoid, erf, abs, …"
        problem={problem}
      />
      <Presets label="Examples" options={examples} current={(v) => v === formula} choose={(v) => (k.f.value = v)} />
      {error.value && <Failure title="The derivatives could not be computed" error={error.value} retry={retry} />}
      <div class={problem ? "workbench stale" : "workbench"}>
        <Figure
          caption={
            <>
              Drag the ring along: the dashed line is the Taylor polynomial of order {k.order.value} at <i>a</i>, which
              has the same derivatives there.
            </>
          }
        >
          <p class="legend" aria-hidden="true">
            {names.slice(0, k.order.value + 1).map((name, i) => (
              <span key={name}>
                <i style={{ borderColor: colourOf(i, dark.value) }} />
                {name}
              </span>
            ))}
            <span>
              <i class="dashed" /> Taylor polynomial
            </span>
          </p>
          <div class="plate" style={{ overflow: "hidden" }}>
            <Canvas
              label="The function and its derivatives"
              summary={
                curves ? `f and ${curves.curves.length - 1} derivatives from ${-reach} to ${reach}.` : "Computing."
              }
              ratio={ratio}
              draw={draw}
              handles={
                curves
                  ? [
                      {
                        label: "Point a",
                        says: a.toFixed(2),
                        at: [
                          a / reach,
                          Math.min(0.97, Math.max(-0.97, Number.isFinite(value) ? (value as number) / height : 0)),
                        ],
                        move: ([x]) => (k.a.value = Math.round(100 * x * reach) / 100),
                      },
                    ]
                  : []
              }
            />
          </div>
        </Figure>
        <div class="workbench-side">
          {curves && <Formula tex={`f(x) = ${curves.tex}`} block />}
          <div class="facts">
            <Readings
              readings={[
                { label: "a", text: a.toFixed(2).replace("-", "−"), value: a },
                ...(curves?.derivatives ?? []).map((v, i) => ({ label: `${names[i]}(a)`, text: show(v), value: v })),
                {
                  label: "against symbolic",
                  text: curves ? curves.gap.toExponential(1).replace("-", "−") : "–",
                  value: curves?.gap,
                },
                {
                  label: "symbolic size",
                  text: curves?.sizes.join(" → ") ?? "–",
                  value: curves?.sizes.at(-1),
                },
              ]}
            />
          </div>
          <Controls label="Show">
            <ChoiceControl knob={k.order} label="Derivatives" />
            <SliderControl knob={k.reach} label="x from −r to r" />
            <SliderControl knob={k.a} label="a" show={(v) => v.toFixed(2)} />
          </Controls>
          <p class="small">
            Symbolic differentiation writes each derivative as a formula: its number of nodes grows with every order. A
            quotient such as sin(x)/x loses digits near 0, in its derivatives more and more; at 0 it is 0/0.
          </p>
        </div>
      </div>
      <Sources files={sources} />
    </>
  );
}
