import type { Surface } from "../../../ui/canvas";
import { oklch } from "../../../ui/ink";
import type { Curves } from "./protocol";

export const names = ["f", "f′", "f″", "f‴", "f⁗"];
export const ratio = 1.5;

/** Colours of f and its derivatives: hues apart, and lighter the higher the order. */
export const colourOf = (order: number, dark: boolean): string => {
  const L = dark ? 0.8 - 0.02 * order : 0.5 + 0.03 * order;
  return `rgb(${oklch(L, order === 0 ? 0.09 : 0.13, [0.54, 0.1, 0.82, 0.24, 0.68][order] ?? 0).join(" ")})`;
};

/** Half the height of the picture: what nearly all of the curves reach, poles aside. */
export const heightOf = ({ curves }: Curves): number => {
  const sizes = curves
    .flatMap((curve) => Array.from(curve, Math.abs))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const most = sizes[Math.floor(0.97 * (sizes.length - 1))] ?? 1;
  return Math.max(1e-6, Math.min(1e6, 1.15 * most));
};

const step = (span: number): number => {
  const raw = span / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5, 10].find((m) => m * power >= raw) ?? 10);
};

export const drawCurves = (curves: Curves, from: number, to: number, surface: Surface): void => {
  const { context, width, height, ink, dark } = surface;
  const half = heightOf(curves);
  const px = (x: number): number => ((x - from) / (to - from)) * width;
  const py = (y: number): number => (0.5 - y / (2 * half)) * height;
  context.font = '400 12px "Source Sans 3", sans-serif';
  context.lineWidth = 1;
  const dx = step(to - from);
  const dy = step(2 * half);
  const short = (v: number): string => String(Number(v.toPrecision(3))).replace("-", "−");
  context.textBaseline = "top";
  context.textAlign = "center";
  for (let x = Math.ceil(from / dx) * dx; x <= to; x += dx) {
    context.strokeStyle = Math.abs(x) < dx / 2 ? ink.muted : ink.rule;
    context.beginPath();
    context.moveTo(px(x), 0);
    context.lineTo(px(x), height);
    context.stroke();
    context.fillStyle = ink.muted;
    if (px(x) > 12 && px(x) < width - 12) context.fillText(short(Math.abs(x) < dx / 2 ? 0 : x), px(x), py(0) + 5);
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (let y = Math.ceil(-half / dy) * dy; y <= half; y += dy) {
    context.strokeStyle = Math.abs(y) < dy / 2 ? ink.muted : ink.rule;
    context.beginPath();
    context.moveTo(0, py(y));
    context.lineTo(width, py(y));
    context.stroke();
    context.fillStyle = ink.muted;
    if (Math.abs(y) > dy / 2 && py(y) > 10 && py(y) < height - 10) context.fillText(short(y), 5, py(y) - 8);
  }
  const trace = (values: Float64Array, colour: string, line: number, dash: number[] = []): void => {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.beginPath();
    let down = false;
    values.forEach((v, i) => {
      // Gaps at poles and outside the domain
      const y = py(v);
      if (!Number.isFinite(v) || y < -4 * height || y > 5 * height) {
        down = false;
        return;
      }
      context[down ? "lineTo" : "moveTo"](px(curves.x[i] as number), y);
      down = true;
    });
    context.stroke();
    context.setLineDash([]);
  };
  for (let k = curves.curves.length - 1; k >= 0; k--)
    trace(curves.curves[k] as Float64Array, colourOf(k, dark), k === 0 ? 3 : 1.7);
  trace(curves.taylor, ink.ink, 1.6, [6, 4]);
};
