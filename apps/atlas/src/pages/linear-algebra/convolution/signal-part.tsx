import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, flag, matrix, useKnobs } from "../../../state/params";
import { Canvas, type Surface } from "../../../ui/canvas";
import { ChoiceControl, Controls, ToggleControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { GridView } from "../../../ui/grid-view";
import { MatrixEditor } from "../../../ui/matrix-editor";
import { Presets } from "../../../ui/presets";
import { Readings } from "../../../ui/status-line";
import type { ConvolutionAnswer, ConvolutionConfig, ConvolutionView } from "./protocol";
import { receptiveField } from "./receptive";
import { spawnConvolution } from "./spawn";

const count = 12;
const reach = 3;
const schema = {
  x: matrix([0, 0, 1, 2, 2, 2, 1, -1, -1, 0, 0, 0], { rows: 1, bound: reach }),
  k: matrix([1, 0, -1], { rows: 1, bound: 5, grows: { along: "columns", least: 1, most: 5 } }),
  mode: choice(["valid", "same", "full"], "valid"),
  flip: flag(false),
};
const kernels = [
  { name: "Difference", value: [1, 0, -1] },
  { name: "Mean", value: [0.333333333333, 0.333333333333, 0.333333333333] },
  { name: "Curvature", value: [1, -2, 1] },
  { name: "Echo", value: [1, 0, 0, 0, 0.5] },
  { name: "Binomial", value: [0.0625, 0.25, 0.375, 0.25, 0.0625] },
];

/** Bars over a middle line; the framed ones stronger. */
const bars = (
  { context, width, height, ink }: Surface,
  values: readonly number[],
  most: number,
  strong: (i: number) => boolean,
): void => {
  const w = width / values.length;
  const y = (v: number): number => height / 2 - (v / most) * (height / 2) * 0.9;
  context.fillStyle = ink.accent;
  values.forEach((v, i) => {
    context.globalAlpha = strong(i) ? 0.85 : 0.35;
    context.fillRect(i * w + 0.18 * w, Math.min(y(v), y(0)), 0.64 * w, Math.abs(y(v) - y(0)));
  });
  context.globalAlpha = 1;
  context.strokeStyle = ink.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, height / 2);
  context.lineTo(width, height / 2);
  context.stroke();
};

export function SignalPart() {
  const k = useKnobs(schema);
  const { frame, error, retry } = useAnswer<ConvolutionConfig, ConvolutionView, ConvolutionAnswer>({
    spawn: spawnConvolution,
    config: { digit: undefined },
    view: { kind: "signal", signal: k.x.value, kernel: k.k.value, mode: k.mode.value, flip: k.flip.value },
  });
  const pointed = useSignal<number | undefined>(undefined);
  const a = frame.value?.kind === "signal" ? frame.value : undefined;
  const row = Math.min(pointed.value ?? 2, (a?.output.length ?? 1) - 1);
  const field = a && receptiveField(a, row);
  const drawInput = useCallback(
    (surface: Surface) =>
      bars(surface, k.x.value, reach / 0.9, (i) => {
        const seen =
          frame.value && receptiveField(frame.value, Math.min(pointed.value ?? 2, frame.value.output.length - 1)).frame;
        return seen !== undefined && i >= seen.from.column && i <= seen.to.column;
      }),
    [k, frame, pointed],
  );
  const drawOutput = useCallback(
    (surface: Surface) => {
      const answer = frame.value;
      if (!answer) return;
      const most = Math.max(1, ...answer.output.map(Math.abs));
      bars(surface, answer.output, most / 0.95, (i) => i === Math.min(pointed.value ?? 2, answer.output.length - 1));
    },
    [frame, pointed],
  );
  return (
    <>
      {error.value && <Failure title="The convolution failed" error={error.value} retry={retry} />}
      <div class="workbench">
        <div class="convolution">
          <Figure
            caption={
              <>
                The signal <Formula tex="x" />. Drag the rings up and down; strong, what the marked output sees.
              </>
            }
          >
            <div class="plate">
              <Canvas
                label="Signal"
                summary={`${count} numbers: ${k.x.value.join(", ")}.`}
                ratio={3.2}
                draw={drawInput}
                handles={k.x.value.map((v, i) => ({
                  label: `x${i + 1}`,
                  says: v.toFixed(2),
                  at: [((i + 0.5) / count) * 2 - 1, (0.81 * v) / reach],
                  move: ([, y]) => {
                    const next = Math.round(Math.min(1, Math.max(-1, y / 0.81)) * reach * 20) / 20;
                    k.x.value = k.x.value.map((old, j) => (j === i ? next : old));
                  },
                }))}
              />
            </div>
          </Figure>
          {a && (
            <Figure
              caption={
                <>
                  The matrix <Formula tex="A(k)" />: {a.output.length} rows, {count} columns. Point at a row.
                </>
              }
            >
              <GridView
                values={a.matrix}
                columns={count}
                label="The matrix of the convolution"
                summary={`Row ${row + 1}: ${field?.sum}`}
                frames={[{ from: { row, column: 0 }, to: { row, column: count - 1 } }]}
                point={(cell) => (pointed.value = cell?.row)}
              />
            </Figure>
          )}
          <Figure
            caption={
              <>
                The output <Formula tex="y = A x" />.{" "}
                {field && (
                  <span class="sum">
                    y<sub>{row + 1}</sub> = {field.sum}
                  </span>
                )}
              </>
            }
          >
            <div class="plate">
              <Canvas
                label="Output"
                summary={
                  a ? `${a.output.length} numbers: ${a.output.map((v) => v.toFixed(2)).join(", ")}.` : "Computing."
                }
                ratio={3.2}
                draw={drawOutput}
                onPoint={(at) =>
                  (pointed.value =
                    at && a ? Math.min(a.output.length - 1, Math.floor(at[0] * a.output.length)) : undefined)
                }
              />
            </div>
          </Figure>
        </div>
        <div class="workbench-side">
          <Controls label="Kernel">
            <MatrixEditor knob={k.k} label="Kernel k" name="k" />
            <Presets
              label="Kernels"
              options={kernels}
              current={(v) => v.length === k.k.value.length && v.every((e, i) => e === k.k.value[i])}
              choose={(v) => (k.k.value = v)}
            />
            <ToggleControl knob={k.flip} label="Run it backwards (true convolution)" />
            <ChoiceControl
              knob={k.mode}
              label="Ends"
              hint="Valid: where the kernel fits. Full: where it touches. Same: as many as came in."
            />
          </Controls>
          <div class="facts">
            <Readings
              readings={[
                { label: "y₁", text: a?.output[0]?.toFixed(4) ?? "–", value: a?.output[0] },
                {
                  label: "products, sliding",
                  text: String(a?.operations.sliding ?? "–"),
                  value: a?.operations.sliding,
                },
                {
                  label: "products, whole matrix",
                  text: String(a?.operations.dense ?? "–"),
                  value: a?.operations.dense,
                },
                { label: "against the FFT", text: a ? a.gap.toExponential(1) : "–", value: a?.gap },
              ]}
            />
          </div>
          <p class="small">
            What networks call convolution is correlation: the kernel is not flipped. The same numbers come from a
            product of Fourier transforms; the last line is the largest difference.
          </p>
        </div>
      </div>
    </>
  );
}
