import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, number, seed, useKnobs } from "../../../state/params";
import { Controls, SeedControl, SelectControl, SliderControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { Readings } from "../../../ui/status-line";
import type { SvdAnswer, SvdConfig, SvdView } from "./protocol";
import { spawnSvd } from "./spawn";
import { CurvesChart, look } from "./spectra-chart";

const schema = {
  batch: choice([50, 100, 200], 200),
  seed: seed(0),
  upto: number({ min: 1, max: 200, initial: 50 }),
};

/** Figure 1.3. */
export function SpectraPart() {
  const k = useKnobs(schema);
  const { frame, error, retry } = useAnswer<SvdConfig, SvdView, SvdAnswer>({
    spawn: spawnSvd,
    config: { image: undefined, set: undefined, spectra: { batch: k.batch.value, seed: k.seed.value } },
    view: { k: 0, which: 0 },
  });
  const a = frame.value?.spectra;
  const j = Math.min(k.upto.value, a?.batch ?? k.batch.value);
  const E = (n: number): number | undefined => a?.canonical.explained[n - 1];
  const part = (v: number | undefined): string => (v === undefined ? "–" : `${(100 * v).toFixed(1)} %`);
  return (
    <>
      {error.value && <Failure title="The decompositions failed" error={error.value} retry={retry} />}
      <div class="workbench spectra">
        <div>
          {a ? (
            <div class="workbench-wide panels">
              <Figure
                caption={
                  <>
                    <Formula tex="\sigma_j/\sigma_1" /> of the first {a.batch} images. The last value is rounding: a
                    centred set has one dimension less than images.
                  </>
                }
              >
                <h3 class="figure-title">One batch</h3>
                <CurvesChart label="Spectrum of the first batch" curves={[a.canonical]} of="sigma" mark={j} />
              </Figure>
              <Figure caption="Five batches drawn by chance: the spectrum belongs to the law of the digits, not to the sample.">
                <h3 class="figure-title">Random batches</h3>
                <CurvesChart label="Spectra of random batches" curves={a.random} of="sigma" mark={j} same />
              </Figure>
              <Figure caption="A one is hardly more than a stroke that leans; a two or an eight has more ways to differ.">
                <h3 class="figure-title">Single classes</h3>
                <p class="legend" aria-hidden="true">
                  {a.byClass.map(({ name }, i) => (
                    <span key={name}>
                      <i style={{ borderColor: look[i]?.colour, borderTopStyle: look[i]?.dash ? "dashed" : "solid" }} />
                      {name}
                    </span>
                  ))}
                </p>
                <CurvesChart label="Spectra of the classes" curves={a.byClass} of="sigma" mark={j} />
              </Figure>
              <Figure
                caption={
                  <>
                    <Formula tex="E_k" />, the part of the variance in the first <Formula tex="k" /> directions; dashed,
                    nine tenths.
                  </>
                }
              >
                <h3 class="figure-title">Cumulative variance</h3>
                <CurvesChart
                  label="Cumulative variance of the first batch"
                  curves={[a.canonical]}
                  of="explained"
                  mark={j}
                />
              </Figure>
            </div>
          ) : (
            <p class="loading">Decomposing ten sets…</p>
          )}
        </div>
        <div class="workbench-side">
          <Controls label="Sets">
            <SelectControl knob={k.batch} label="Images in each" />
            <SeedControl knob={k.seed} label="Seed of the random ones" />
            <SliderControl knob={k.upto} label="k" show={() => String(j)} />
          </Controls>
          <div class="facts">
            <Readings
              readings={[
                { label: "Eₖ", text: part(E(j)), value: E(j) },
                { label: "E₁₀", text: part(E(10)), value: E(10) },
                { label: "E₄₀", text: part(E(40)), value: E(40) },
                { label: "k for 90 %", text: String(a?.dimension90 ?? "–"), value: a?.dimension90 },
                {
                  label: "last σ / σ₁",
                  text: a?.canonical.sigma.at(-1)?.toExponential(1) ?? "–",
                  value: a?.canonical.sigma.at(-1),
                },
                { label: "spread of batches, j ≤ 50", text: part(a?.spread), value: a?.spread },
              ]}
            />
          </div>
          <p class="small">
            Figure 1.3 of the text. Some forty to sixty directions of 784 hold nearly all of the variance: near the
            digits, the space of images is thin.
          </p>
        </div>
      </div>
    </>
  );
}
