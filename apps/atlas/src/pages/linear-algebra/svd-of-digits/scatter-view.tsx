import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import type { Point } from "../../../state/params";
import { Canvas, type Surface } from "../../../ui/canvas";
import { cyclic } from "../../../ui/ink";
import type { SetAnswer } from "./protocol";

const ratio = 1.15;
const margin = 0.07;

/** Where each image stands in the plane of the first two principal directions, as its own figure in the colour of its class. */
export function ScatterView({ set, choose }: { set: SetAnswer; choose(which: number): void }) {
  const { points, labels, which } = set;
  const near = useSignal(-1);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const place = ([x, y]: Point): Point => [
    margin + (1 - 2 * margin) * ((x - left) / (right - left || 1)),
    margin + (1 - 2 * margin) * ((high - y) / (high - low || 1)),
  ];
  const places = points.map(place);

  // The places follow from the set
  const draw = useCallback(
    ({ context, width, height, ink, dark }: Surface): void => {
      const [ox, oy] = place([0, 0]);
      context.strokeStyle = ink.rule;
      context.beginPath();
      context.moveTo(0, oy * height);
      context.lineTo(width, oy * height);
      context.moveTo(ox * width, 0);
      context.lineTo(ox * width, height);
      context.stroke();
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.font = `600 ${width < 420 ? 12 : 14}px "Source Sans 3", sans-serif`;
      places.forEach(([x, y], i) => {
        context.fillStyle = cyclic((labels[i] as number) / 10, dark);
        context.fillText(String(labels[i]), x * width, y * height);
      });
      for (const [i, colour] of [
        [near.value, ink.muted],
        [which, ink.ink],
      ] as const) {
        const at = places[i];
        if (!at) continue;
        context.strokeStyle = colour;
        context.lineWidth = 2;
        context.beginPath();
        context.arc(at[0] * width, at[1] * height, 13, 0, 2 * Math.PI);
        context.stroke();
      }
    },
    [points, labels, which],
  );

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the slider "Image" chooses with the keyboard
    // biome-ignore lint/a11y/noStaticElementInteractions: the same
    <div class="plate" onClick={() => near.value >= 0 && choose(near.value)}>
      <Canvas
        label="Images in the plane of the first two principal directions"
        summary={`${points.length} images, each drawn as its class. The ringed one is number ${which + 1}, a ${labels[which]}.`}
        ratio={ratio}
        draw={draw}
        onPoint={(at) => {
          if (!at) {
            near.value = -1;
            return;
          }
          let best = 0.03;
          near.value = places.reduce((found, [x, y], i) => {
            const distance = Math.hypot(x - at[0], (y - at[1]) / ratio);
            if (distance >= best) return found;
            best = distance;
            return i;
          }, -1);
        }}
      />
    </div>
  );
}
