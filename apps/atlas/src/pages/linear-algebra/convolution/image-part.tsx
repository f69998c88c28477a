import { useSignal } from "@preact/signals";
import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, matrix, useKnobs } from "../../../state/params";
import { ChoiceControl, Controls, SelectControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { GridView } from "../../../ui/grid-view";
import { MatrixEditor } from "../../../ui/matrix-editor";
import { Presets } from "../../../ui/presets";
import { Readings } from "../../../ui/status-line";
import type { ConvolutionAnswer, ConvolutionConfig, ConvolutionView } from "./protocol";
import { receptiveField } from "./receptive";
import { spawnConvolution } from "./spawn";

const ninth = 0.111111111111;
const schema = {
  image: choice(["digit", "example"], "digit"),
  digit: choice([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3),
  k3: matrix([1, 0, -1, 2, 0, -2, 1, 0, -1], { rows: 3, bound: 9 }),
  k2: matrix([1, 0, 0, -1], { rows: 2, bound: 9 }),
};
const kernels = [
  { name: "Edges, upright", value: [1, 0, -1, 2, 0, -2, 1, 0, -1] },
  { name: "Edges, lying", value: [1, 2, 1, 0, 0, 0, -1, -2, -1] },
  { name: "Laplacian", value: [0, 1, 0, 1, -4, 1, 0, 1, 0] },
  { name: "Blur", value: Array.from({ length: 9 }, () => ninth) },
  { name: "Sharpen", value: [0, -1, 0, -1, 5, -1, 0, -1, 0] },
];

export function ImagePart() {
  const k = useKnobs(schema);
  const example = k.image.value === "example";
  const kernel = example ? k.k2 : k.k3;
  const { frame, error, retry } = useAnswer<ConvolutionConfig, ConvolutionView, ConvolutionAnswer>({
    spawn: spawnConvolution,
    config: { digit: example ? undefined : k.digit.value },
    view: { kind: "image", kernel: kernel.value },
  });
  const pointed = useSignal<number | undefined>(undefined);
  const a = frame.value?.kind === "image" ? frame.value : undefined;
  const outputs = a?.output.length ?? 1;
  const at = Math.min(pointed.value ?? Math.floor(outputs * 0.54), outputs - 1);
  const field = a && receptiveField(a, at);
  const here = a && { row: Math.floor(at / a.outputColumns), column: at % a.outputColumns };
  return (
    <>
      {error.value && <Failure title="The convolution failed" error={error.value} retry={retry} />}
      <div class="workbench">
        <div>
          <Figure
            caption={
              <>
                Point at a pixel of the output: framed left, what it sees; below, its row in the matrix.{" "}
                {field && <span class="sum">{field.sum}</span>}
              </>
            }
          >
            {a && here && field && (
              <div class="images pairs">
                <div>
                  <p class="image-title">x</p>
                  <GridView
                    values={a.input}
                    columns={a.inputColumns}
                    label="Image"
                    ink={!example}
                    frames={field.frame ? [field.frame] : []}
                  />
                </div>
                <div>
                  <p class="image-title">y</p>
                  <GridView
                    values={a.output}
                    columns={a.outputColumns}
                    label="Output"
                    summary={`Pixel ${here.row + 1}, ${here.column + 1}: ${field.sum}`}
                    frames={[{ from: here, to: here }]}
                    point={(cell) => (pointed.value = cell && cell.row * a.outputColumns + cell.column)}
                  />
                </div>
              </div>
            )}
          </Figure>
          {a && (
            <div style={{ marginTop: "1.4rem" }}>
              <Figure
                caption={
                  <>
                    The matrix with <Formula tex={String.raw`\operatorname{vec} y = A \operatorname{vec} x`} />:{" "}
                    {outputs} × {a.input.length}, Toeplitz blocks in a Toeplitz arrangement. Every row holds the same{" "}
                    {a.kernelSide ** 2} numbers, one place on.
                  </>
                }
              >
                <GridView
                  values={a.matrix}
                  columns={a.input.length}
                  label="The doubly block Toeplitz matrix"
                  summary={`Row ${at + 1} of ${outputs}.`}
                  frames={[{ from: { row: at, column: 0 }, to: { row: at, column: a.input.length - 1 } }]}
                  point={(cell) => (pointed.value = cell?.row)}
                />
              </Figure>
            </div>
          )}
        </div>
        <div class="workbench-side">
          <Controls label="Kernel">
            <MatrixEditor knob={kernel} label="Kernel k" name="k" />
            {!example && (
              <Presets
                label="Kernels"
                options={kernels}
                current={(v) => v.every((e, i) => e === k.k3.value[i])}
                choose={(v) => (k.k3.value = v)}
              />
            )}
          </Controls>
          <div class="facts">
            <Readings
              readings={[
                { label: "y marked", text: a ? (a.output[at] as number).toFixed(3) : "–", value: a?.output[at] },
                {
                  label: "products, sliding",
                  text: a?.operations.sliding.toLocaleString("en") ?? "–",
                  value: a?.operations.sliding,
                },
                {
                  label: "products, whole matrix",
                  text: a?.operations.dense.toLocaleString("en") ?? "–",
                  value: a?.operations.dense,
                },
                { label: "against the FFT", text: a ? a.gap.toExponential(1) : "–", value: a?.gap },
              ]}
            />
          </div>
          <Controls label="Image">
            <ChoiceControl
              knob={k.image}
              label="x is"
              names={{ digit: "A digit, 14 × 14", example: "Example 1.1.2" }}
            />
            {!example && <SelectControl knob={k.digit} label="Class" />}
          </Controls>
        </div>
      </div>
    </>
  );
}
