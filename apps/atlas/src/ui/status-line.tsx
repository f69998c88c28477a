import type { Phase } from "../live/session";

const dots: Record<Phase, string> = { loading: "busy", ready: "idle", running: "busy", failed: "bad", done: "idle" };

export interface Reading {
  readonly label: string;
  /** What is shown. */
  readonly text: string;
  /** The number behind it, unrounded. */
  readonly value?: number;
}

/** What is going on now, in a sentence that is announced when it changes; and numbers, which are not announced. */
export function StatusLine({ phase, doing, readings }: { phase: Phase; doing: string; readings: readonly Reading[] }) {
  return (
    <div class="status" data-phase={phase}>
      <p class="status-doing" role="status">
        <span class={`dot ${dots[phase]}`} aria-hidden="true" />
        {doing}
      </p>
      <Readings readings={readings} />
    </div>
  );
}

/** Numbers that follow what is shown. They change too often to be announced. */
export function Readings({ readings }: { readings: readonly Reading[] }) {
  return (
    <dl class="readings">
      {readings.map(({ label, text, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <data value={value === undefined ? "" : String(value)} data-reading={label}>
              {text}
            </data>
          </dd>
        </div>
      ))}
    </dl>
  );
}
