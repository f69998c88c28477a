import { useMemo } from "preact/hooks";
import { Plot, PlotView } from "../../../ui/plot";
import type { SpectrumCurve } from "./protocol";

/** Colours and strokes of curves that are told apart, without colour too. */
export const look: readonly { readonly colour: string; readonly dash?: string }[] = [
  { colour: "var(--accent)" },
  { colour: "var(--warm)" },
  { colour: "var(--accent)", dash: "5 3" },
  { colour: "var(--warm)", dash: "5 3" },
];

const axis = { tickSize: 0, tickPadding: 6, labelAnchor: "center", labelArrow: "none" } as const;
const decades = [1, 0.1, 0.01, 0.001];

/** Curves over the number of the direction: normalised spectra on a logarithmic scale, or explained variance. Curves of one kind share a colour. */
export function CurvesChart({
  label,
  curves,
  of,
  mark,
  same = false,
}: {
  label: string;
  curves: readonly SpectrumCurve[];
  of: "sigma" | "explained";
  /** The number to mark on every curve. */
  mark: number;
  same?: boolean;
}) {
  const options = useMemo(() => {
    const log = of === "sigma";
    const lines = curves.map((curve, i) => ({
      ...look[same ? 0 : i % look.length],
      rows: curve[of].map((value, j) => ({ j: j + 1, value })).filter(({ value }) => !log || value >= 5e-4),
    }));
    return (width: number): Plot.PlotOptions => ({
      x: {
        ...axis,
        label: log ? "j" : "k",
        domain: [0, (curves[0]?.[of].length ?? 1) + 1],
        ticks: width < 420 ? 4 : 6,
      },
      y: log
        ? { ...axis, label: null, type: "log", domain: [5e-4, 1.1], ticks: decades, tickFormat: "~g" }
        : { ...axis, label: null, domain: [0, 1], ticks: 5, tickFormat: "%" },
      marks: [
        log ? Plot.gridY(decades) : Plot.gridY({ ticks: 5 }),
        ...(log ? [] : [Plot.ruleY([0.9], { stroke: "var(--line)", strokeDasharray: "3 3" })]),
        Plot.ruleX([mark], { stroke: "var(--line)" }),
        ...lines.map(({ rows, colour, dash }) =>
          Plot.lineY(rows, {
            x: "j",
            y: "value",
            stroke: colour,
            strokeDasharray: dash,
            strokeWidth: 1.7,
            strokeOpacity: same ? 0.55 : 1,
          }),
        ),
        ...lines.map(({ rows, colour }) =>
          Plot.dot(
            rows.filter(({ j }) => j === mark),
            { x: "j", y: "value", fill: colour, r: 3.8 },
          ),
        ),
      ],
    });
  }, [curves, of, mark, same]);
  return (
    <PlotView
      label={label}
      summary={`At ${mark}: ${curves.map((c) => `${c.name} ${c[of][mark - 1]?.toPrecision(3) ?? "none"}`).join(", ")}.`}
      options={options}
    />
  );
}
