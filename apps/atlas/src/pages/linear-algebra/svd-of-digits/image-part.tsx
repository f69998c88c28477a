import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, number, useKnobs } from "../../../state/params";
import { ChoiceControl, Controls, SelectControl, SliderControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { ImageView } from "../../../ui/image-view";
import { Readings } from "../../../ui/status-line";
import type { SvdAnswer, SvdConfig, SvdView } from "./protocol";
import { spawnSvd } from "./spawn";
import { SpectrumChart } from "./spectrum-chart";

const schema = {
  picture: choice(["digit", "exercise"], "digit"),
  digit: choice([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2),
  which: number({ min: 0, max: 19, initial: 0 }),
  rank: number({ min: 0, max: 28, initial: 3 }),
};

export function ImagePart() {
  const k = useKnobs(schema);
  const { frame, error, retry } = useAnswer<SvdConfig, SvdView, SvdAnswer>({
    spawn: spawnSvd,
    config: { image: { picture: k.picture.value, digit: k.digit.value, which: k.which.value }, set: undefined },
    view: { k: k.rank.value, which: 0 },
  });
  const a = frame.value?.image;
  const most = a ? a.s[0] : undefined;
  const numbers = a ? a.k * (a.width + a.image.length / a.width + 1) : undefined;
  const exercise = k.picture.value === "exercise";
  const show = (v: number | undefined): string => v?.toFixed(4) ?? "–";
  return (
    <>
      {error.value && <Failure title="The decomposition failed" error={error.value} retry={retry} />}
      <div class="workbench">
        <div>
          <div class="above">
            <SliderControl knob={k.rank} label="Rank k" show={() => String(a?.k ?? k.rank.value)} />
          </div>
          <Figure
            caption={
              <>
                <Formula tex="X_k" /> is the sum of the first <Formula tex="k" /> layers: no matrix of this rank is
                nearer to <Formula tex="X" />. In two colours, positive and negative: the layer that came last,{" "}
                <Formula tex="\sigma_k u_k v_k^\top" />, and what is still missing.
              </>
            }
          >
            <div class="images pairs">
              {a && (
                <>
                  <ImageView
                    title="X"
                    label="The matrix X"
                    values={a.image}
                    width={a.width}
                    signed={exercise}
                    most={most}
                  />
                  <ImageView
                    title={`X${"₀₁₂₃₄₅₆₇₈₉".length > a.k ? "₀₁₂₃₄₅₆₇₈₉"[a.k] : ` of rank ${a.k}`}`}
                    label={`Its best approximation of rank ${a.k}`}
                    values={a.approximation}
                    width={a.width}
                    signed={exercise}
                    most={most}
                  />
                  <ImageView
                    title={a.k === 0 ? "No layer" : `Layer ${a.k}`}
                    label={`Layer ${a.k}`}
                    values={a.layer}
                    width={a.width}
                    signed
                  />
                  <ImageView
                    title="X − Xₖ"
                    label="What is missing"
                    values={a.image.map((v, i) => v - (a.approximation[i] as number))}
                    width={a.width}
                    signed
                    most={exercise ? most : 1}
                  />
                </>
              )}
            </div>
          </Figure>
          <div style={{ marginTop: "1.6rem" }}>
            <Figure caption="Kept ones in colour. The picture needs as many layers as there are values that count.">
              <h3 class="figure-title">Singular values</h3>
              {a && <SpectrumChart values={a.s} k={a.k} log={false} label="Singular values of the image" />}
            </Figure>
          </div>
        </div>
        <div class="workbench-side">
          <div class="facts">
            <Readings
              readings={[
                { label: "‖X − Xₖ‖ measured", text: show(a?.error), value: a?.error },
                { label: "√(Σ σᵢ², i > k)", text: show(a?.tail), value: a?.tail },
                { label: "‖X − Xₖ‖₂ = σₖ₊₁", text: show(a?.spectral), value: a?.spectral },
                {
                  label: "explained",
                  text: a ? `${(100 * a.explained).toFixed(2)} %` : "–",
                  value: a?.explained,
                },
                { label: "numbers kept", text: a ? `${numbers} of ${a.image.length}` : "–", value: numbers },
                { label: "σ₁", text: show(a?.s[0]), value: a?.s[0] },
              ]}
            />
          </div>
          <Controls label="Matrix">
            <ChoiceControl
              knob={k.picture}
              label="X is"
              names={{ digit: "A digit, 28 × 28", exercise: "Exercise 1.2.1" }}
            />
            {!exercise && (
              <>
                <SelectControl knob={k.digit} label="Class" />
                <SliderControl knob={k.which} label="Example" show={(v) => `${v + 1} of 20`} />
              </>
            )}
          </Controls>
          {exercise && (
            <Formula
              tex={String.raw`X = \begin{bmatrix}1&0&0&0&2\\0&0&3&0&0\\0&0&0&0&0\\0&4&0&0&0\end{bmatrix}`}
              block
            />
          )}
        </div>
      </div>
    </>
  );
}
