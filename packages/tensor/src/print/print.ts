import { type DType, isFloat, isInteger, type Shape, showAval, stridesOf } from "@ansatz/backend";
import type { Tensor } from "../core/tensor";
import { boolFormat, floatFormat, integerFormat } from "./numbers";

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
  return typeof host === "string" ? host : layout(host, t.shape, t.dtype, " ", "", options);
};

/** As toText, with the dtype where it was asked for and is not the usual one: what Node's inspect shows. */
export const toDisplay = (t: Tensor, options: PrintOptions = {}): string => {
  const host = elements(t);
  if (typeof host === "string") return `Tensor(${host})`;
  const text = layout(host, t.shape, t.dtype, ", ", " ".repeat("Tensor(".length), options);
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

const layout = (
  data: Elements,
  shape: Shape,
  dtype: DType,
  separator: string,
  indent: string,
  {
    precision = settings.precision,
    threshold = settings.threshold,
    edge = settings.edge,
    lineWidth = settings.lineWidth,
  }: PrintOptions,
): string => {
  const cut = data.length > threshold;
  const strides = stridesOf(shape);
  const shown = (axis: number): (number | null)[] => {
    const n = shape[axis];
    const count = (k: number, from = 0): number[] => Array.from({ length: k }, (_, i) => from + i);
    return cut && n > 2 * edge ? [...count(edge), null, ...count(edge, n - edge)] : count(n);
  };
  const visible: (number | string)[] = [];
  const collect = (axis: number, at: number): void => {
    if (axis === shape.length) visible.push(data[at]);
    else for (const i of shown(axis)) if (i !== null) collect(axis + 1, at + i * strides[axis]);
  };
  if (data.length > 0) collect(0, 0);
  const format = formatter(visible, dtype, precision);
  if (shape.length === 0) return format(data[0] as never).trim();

  const row = (at: number, left: number): string => {
    const words = shown(shape.length - 1).map((i) => (i === null ? "..." : format(data[at + i] as never)));
    const lines: string[] = [];
    let line = "";
    words.forEach((w, k) => {
      const last = k === words.length - 1;
      const word = last ? w : w + separator.trimEnd();
      const room = lineWidth - left - 1 - (last ? shape.length : 0);
      if (line !== "" && line.length + 1 + word.length > room) {
        lines.push(line.trimEnd());
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    });
    lines.push(line);
    return `[${lines.join(`\n${" ".repeat(left + 1)}`)}]`;
  };
  const block = (axis: number, at: number): string => {
    const left = indent.length + axis;
    if (axis === shape.length - 1) return row(at, left);
    const parts = shown(axis).map((i) => (i === null ? "..." : block(axis + 1, at + i * strides[axis])));
    const gap = `${separator.trimEnd()}${"\n".repeat(shape.length - 1 - axis)}${" ".repeat(left + 1)}`;
    return `[${parts.join(gap)}]`;
  };
  return block(0, 0);
};

const formatter = (values: readonly (number | string)[], dtype: DType, precision: number): ((x: never) => string) => {
  if (isFloat(dtype)) return floatFormat(values as number[], dtype, precision);
  if (isInteger(dtype)) return integerFormat(values as number[]);
  if (dtype === "bool") return boolFormat(values as number[]);
  return (x: string) => x;
};
