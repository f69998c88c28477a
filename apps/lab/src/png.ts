import { encode } from "fast-png";
import type { Images } from "./job";

export interface GridOptions {
  readonly columns: number;
  /** Each pixel becomes a square of so many. */
  readonly scale: number;
}

/** Images in rows of `columns` with a gap of one (scaled) pixel: dark ink on white paper, values outside [0, 1] clipped. */
export const pngGrid = (images: Images, options: GridOptions): Uint8Array => {
  const { count, size, pixels } = images;
  const { columns, scale } = options;
  const rows = Math.ceil(count / columns);
  const cell = size + 1;
  const width = (columns * cell + 1) * scale;
  const height = (rows * cell + 1) * scale;
  const data = new Uint8Array(width * height).fill(255);
  for (let i = 0; i < count; i++) {
    const left = ((i % columns) * cell + 1) * scale;
    const top = (Math.floor(i / columns) * cell + 1) * scale;
    for (let y = 0; y < size * scale; y++)
      for (let x = 0; x < size * scale; x++) {
        const ink = pixels[i * size * size + Math.floor(y / scale) * size + Math.floor(x / scale)] ?? 0;
        // NaN becomes black, so that it is seen.
        const gray = Number.isNaN(ink) ? 0 : 255 * (1 - Math.min(1, Math.max(0, ink)));
        data[(top + y) * width + left + x] = Math.round(gray);
      }
  }
  return encode({ width, height, data, depth: 8, channels: 1 });
};
