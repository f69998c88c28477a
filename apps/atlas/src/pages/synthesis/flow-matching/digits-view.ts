import type { Surface } from "../../../ui/canvas";
import type { DigitGrid } from "./digits-protocol";

const gap = 0.06;
/** Height of the line of headings, in cells. */
const heading = 0.5;
/** Columns over rows, for the box the grid is drawn into: one row of headings and one of real digits are added. */
export const gridRatio = (rows: number, columns: number): number => columns / (rows + 1 + heading);

/** Two colours as [r, g, b], from the CSS forms #rrggbb. */
const channels = (hex: string): [number, number, number] => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

/** All images of one moment as one bitmap, ink on paper. */
const bitmap = (grid: DigitGrid, moment: number, paper: string, ink: string): OffscreenCanvas | undefined => {
  const { side, rows, columns, pixels } = grid;
  const canvas = new OffscreenCanvas(side * columns, side * rows);
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  const image = context.createImageData(canvas.width, canvas.height);
  const [from, to] = [channels(paper), channels(ink)];
  const base = moment * rows * columns * side * side;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const v = (pixels[base + ((r * columns + c) * side + y) * side + x] as number) / 255;
          const at = 4 * ((r * side + y) * canvas.width + c * side + x);
          for (let k = 0; k < 3; k++)
            image.data[at + k] = (from[k] as number) + v * ((to[k] as number) - (from[k] as number));
          image.data[at + 3] = 255;
        }
  context.putImageData(image, 0, 0);
  return canvas;
};

/** Headings 0 to 9, a row of real digits, and the samples of the moment nearest to a time. */
export const drawDigits = (
  real: DigitGrid | undefined,
  samples: DigitGrid | undefined,
  time: number,
  { context, width, ink }: Surface,
): void => {
  const columns = samples?.columns ?? 10;
  const cell = width / columns;
  const head = heading * cell;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `600 ${Math.max(11, Math.min(15, cell * 0.27))}px ${getComputedStyle(context.canvas).getPropertyValue("--sans")}`;
  context.fillStyle = ink.muted;
  for (let c = 0; c < columns; c++) context.fillText(String(c), (c + 0.5) * cell, head / 2);
  context.imageSmoothingEnabled = false;
  const place = (grid: DigitGrid, moment: number, top: number, colour: string): void => {
    const picture = bitmap(grid, moment, ink.raised, colour);
    if (!picture) return;
    for (let r = 0; r < grid.rows; r++)
      for (let c = 0; c < grid.columns; c++)
        context.drawImage(
          picture,
          c * grid.side,
          r * grid.side,
          grid.side,
          grid.side,
          (c + gap / 2) * cell,
          top + (r + gap / 2) * cell,
          cell * (1 - gap),
          cell * (1 - gap),
        );
  };
  if (real) place(real, 0, head, ink.muted);
  context.strokeStyle = ink.rule;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, Math.round(head + cell) + 0.5);
  context.lineTo(width, Math.round(head + cell) + 0.5);
  context.stroke();
  if (samples) place(samples, Math.round(time * (samples.moments - 1)), head + cell, ink.ink);
};
