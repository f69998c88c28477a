import type { Point } from "../../../state/params";
import type { Surface } from "../../../ui/canvas";
import { bitmap, channels } from "../../../ui/pixels";
import { arrow, axes, dots, gridLines, label, lines, type Plane, planeOn } from "../../../ui/plane";
import type { Entries, MapAnswer } from "./protocol";

export const bound = 2.6;

/** Two more colours beside the accent: for columns and for singular directions. */
export const hues = (dark: boolean): { first: string; second: string; singular: string } =>
  dark
    ? { first: "#e8896b", second: "#7cc495", singular: "#d9b45b" }
    : { first: "#b8441f", second: "#2c7a4b", singular: "#8a6400" };

export type Shape = "square" | "letter" | "digit" | "none";

const letter: readonly Point[] = [
  [0.1, 0],
  [0.1, 1],
  [0.75, 1],
  [0.75, 0.8],
  [0.32, 0.8],
  [0.32, 0.6],
  [0.62, 0.6],
  [0.62, 0.4],
  [0.32, 0.4],
  [0.32, 0], // biome-ignore format: an F
];
const unitSquare: readonly Point[] = [[0, 0], [1, 0], [1, 1], [0, 1]]; // biome-ignore format: corners
const circle: readonly Point[] = Array.from({ length: 97 }, (_, i) => [
  Math.cos((2 * Math.PI * i) / 96),
  Math.sin((2 * Math.PI * i) / 96),
]);

const times =
  ([a, b, c, d]: Entries) =>
  ([x, y]: Point): Point => [(a as number) * x + (b as number) * y, (c as number) * x + (d as number) * y];

/** An image over the square [0, 1]², carried along by the matrix; drawn with the canvas's own affine map. */
const texture = (plane: Plane, picture: OffscreenCanvas, matrix: Entries): void => {
  const { context } = plane.surface;
  const [a, b, c, d] = matrix as readonly [number, number, number, number];
  const [ox, oy] = plane.at([0, 0]);
  context.save();
  context.imageSmoothingEnabled = false;
  // Pixel (i, j) of an n × n image stands at (i/n, 1 − j/n) in the plane; the screen's y points down.
  const s = plane.unit / picture.width;
  context.transform(a * s, -c * s, -b * s, d * s, ox + b * plane.unit, oy - d * plane.unit);
  context.drawImage(picture, 0, 0);
  context.restore();
};

export interface MapShows {
  readonly shape: Shape;
  readonly circle: boolean;
  readonly eigen: boolean;
}

export const drawMap = (answer: MapAnswer | undefined, shows: MapShows, surface: Surface): void => {
  const plane = planeOn(surface, bound);
  const { ink, dark } = surface;
  const hue = hues(dark);
  lines(plane, gridLines(4), { colour: ink.rule });
  axes(plane, ink.muted);
  if (!answer) return;
  const { matrix, map } = answer;
  const to = times(matrix);
  lines(plane, gridLines(12, matrix), { colour: ink.accent, alpha: 0.32 });

  lines(plane, [unitSquare.map(to)], {
    colour: ink.accent,
    width: 1.25,
    closed: true,
    fill: ink.accent,
    fillAlpha: dark ? 0.2 : 0.13,
  });
  if (shows.shape === "letter") {
    lines(plane, [letter], { colour: ink.muted, width: 1, closed: true, dash: [3, 3] });
    lines(plane, [letter.map(to)], { colour: ink.accent, width: 1.5, closed: true, fill: ink.accent, fillAlpha: 0.55 });
  }
  if (shows.shape === "digit" && answer.digit) {
    // Ink on the tinted square: where there is no ink, nothing is drawn
    const picture = bitmap(
      answer.digit,
      28,
      () => channels(ink.ink),
      (v) => v,
    );
    if (picture) texture(plane, picture, matrix);
  }
  if (shows.eigen)
    for (const { re, vector } of map.eigen) {
      if (!vector) continue;
      const far: Point = [10 * vector[0], 10 * vector[1]];
      lines(plane, [[[-far[0], -far[1]], far]], { colour: ink.ink, width: 1.25, dash: [2, 5] });
      const reach = (0.9 * bound) / Math.max(Math.abs(vector[0]), Math.abs(vector[1]));
      const sign = vector[1] > 0 || (vector[1] === 0 && vector[0] > 0) ? -1 : 1;
      label(plane, `λ = ${re.toFixed(2)}`, [sign * reach * vector[0], sign * reach * vector[1]], [26, 16], ink.ink);
    }
  if (shows.circle) {
    lines(plane, [circle], { colour: ink.muted, width: 1.25, dash: [4, 4] });
    lines(plane, [circle.map(to)], { colour: hue.singular, width: 2.25, closed: true });
    map.singular.forEach(({ sigma, u }, i) => {
      const tip: Point = [sigma * u[0], sigma * u[1]];
      arrow(plane, [0, 0], tip, hue.singular, 2.25);
      if (sigma > 0.08) label(plane, `σ${"₁₂"[i]}u${"₁₂"[i]}`, tip, [24 * u[0], -20 * u[1]], hue.singular);
    });
  }
  const [first, second] = [to([1, 0]), to([0, 1])];
  arrow(plane, [0, 0], first, hue.first, 2.75);
  arrow(plane, [0, 0], second, hue.second, 2.75);
  const away = ([x, y]: Point): Point => {
    const r = Math.hypot(x, y) || 1;
    return [(26 * x) / r, (-24 * y) / r];
  };
  label(plane, "a₁", first, away(first), hue.first);
  label(plane, "a₂", second, away(second), hue.second);
};

export const drawOrbit = (answer: MapAnswer | undefined, surface: Surface): void => {
  const plane = planeOn(surface, bound);
  const { ink, width } = surface;
  lines(plane, gridLines(4), { colour: ink.rule });
  axes(plane, ink.muted);
  const orbit = answer?.orbit;
  if (!answer || !orbit) return;
  for (const { re, vector } of answer.map.eigen) {
    if (!vector) continue;
    const far: Point = [10 * vector[0], 10 * vector[1]];
    lines(plane, [[[-far[0], -far[1]], far]], { colour: ink.ink, width: 1.25, dash: [2, 5] });
    const reach = (0.9 * bound) / Math.max(Math.abs(vector[0]), Math.abs(vector[1]));
    const sign = vector[1] > 0 || (vector[1] === 0 && vector[0] > 0) ? 1 : -1;
    label(plane, `λ = ${re.toFixed(2)}`, [sign * reach * vector[0], sign * reach * vector[1]], [-8, 18], ink.ink);
  }
  const starts = orbit.portrait[0]?.length ?? 0;
  const turning = answer.map.eigen[0]?.im !== 0;
  for (let i = 0; i < starts; i++) {
    // Steps that turn far around are read as points, short ones as ways
    const way = orbit.portrait.slice(0, turning ? undefined : 3).map((row) => row[i] as Point);
    if (!turning) lines(plane, [way], { colour: ink.muted, alpha: 0.35 });
    way.forEach((p, t) => dots(plane, [p], 1.6 - (0.6 * t) / way.length, ink.muted, 0.7 - (0.4 * t) / way.length));
  }
  lines(plane, [orbit.points], { colour: ink.accent, width: 1, alpha: 0.3 });
  const radius = Math.max(2.2, width / 190);
  const last = orbit.points.length - 1;
  orbit.points.forEach((p, t) => {
    if (Math.abs(p[0]) < 2 * bound && Math.abs(p[1]) < 2 * bound)
      dots(plane, [p], radius, ink.accent, 1 - (0.72 * t) / Math.max(1, last));
  });
  label(plane, "x₀", orbit.points[0] as Point, [22, -18], ink.ink);
};
