import { useEffect, useRef } from "preact/hooks";

/** Calls back in every frame while active, with the seconds since the last one. */
export const useFrames = (active: boolean, tick: (seconds: number) => void): void => {
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    if (!active) return;
    let before = performance.now();
    let frame = requestAnimationFrame(function run(now) {
      // A tab that slept goes on where it was.
      latest.current(Math.min(0.1, Math.max(0, now - before) / 1000));
      before = now;
      frame = requestAnimationFrame(run);
    });
    return () => cancelAnimationFrame(frame);
  }, [active]);
};
