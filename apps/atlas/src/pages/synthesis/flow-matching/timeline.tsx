import { useComputed, useSignal } from "@preact/signals";
import { PauseIcon, PlayIcon } from "../../../app/icons";
import type { Knob } from "../../../state/params";
import { calm } from "../../../state/theme";
import { useFrames } from "../../../ui/frames";

/** Seconds from noise to data, and of rest before it begins again. */
const lap = 2.8;
const rest = 1.1;

/**
 * The time of the flow: playing in a loop, or where the reader left it. While it plays, the time is not in the address
 * (it would change sixty times a second); stopped, it is.
 */
export function useFlowTime(time: Knob<number>, play: Knob<boolean>) {
  const clock = useSignal(0);
  // Where less motion is asked for, nothing moves until the reader starts it.
  const still = useSignal(calm.peek());
  const moving = useComputed(() => play.value && !still.value);
  const playing = moving.value;
  useFrames(playing, (seconds) => (clock.value = (clock.peek() + seconds) % (lap + rest)));
  const shown = useComputed(() => (moving.value ? Math.min(1, clock.value / lap) : time.value));
  return {
    time: shown,
    playing,
    toggle: () => {
      if (playing) time.value = Number(shown.peek().toFixed(2));
      else clock.value = time.value >= 1 ? 0 : time.value * lap;
      still.value = false;
      play.value = !playing;
    },
    seek: (value: number) => {
      if (playing) play.value = false;
      time.value = value;
    },
  };
}

export function Timeline({ flow }: { flow: ReturnType<typeof useFlowTime> }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: three controls in a row, not a form
    <div class="timeline" role="group" aria-label="Time of the flow">
      <button
        type="button"
        class="icon-button"
        aria-label={flow.playing ? "Stop the flow" : "Play the flow"}
        onClick={flow.toggle}
      >
        {flow.playing ? <PauseIcon /> : <PlayIcon />}
      </button>
      <TimeSlider flow={flow} />
    </div>
  );
}

/** Of its own, so that only it is rendered while the time runs. */
function TimeSlider({ flow }: { flow: ReturnType<typeof useFlowTime> }) {
  const t = flow.time.value;
  return (
    <>
      <input
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={t}
        aria-label="Time, from noise at 0 to data at 1"
        aria-valuetext={t.toFixed(2)}
        onInput={(event) => flow.seek(event.currentTarget.valueAsNumber)}
      />
      <output>
        <i>t</i> = {t.toFixed(2)}
      </output>
    </>
  );
}
