import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { PauseIcon, PlayIcon } from "../app/icons";
import type { Knob } from "../state/params";
import { useShortcuts } from "../state/shortcuts";
import { useFrames } from "./frames";

/** Plays through the whole numbers from 0 to `last`; where it stands is in the address once it stops. */
export function Player({
  knob,
  last,
  perSecond = 2,
  label,
  says,
}: {
  knob: Knob<number>;
  last: number;
  perSecond?: number;
  /** What is played, as in "Play the sweeps". */
  label: string;
  says(at: number): string;
}) {
  const playing = useSignal(false);
  const waited = useRef(0);
  const at = Math.min(last, knob.value);
  useFrames(playing.value, (seconds) => {
    waited.current += seconds * perSecond;
    if (waited.current < 1) return;
    waited.current = 0;
    const next = Math.min(last, knob.value) + 1;
    knob.value = Math.min(last, next);
    if (next >= last) playing.value = false;
  });
  const toggle = (): void => {
    waited.current = 0;
    if (!playing.value && at >= last) knob.value = 0;
    playing.value = !playing.value;
  };
  const go = (to: number): void => {
    playing.value = false;
    knob.value = Math.min(last, Math.max(0, to));
  };
  useShortcuts([
    { key: " ", label: `Play ${label}, or stop`, run: toggle },
    { key: ".", label: "One step on", run: () => go(at + 1) },
    { key: ",", label: "One step back", run: () => go(at - 1) },
  ]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: two controls in a row, not a form
    <div class="player" role="group" aria-label={label}>
      <button
        type="button"
        class="icon-button"
        aria-label={playing.value ? `Stop ${label}` : `Play ${label}`}
        onClick={toggle}
      >
        {playing.value ? <PauseIcon /> : <PlayIcon />}
      </button>
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={at}
        aria-label={`Position in ${label}`}
        aria-valuetext={says(at)}
        onInput={(event) => go(event.currentTarget.valueAsNumber)}
      />
      <output>{says(at)}</output>
    </div>
  );
}
