import { useMemo } from "preact/hooks";
import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, number, useKnobs } from "../../../state/params";
import { Controls, SelectControl, SliderControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { ImageView } from "../../../ui/image-view";
import { Readings } from "../../../ui/status-line";
import type { SvdAnswer, SvdConfig, SvdView } from "./protocol";
import { ScatterView } from "./scatter-view";
import { spawnSvd } from "./spawn";
import { ExplainedChart, SpectrumChart } from "./spectrum-chart";

const schema = {
  n: choice([100, 200, 400], 200),
  only: choice(["all", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], "all"),
  k: number({ min: 0, max: 200, initial: 20 }),
  i: number({ min: 0, max: 399, initial: 0 }),
};

export function SetPart() {
  const k = useKnobs(schema);
  const only = k.only.value;
  const { frame, error, retry } = useAnswer<SvdConfig, SvdView, SvdAnswer>({
    spawn: spawnSvd,
    config: { image: undefined, set: { count: k.n.value, digit: only === "all" ? undefined : Number(only) } },
    view: { k: k.k.value, which: k.i.value },
  });
  const a = frame.value?.set;
  const sigma = useMemo(() => a?.spectrum.map((s) => s.sigma) ?? [], [a?.spectrum]);
  const curve = useMemo(() => a?.spectrum.map((s) => s.explained) ?? [], [a?.spectrum]);
  return (
    <>
      {error.value && <Failure title="The decomposition failed" error={error.value} retry={retry} />}
      <div class="workbench">
        <div>
          <Figure
            caption={
              <>
                {k.n.value} digits in the plane of the first two principal directions: the best flat picture of a cloud
                in 784 dimensions. Point at one and click, or move the slider, to see it rebuilt.
              </>
            }
          >
            {a ? <ScatterView set={a} choose={(which) => (k.i.value = which)} /> : <p class="loading">Decomposing…</p>}
          </Figure>
        </div>
        <div class="workbench-side">
          {a && (
            <div class="images">
              <ImageView title={`x, a ${a.labels[a.which]}`} label="The digit chosen" values={a.image} width={a.side} />
              <ImageView
                title={`x̂ from ${a.k} numbers`}
                label="The digit rebuilt"
                values={a.reconstruction}
                width={a.side}
              />
            </div>
          )}
          <Controls label="Directions kept">
            <SliderControl knob={k.k} label="k" show={() => String(a?.k ?? k.k.value)} />
            <SliderControl knob={k.i} label="Image" show={() => (a ? `${a.which + 1} of ${a.count}` : "–")} />
          </Controls>
          <div class="facts">
            <Readings
              readings={[
                { label: "error of this digit", text: a ? `${(100 * a.error).toFixed(1)} %` : "–", value: a?.error },
                {
                  label: "error of the set, √(1 − Eₖ)",
                  text: a ? `${(100 * a.setError).toFixed(1)} %` : "–",
                  value: a?.setError,
                },
                { label: "k for 90 % of the variance", text: String(a?.dimension90 ?? "–"), value: a?.dimension90 },
              ]}
            />
          </div>
          <Controls label="Set">
            <SelectControl knob={k.n} label="Digits" />
            <SelectControl knob={k.only} label="Class" names={{ all: "all ten" }} />
          </Controls>
        </div>
      </div>
      {a && (
        <>
          <div class="workbench-wide">
            <Figure caption="On a logarithmic scale, in parts of the first; the last of a centred set is 0.">
              <h3 class="figure-title">Singular values</h3>
              <SpectrumChart values={sigma} k={a.k} log label="Singular values of the set" />
            </Figure>
            <Figure
              caption={
                <>
                  The part <Formula tex="E_k" /> of the variance in the first <Formula tex="k" /> directions; dashed,
                  nine tenths.
                </>
              }
            >
              <h3 class="figure-title">Explained variance</h3>
              <ExplainedChart curve={curve} k={a.k} />
            </Figure>
          </div>
          <div style={{ marginTop: "1.8rem" }}>
            <Figure caption="Every digit is the mean plus a mixture of the principal directions; blue adds ink, orange takes it away.">
              <div class="images small">
                <ImageView title="mean" label="Mean digit" values={a.mean} width={a.side} />
                {a.directions.map((direction, i) => (
                  <ImageView
                    key={i}
                    title={`v${String(i + 1).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[Number(d)] as string)}`}
                    label={`Principal direction ${i + 1}`}
                    values={direction}
                    width={a.side}
                    signed
                  />
                ))}
              </div>
            </Figure>
          </div>
        </>
      )}
    </>
  );
}
