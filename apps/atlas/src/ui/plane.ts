import type { Point } from "../state/params";
import type { Surface } from "./canvas";

/** The square [-bound, bound]² on a canvas: coordinates, and the marks that drawings of the plane share. */
export interface Plane {
  readonly surface: Surface;
  readonly bound: number;
  /** Pixels per unit. */
  readonly unit: number;
  at(point: Point): Point;
}

export const planeOn = (surface: Surface, bound: number): Plane => {
  const unit = surface.width / (2 * bound);
  return { surface, bound, unit, at: ([x, y]) => [(x + bound) * unit, (bound - y) * unit] };
};

export interface Stroke {
  readonly colour: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly alpha?: number;
}

const stroked = ({ surface: { context } }: Plane, { colour, width = 1, dash = [], alpha = 1 }: Stroke): void => {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.globalAlpha = alpha;
  context.setLineDash([...dash]);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
};

/** Lines through points, each list a line of its own; `closed` lines come back. */
export const lines = (
  plane: Plane,
  list: readonly (readonly Point[])[],
  stroke: Stroke & { readonly closed?: boolean; readonly fill?: string; readonly fillAlpha?: number },
): void => {
  const { context } = plane.surface;
  context.beginPath();
  for (const points of list) {
    points.forEach((p, i) => context[i === 0 ? "moveTo" : "lineTo"](...plane.at(p)));
    if (stroke.closed) context.closePath();
  }
  if (stroke.fill) {
    context.fillStyle = stroke.fill;
    context.globalAlpha = stroke.fillAlpha ?? 0.15;
    context.fill();
    context.globalAlpha = 1;
  }
  stroked(plane, stroke);
};

/** The two axes. */
export const axes = (plane: Plane, colour: string): void => {
  const { bound } = plane;
  lines(plane, [[[-bound, 0], [bound, 0]], [[0, -bound], [0, bound]]], { colour }); // biome-ignore format: two lines
};

export const dots = (plane: Plane, points: readonly Point[], radius: number, colour: string, alpha = 1): void => {
  const { context } = plane.surface;
  context.fillStyle = colour;
  context.globalAlpha = alpha;
  context.beginPath();
  for (const p of points) {
    const [x, y] = plane.at(p);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fill();
  context.globalAlpha = 1;
};

/** An arrow with a solid head; one shorter than its head is only a dot. */
export const arrow = (plane: Plane, from: Point, to: Point, colour: string, width = 2): void => {
  const { context } = plane.surface;
  const [ax, ay] = plane.at(from);
  const [bx, by] = plane.at(to);
  const length = Math.hypot(bx - ax, by - ay);
  const head = 4.5 * width;
  context.fillStyle = colour;
  if (length < head) {
    dots(plane, [to], width * 1.2, colour);
    return;
  }
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
  const [cx, cy] = [bx - head * ux, by - head * uy];
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(ax, ay);
  context.lineTo(cx, cy);
  context.stroke();
  context.beginPath();
  context.moveTo(bx, by);
  context.lineTo(cx - 0.42 * head * uy, cy + 0.42 * head * ux);
  context.lineTo(cx + 0.42 * head * uy, cy - 0.42 * head * ux);
  context.fill();
};

/** Words beside a point, pushed outwards by (dx, dy) pixels, on a rim of paper so that lines under them do not disturb. */
export const label = (plane: Plane, text: string, p: Point, [dx, dy]: Point, colour: string): void => {
  const { context, ink, width } = plane.surface;
  const [x, y] = plane.at(p);
  context.font = `italic 500 ${width < 420 ? 14 : 16}px "Source Serif 4", Georgia, serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const half = context.measureText(text).width / 2;
  // Inside the canvas, wherever the point is
  const px = Math.min(width - half - 4, Math.max(half + 4, x + dx));
  const py = Math.min(plane.surface.height - 10, Math.max(10, y + dy));
  context.lineJoin = "round";
  context.strokeStyle = ink.raised;
  context.lineWidth = 5;
  context.strokeText(text, px, py);
  context.fillStyle = colour;
  context.fillText(text, px, py);
};

/** The integer grid of the plane, or its image under a matrix (a, b; c, d). */
export const gridLines = (reach: number, [a, b, c, d]: readonly number[] = [1, 0, 0, 1]): Point[][] => {
  const map = (x: number, y: number): Point => [
    (a as number) * x + (b as number) * y,
    (c as number) * x + (d as number) * y,
  ];
  return Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach).flatMap((k) => [
    [map(k, -reach), map(k, reach)],
    [map(-reach, k), map(reach, k)],
  ]);
};
