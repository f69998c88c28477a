import { useMemo } from "preact/hooks";
import { Plot, PlotView } from "../../../ui/plot";

const axis = { tickSize: 0, tickPadding: 6, labelAnchor: "center", labelArrow: "none" } as const;

const decades = [1, 0.3, 0.1, 0.03, 0.01];

/** Singular values by number, those kept in the accent; with the ones that vanish left out of a logarithmic scale. */
export function SpectrumChart({
  values,
  k,
  log,
  label,
}: {
  values: readonly number[];
  k: number;
  log: boolean;
  label: string;
}) {
  const options = useMemo(() => {
    const top = values[0] ?? 1;
    const rows = values
      .map((sigma, i) => ({ j: i + 1, sigma, kept: i < k }))
      .filter(({ sigma }) => !log || sigma > 5e-3 * top);
    return (width: number): Plot.PlotOptions => ({
      x: { ...axis, label: "number", domain: [0, values.length + 1], ticks: width < 420 ? 4 : 7 },
      y: log
        ? { ...axis, label: null, type: "log", ticks: decades, tickFormat: "~g" }
        : { ...axis, label: null, ticks: 4, domain: [0, top * 1.05] },
      marks: [
        Plot.gridY(log ? decades : { ticks: 4 }),
        ...(log
          ? []
          : [
              Plot.ruleX(rows, {
                x: "j",
                y: "sigma",
                stroke: (d) => (d.kept ? "var(--accent)" : "var(--line)"),
                strokeWidth: values.length > 12 ? 2 : 5,
              }),
            ]),
        Plot.dot(rows, {
          x: "j",
          y: "sigma",
          r: values.length > 60 ? 1.8 : 3,
          fill: (d) => (d.kept ? "var(--accent)" : "var(--line)"),
        }),
      ],
    });
  }, [values, k, log]);
  return (
    <PlotView
      label={label}
      summary={`${values.length} singular values from ${values[0]?.toPrecision(3)} to ${values.at(-1)?.toPrecision(3)}; ${k} kept.`}
      options={options}
    />
  );
}

/** E_k: the part of the variance in the first k directions. */
export function ExplainedChart({ curve, k }: { curve: readonly number[]; k: number }) {
  const options = useMemo(() => {
    const rows = [0, ...curve].map((explained, j) => ({ j, explained }));
    return (width: number): Plot.PlotOptions => ({
      x: { ...axis, label: "k", ticks: width < 420 ? 4 : 7 },
      y: { ...axis, label: null, domain: [0, 1], ticks: 5, tickFormat: "%" },
      marks: [
        Plot.gridY({ ticks: 5 }),
        Plot.ruleY([0.9], { stroke: "var(--line)", strokeDasharray: "3 3" }),
        Plot.lineY(rows, { x: "j", y: "explained", stroke: "var(--accent)", strokeWidth: 1.8 }),
        Plot.dot(rows.slice(k, k + 1), { x: "j", y: "explained", fill: "var(--accent)", r: 4.5 }),
      ],
    });
  }, [curve, k]);
  return (
    <PlotView
      label="Explained variance"
      summary={`The first ${k} directions explain ${(100 * (k === 0 ? 0 : (curve[k - 1] ?? 1))).toFixed(1)} percent.`}
      options={options}
    />
  );
}
