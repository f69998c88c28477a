import { useCallback } from "preact/hooks";
import { brief } from "./brief";
import { Canvas, type Surface } from "./canvas";
import type { Cell } from "./heat-table";
import { bitmap, inkShade, largestOf, signedShade } from "./pixels";

/** A rectangle of cells, ends included. */
export interface Frame {
  readonly from: Cell;
  readonly to: Cell;
}

/** A matrix too large for a table: cells in two colours or in ink, numbers where there is room, frames around some, and cells to point at. */
export function GridView({
  values,
  columns,
  label,
  summary = "",
  ink: inked = false,
  most,
  frames = [],
  point,
  least = 0.02,
}: {
  values: ArrayLike<number>;
  columns: number;
  label: string;
  summary?: string;
  /** Grey values from 0 to 1. */
  ink?: boolean;
  most?: number;
  frames?: readonly Frame[];
  point?(cell: Cell | undefined): void;
  /** Height over width at least. */
  least?: number;
}) {
  const rows = values.length / columns;
  const draw = useCallback(
    ({ context, width, height, ink, dark }: Surface): void => {
      const top = most ?? largestOf(values);
      const picture = bitmap(values, columns, inked ? inkShade(ink) : signedShade(ink, dark, top));
      context.imageSmoothingEnabled = false;
      if (picture) context.drawImage(picture, 0, 0, width, height);
      const [w, h] = [width / columns, height / rows];
      if (w >= 7) {
        context.strokeStyle = ink.rule;
        context.lineWidth = 1;
        context.beginPath();
        for (let c = 1; c < columns; c++) {
          context.moveTo(Math.round(c * w) + 0.5, 0);
          context.lineTo(Math.round(c * w) + 0.5, height);
        }
        for (let r = 1; r < rows; r++) {
          context.moveTo(0, Math.round(r * h) + 0.5);
          context.lineTo(width, Math.round(r * h) + 0.5);
        }
        context.stroke();
      }
      if (w >= 30 && h >= 18 && !inked) {
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.font = `500 ${w < 40 ? 11 : 13}px "Source Sans 3", sans-serif`;
        for (let i = 0; i < values.length; i++) {
          const v = values[i] as number;
          if (v === 0) continue;
          context.fillStyle = Math.abs(v) > 0.55 * top ? ink.raised : ink.ink;
          context.fillText(
            brief(Number(v.toPrecision(3))),
            ((i % columns) + 0.5) * w,
            (Math.floor(i / columns) + 0.5) * h,
          );
        }
      }
      for (const { from, to } of frames) {
        const box = [
          from.column * w,
          from.row * h,
          (to.column - from.column + 1) * w,
          (to.row - from.row + 1) * h,
        ] as const;
        for (const [colour, line] of [
          [ink.raised, 4.5],
          [ink.ink, 2],
        ] as const) {
          context.strokeStyle = colour;
          context.lineWidth = line;
          context.strokeRect(...box);
        }
      }
    },
    [values, columns, rows, inked, most, frames],
  );
  return (
    <div class="plate grid-view">
      <Canvas
        label={label}
        summary={summary}
        ratio={Math.min(1 / least, columns / rows)}
        draw={draw}
        onPoint={
          point &&
          ((at) =>
            point(
              at && {
                row: Math.min(rows - 1, Math.max(0, Math.floor(at[1] * rows))),
                column: Math.min(columns - 1, Math.max(0, Math.floor(at[0] * columns))),
              },
            ))
        }
      />
    </div>
  );
}
