import * as ObservablePlot from "@observablehq/plot";
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";

export { ObservablePlot as Plot };

/** At least this long between two drawings of a chart. */
const pauseMs = 250;

interface Props {
  readonly label: string;
  /** What it shows now, in words and numbers, for those who do not see it. */
  readonly summary: string;
  /** The plot for a width in CSS pixels. Colours are "currentColor", "var(--accent)", "var(--muted)": they follow the theme. */
  options(width: number): ObservablePlot.PlotOptions;
}

/** A chart by Observable Plot that follows the width of its column. */
export function PlotView({ label, summary, options }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const id = useId();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => (width.value = Math.round(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);
  const w = width.value;
  const drawnAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const element = box.current;
    if (!element || w === 0) return;
    const draw = (): void => {
      drawnAt.current = performance.now();
      const drawn = ObservablePlot.plot({
        width: w,
        height: Math.round(Math.min(240, Math.max(150, w * 0.5))),
        marginLeft: 46,
        marginBottom: 32,
        ...options(w),
      });
      // The label and summary of the box speak for it; its ticks would be read out one by one.
      drawn.setAttribute("aria-hidden", "true");
      element.replaceChildren(drawn);
    };
    // A chart costs milliseconds: while its data stream in, it is drawn now and then, and at last.
    const wait = drawnAt.current + pauseMs - performance.now();
    if (wait <= 0) return draw();
    const timer = setTimeout(draw, wait);
    return () => clearTimeout(timer);
  }, [w, options]);
  return (
    <div class="plot">
      <div ref={box} class="plot-box" role="img" aria-label={label} aria-describedby={id} />
      <p id={id} class="visually-hidden">
        {summary}
      </p>
    </div>
  );
}
