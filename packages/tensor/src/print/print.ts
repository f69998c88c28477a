import { type DType, type Shape, showAval, stridesOf } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { formatter } from "./numbers";

export interface PrintOptions {
  /** Digits after the point, at most. */
  readonly precision?: number;
  /** Tensors of more elements show only the ends of their axes, … */
  readonly threshold?: number;
  /** … this many at each. */
  readonly edge?: number;
  readonly lineWidth?: number;
}

const settings = { precision: 8, threshold: 1000, edge: 3, lineWidth: 75 };

/** The elements as NumPy's str() prints them: aligned columns, long tensors by their ends. A tensor without a value shows its dtype and shape. */
export const toText = (t: Tensor, options: PrintOptions = {}): string => {
  const host = elements(t);
  return typeof host === "string" ? host : layout(host, t.shape, t.dtype, " ", 0, options);
};

/** As toText, with the dtype where it was asked for and is not the usual one: what Node's inspect shows. */
export const toDisplay = (t: Tensor, options: PrintOptions = {}): string => {
  const host = elements(t);
  if (typeof host === "string") return `Tensor(${host})`;
  const text = layout(host, t.shape, t.dtype, ", ", "Tensor(".length, options);
  const usual = t.weak || t.dtype === "float64" || t.dtype === "bool" || t.dtype === "key";
  const cut = t.size > (options.threshold ?? settings.threshold);
  const shape = cut || (t.size === 0 && t.shape.length !== 1) ? `, shape: [${t.shape.join(", ")}]` : "";
  return `Tensor(${text}${shape}${usual ? "" : `, ${t.dtype}`})`;
};

type Elements = readonly number[] | readonly string[];

/** The elements, or what to say instead of them. */
const elements = (t: Tensor): Elements | string => {
  if (t.trace !== null) return `${showAval(t)} in ${t.trace.origin}`;
  const cell = t.cell;
  if (cell === null || cell.gone !== null) return `${showAval(t)}, gone: ${cell?.gone ?? "no value"}`;
  if (cell.buffer !== null && !cell.backend?.readSync)
    return `${showAval(t)} on ${cell.backend?.name}: await its data()`;
  if (t.dtype === "key") return keyWords(t);
  return Array.from(t.dataSync());
};
const keyWords = (t: Tensor): string[] => {
  const cell = t.cell as NonNullable<Tensor["cell"]>;
  const data = (cell.buffer === null ? cell.host : cell.backend?.readSync?.(cell.buffer)) as BigUint64Array;
  const word = (v: bigint): string => v.toString(16).padStart(8, "0");
  return Array.from(data, (v) => `${word(v & 0xffffffffn)}:${word(v >> 32n)}`);
};

/** Places of elements in nested lists as the tensor's axes nest; null stands for what is left out. */
type Grid = number | null | readonly Grid[];

const layout = (
  data: Elements,
  shape: Shape,
  dtype: DType,
  separator: string,
  indent: number,
  options: PrintOptions,
): string => {
  const { precision, threshold, edge, lineWidth } = { ...settings, ...options };
  const strides = stridesOf(shape);
  const last = shape.length - 1;
  const gap = separator.trimEnd();
  const grid = (axis: number, at: number): Grid => {
    if (axis > last) return at;
    const all = Array.from({ length: shape[axis] }, (_, i) => i);
    const cut = data.length > threshold && all.length > 2 * edge;
    const shown = cut ? [...all.slice(0, edge), null, ...all.slice(all.length - edge)] : all;
    return shown.map((i) => (i === null ? null : grid(axis + 1, at + i * strides[axis])));
  };
  const places = grid(0, 0);
  const visible = ([places] as readonly unknown[]).flat(Infinity).filter((at) => at !== null) as number[];
  const format = formatter(
    visible.map((at) => data[at]),
    dtype,
    precision,
  );
  const block = (g: Grid, axis: number): string => {
    if (g === null) return "...";
    if (typeof g === "number") return format(data[g]);
    const words = g.map((x) => block(x, axis + 1));
    const margin = " ".repeat(indent + axis + 1);
    if (axis < last) return `[${words.join(gap + "\n".repeat(last - axis) + margin)}]`;
    // The last axis is broken into lines where it has no room.
    let text = "";
    let used = margin.length;
    words.forEach((w, k) => {
      const ends = k === words.length - 1;
      const word = ends ? w : w + gap;
      const next = used + word.length + 1;
      const full = next > lineWidth - (ends ? shape.length : 0) + 1;
      if (k > 0) text = full ? `${text.trimEnd()}\n${margin}` : `${text} `;
      text += word;
      used = k > 0 && full ? margin.length + word.length + 1 : next;
    });
    return `[${text}]`;
  };
  const text = block(places, 0);
  return shape.length === 0 ? text.trim() : text;
};
