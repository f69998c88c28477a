import { useMemo } from "preact/hooks";
import { Plot, PlotView } from "../../../ui/plot";
import type { Cost, CostRow } from "./protocol";

export const methods = ["differences", "forward", "reverse"] as const;
export type Method = (typeof methods)[number];

/** Colour and mark of each method: told apart without colour too. */
export const look: Record<Method, { colour: string; symbol: "square" | "triangle" | "circle" }> = {
  differences: { colour: "var(--muted)", symbol: "square" },
  forward: { colour: "var(--forward)", symbol: "triangle" },
  reverse: { colour: "var(--accent)", symbol: "circle" },
};

const axis = { tickSize: 0, tickPadding: 6, labelAnchor: "center", labelArrow: "none" } as const;
const powers = [1, 10, 100, 1000, 10_000];

/** The price of a gradient in evaluations of f, against the dimension, on logarithmic scales; dashed, the laws. */
export function CostChart({
  rows,
  last,
  of,
  label,
}: {
  rows: readonly CostRow[];
  /** The largest dimension to come. */
  last: number;
  of(cost: Cost): number;
  label: string;
}) {
  const options = useMemo(() => {
    const points = rows.flatMap((row) =>
      methods.map((method) => ({ d: row.dimension, method, y: of(row[method]) / of(row.function) })),
    );
    const top = Math.max(4 * last, ...points.map(({ y }) => y * 1.5));
    const dimensions = [2, last];
    const law = (slope: (d: number) => number, colour: string): Plot.Markish =>
      Plot.line(
        dimensions.map((d) => ({ d, y: slope(d) })),
        { x: "d", y: "y", stroke: colour, strokeDasharray: "4 4", strokeWidth: 1.3 },
      );
    return (width: number): Plot.PlotOptions => ({
      height: Math.round(Math.min(360, Math.max(230, width * 0.7))),
      x: {
        ...axis,
        label: "dimension d",
        type: "log",
        base: 2,
        domain: [1.7, last * 1.2],
        ticks: dimensions.concat([8, 32, 128, 512].filter((d) => d < last)),
        tickFormat: "d",
      },
      y: {
        ...axis,
        label: null,
        type: "log",
        domain: [0.5, top],
        ticks: powers.filter((v) => v < top),
        tickFormat: "~s",
      },
      marks: [
        Plot.gridY(powers.filter((v) => v < top)),
        law((d) => d + 1, "var(--muted)"),
        law((d) => 2 * d, "var(--forward)"),
        law(() => 5, "var(--accent)"),
        ...methods.map((method) =>
          Plot.lineY(
            points.filter((p) => p.method === method),
            { x: "d", y: "y", stroke: look[method].colour, strokeWidth: 1.8 },
          ),
        ),
        ...methods.map((method) =>
          Plot.dot(
            points.filter((p) => p.method === method),
            { x: "d", y: "y", fill: look[method].colour, symbol: look[method].symbol, r: 4 },
          ),
        ),
      ],
    });
  }, [rows, last, of]);
  const now = rows.at(-1);
  return (
    <PlotView
      label={label}
      summary={
        now
          ? `In ${now.dimension} dimensions, in evaluations of f: ${methods.map((m) => `${m} ${(of(now[m]) / of(now.function)).toPrecision(3)}`).join(", ")}.`
          : "Nothing measured yet."
      }
      options={options}
    />
  );
}
