import type { ReadonlySignal } from "@preact/signals";
import type { Surface } from "../../../ui/canvas";
import { cyclic } from "../../../ui/ink";
import { bound } from "./plane-scale";

/** What the Worker sends of the flow: n particles at the times 0, 1/steps, …, 1; the first is the reader's own. */
export interface Paths {
  readonly count: number;
  readonly steps: number;
  /** [steps + 1, count, 2] */
  readonly xy: Float32Array;
}

/** Velocities on a grid of side² points over [-bound, bound]² at evenly spaced times from 0 to 1: [times, side, side, 2]. */
export interface FieldGrid {
  readonly times: number;
  readonly side: number;
  readonly uv: Float32Array;
}

export interface Scene {
  readonly target: ReadonlySignal<Float32Array>;
  readonly paths: ReadonlySignal<Paths | undefined>;
  readonly field: ReadonlySignal<FieldGrid | undefined>;
  readonly time: ReadonlySignal<number>;
  readonly byOrigin: { readonly value: boolean };
}

/** Colours of particles by the angle they start at, in as many groups. */
const groups = 36;
/** How much of the way a particle's trail shows. */
const trail = 0.16;

export const drawScene = (scene: Scene, { context, width, ink, dark }: Surface): void => {
  const unit = width / (2 * bound);
  const px = (x: number): number => (x + bound) * unit;
  const py = (y: number): number => (bound - y) * unit;
  const time = scene.time.value;

  axes(context, width, px, py, ink.rule);
  dots(context, scene.target.value, px, py, ink.muted, dark ? 0.4 : 0.34);
  const field = scene.field.value;
  if (field) arrows(context, field, time, px, py, unit, ink.ink);

  const paths = scene.paths.value;
  if (!paths) return;
  const { count, steps, xy } = paths;
  const at = (step: number, i: number, axis: 0 | 1): number => xy[2 * (step * count + i) + axis] as number;
  // Where particle i is at a time: on the chord between the solver's steps.
  const where = (t: number, i: number): [number, number] => {
    const s = Math.min(steps - 1, Math.floor(t * steps));
    const f = t * steps - s;
    return [px(at(s, i, 0) * (1 - f) + at(s + 1, i, 0) * f), py(at(s, i, 1) * (1 - f) + at(s + 1, i, 1) * f)];
  };
  const follow = (i: number, from: number, to: number): void => {
    context.moveTo(...where(from, i));
    for (let s = Math.floor(from * steps) + 1; s < to * steps; s++) context.lineTo(px(at(s, i, 0)), py(at(s, i, 1)));
    context.lineTo(...where(to, i));
  };

  const byOrigin = scene.byOrigin.value;
  const parts: number[][] = Array.from({ length: byOrigin ? groups : 1 }, () => []);
  for (let i = 1; i < count; i++) {
    const angle = Math.atan2(at(0, i, 1), at(0, i, 0)) / (2 * Math.PI) + 0.5;
    parts[byOrigin ? Math.min(groups - 1, Math.floor(angle * groups)) : 0]?.push(i);
  }
  const from = Math.max(0, time - trail);
  const radius = Math.max(1.1, width / 380);
  parts.forEach((members, g) => {
    const colour = byOrigin ? cyclic(g / groups, dark) : ink.accent;
    context.strokeStyle = colour;
    context.lineWidth = radius * 0.75;
    context.globalAlpha = 0.22;
    context.beginPath();
    if (time > 0) for (const i of members) follow(i, from, time);
    context.stroke();
    context.fillStyle = colour;
    context.globalAlpha = 0.85;
    context.beginPath();
    for (const i of members) {
      const [x, y] = where(time, i);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
  });
  context.globalAlpha = 1;

  // The reader's own particle: the whole of its path, and where it is.
  context.lineJoin = "round";
  context.strokeStyle = ink.paper;
  context.lineWidth = 5;
  context.beginPath();
  follow(0, 0, 1);
  context.stroke();
  context.strokeStyle = ink.ink;
  context.lineWidth = 1.75;
  context.stroke();
  const [x, y] = where(time, 0);
  context.beginPath();
  context.arc(x, y, 4.5, 0, 2 * Math.PI);
  context.fillStyle = ink.ink;
  context.fill();
  context.strokeStyle = ink.paper;
  context.lineWidth = 1.5;
  context.stroke();
};

type Map1 = (v: number) => number;

const axes = (context: CanvasRenderingContext2D, width: number, px: Map1, py: Map1, colour: string): void => {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, Math.round(py(0)) + 0.5);
  context.lineTo(width, Math.round(py(0)) + 0.5);
  context.moveTo(Math.round(px(0)) + 0.5, 0);
  context.lineTo(Math.round(px(0)) + 0.5, width);
  context.stroke();
};

const dots = (
  context: CanvasRenderingContext2D,
  xy: Float32Array,
  px: Map1,
  py: Map1,
  colour: string,
  alpha: number,
): void => {
  context.fillStyle = colour;
  context.globalAlpha = alpha;
  for (let i = 0; i < xy.length; i += 2) context.fillRect(px(xy[i] as number) - 1, py(xy[i + 1] as number) - 1, 2, 2);
  context.globalAlpha = 1;
};

const arrows = (
  context: CanvasRenderingContext2D,
  { times, side, uv }: FieldGrid,
  time: number,
  px: Map1,
  py: Map1,
  unit: number,
  colour: string,
): void => {
  const k = Math.min(times - 2, Math.floor(time * (times - 1)));
  const f = time * (times - 1) - k;
  const stride = 2 * side * side;
  const cell = (2 * bound) / side;
  context.strokeStyle = colour;
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.beginPath();
  for (let r = 0; r < side; r++)
    for (let c = 0; c < side; c++) {
      const i = k * stride + 2 * (r * side + c);
      const u = (uv[i] as number) * (1 - f) + (uv[i + stride] as number) * f;
      const v = (uv[i + 1] as number) * (1 - f) + (uv[i + stride + 1] as number) * f;
      const speed = Math.hypot(u, v);
      if (speed < 1e-9) continue;
      // Lengths saturate: a long arrow says "fast", not how fast, and never crosses its neighbour.
      const length = (cell * unit * 0.82 * speed) / (1 + speed);
      const x = px(-bound + (c + 0.5) * cell);
      const y = py(-bound + (r + 0.5) * cell);
      const dx = (u / speed) * length;
      const dy = (-v / speed) * length;
      const [tx, ty] = [x + dx / 2, y + dy / 2];
      context.moveTo(x - dx / 2, y - dy / 2);
      context.lineTo(tx, ty);
      const head = 0.3;
      context.moveTo(tx - head * (dx + dy * 0.6), ty - head * (dy - dx * 0.6));
      context.lineTo(tx, ty);
      context.lineTo(tx - head * (dx - dy * 0.6), ty - head * (dy + dx * 0.6));
    }
  context.stroke();
  context.globalAlpha = 1;
};
