import { useMemo } from "preact/hooks";
import { Download } from "../../../ui/download";
import { Figure } from "../../../ui/figure";
import { Plot, PlotView } from "../../../ui/plot";
import type { Series } from "../../../ui/series";

/** Powers of ten within bounds, with halves and fifths between them where the powers are few. */
const logTicks = (low: number, high: number): number[] => {
  const decades = Array.from({ length: 12 }, (_, i) => 10 ** (i - 8));
  const within = (ticks: number[]): number[] => ticks.filter((v) => v >= low && v <= high);
  const coarse = within(decades);
  return coarse.length > 2 ? coarse : within(decades.flatMap((v) => [v, 2 * v, 5 * v]));
};

const digits = (value: number): string => value.toPrecision(3);

const thousands = (v: number): string => (v >= 1000 ? `${v / 1000}k` : String(v));

const frame = { style: { fontSize: "12px" } };
const gridless = { tickSize: 0, tickPadding: 6, labelAnchor: "center", labelArrow: "none" } as const;

const csv = (losses: Series): string =>
  `step,loss\n${losses
    .toArray()
    .map((v, i) => `${i + 1},${v}\n`)
    .join("")}`;

/** The loss of every step, and its mean over stretches of the run. `version` changes when the series has grown. */
export function LossChart({ losses, version, caption }: { losses: Series; version: number; caption: string }) {
  const options = useMemo(() => {
    const bins = losses.bins(160);
    return (): Plot.PlotOptions => ({
      ...frame,
      x: { ...gridless, label: "step", domain: [0, Math.max(50, losses.length)], ticks: 4, tickFormat: thousands },
      y: { ...gridless, label: null, nice: true, ticks: 4, zero: false },
      marks: [
        Plot.gridY({ ticks: 4 }),
        Plot.areaY(bins, { x: "step", y1: "low", y2: "high", fill: "var(--accent)", fillOpacity: 0.2 }),
        Plot.lineY(bins, { x: "step", y: "mean", stroke: "var(--accent)", strokeWidth: 1.6 }),
      ],
    });
    // The series grows in place, its version tells
  }, [losses, version]);
  const first = losses.bins(losses.length)[0]?.mean;
  return (
    <Figure caption={caption}>
      <div class="figure-head">
        <h3 class="figure-title">Loss</h3>
        <Download name="losses.csv" label="Numbers as CSV" text={() => csv(losses)} />
      </div>
      <PlotView
        label="Loss by step"
        summary={
          first === undefined
            ? "No step has been made."
            : `After ${losses.length} steps: first ${digits(first)}, mean of the last 100 ${digits(losses.recent(100) ?? first)}.`
        }
        options={options}
      />
    </Figure>
  );
}

export interface DistancePoint {
  readonly step: number;
  readonly value: number;
}

/** Energy distance by step on a logarithmic scale, above the distance between two samples of the target itself. */
export function DistanceChart({
  points,
  floor,
  last,
}: {
  points: readonly DistancePoint[];
  floor: number;
  last: number;
}) {
  const options = useMemo(
    () => (): Plot.PlotOptions => {
      const values = points.map(({ value }) => value);
      const high = Math.max(1, ...values);
      const domain: [number, number] = [Math.max(1e-6, Math.min(floor, ...values) / 2), high * 1.3];
      const ticks = logTicks(...domain);
      return {
        ...frame,
        x: { ...gridless, label: "step", domain: [0, Math.max(50, last)], ticks: 4, tickFormat: thousands },
        y: {
          ...gridless,
          label: null,
          type: "log",
          domain,
          ticks,
          tickFormat: "~g",
        },
        marks: [
          Plot.gridY(ticks),
          Plot.ruleY(floor > 0 ? [floor] : [], { stroke: "var(--line)", strokeDasharray: "3 3" }),
          Plot.lineY(points, { x: "step", y: "value", stroke: "var(--accent)", strokeWidth: 1.6 }),
          Plot.dot(points.slice(-1), { x: "step", y: "value", fill: "var(--accent)", r: 3 }),
        ],
      };
    },
    [points, floor, last],
  );
  const now = points.at(-1);
  const start = points[0];
  return (
    <Figure caption="Between what the model makes and the target, on a logarithmic scale. Dashed: the mean for fresh samples of the target itself, what a perfect model would show.">
      <h3 class="figure-title">Energy distance</h3>
      <PlotView
        label="Energy distance to the target by step"
        summary={
          now && start
            ? `${digits(start.value)} before training, ${digits(now.value)} at step ${now.step}; floor ${digits(floor)}.`
            : "Not measured yet."
        }
        options={options}
      />
    </Figure>
  );
}
