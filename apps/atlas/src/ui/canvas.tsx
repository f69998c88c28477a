import { effect } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Point } from "../state/params";
import { dark } from "../state/theme";
import { type Ink, inkOf } from "./ink";

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** In CSS pixels; the context is scaled for the screen. */
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
  readonly dark: boolean;
}

/** A point the reader may drag, or move with the arrow keys (with Shift: further). Its square is [-bound, bound]². */
export interface Handle {
  readonly label: string;
  readonly at: Point;
  /** Where it is, in words; default: its coordinates. */
  readonly says?: string;
  move(to: Point): void;
}

interface Props {
  /** What the picture is. */
  readonly label: string;
  /** What it shows now, in words and numbers, for those who do not see it. */
  readonly summary: string;
  /** Width over height; default 1. */
  readonly ratio?: number;
  /** Draws everything. The signals it reads redraw it, at most once per frame. */
  draw(surface: Surface): void;
  readonly handles?: readonly Handle[];
  /** Half the side of the square the handles live in. */
  readonly bound?: number;
  /** The pointer is over a place, in fractions of width and height from the top left; undefined when it leaves. */
  onPoint?(at: Point | undefined): void;
}

/** A canvas that is sharp on every screen, follows its width, the theme and the signals its drawing reads. */
export function Canvas({ label, summary, ratio = 1, draw, handles = [], bound = 1, onPoint }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  const redraw = useRef<(() => void) | undefined>(undefined);
  const id = useId();

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    let frame = 0;
    let stop = (): void => {};
    let ink: { readonly dark: boolean; readonly colours: Ink } | undefined;
    const paint = (): void => {
      frame = 0;
      stop();
      let first = true;
      stop = effect(() => {
        if (!first) return schedule(); // a signal changed: the drawing is run, and its signals found, in the next frame
        first = false;
        const isDark = dark.value;
        const scale = Math.min(3, window.devicePixelRatio || 1);
        const width = element.clientWidth;
        const height = element.clientHeight;
        if (element.width !== Math.round(width * scale) || element.height !== Math.round(height * scale)) {
          element.width = Math.round(width * scale);
          element.height = Math.round(height * scale);
        }
        context.setTransform(scale, 0, 0, scale, 0, 0);
        context.clearRect(0, 0, width, height);
        if (width === 0) return;
        if (ink?.dark !== isDark) ink = { dark: isDark, colours: inkOf(context) };
        latest.current({ context, width, height, ink: ink.colours, dark: isDark });
      });
    };
    const schedule = (): void => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    const observer = new ResizeObserver(schedule);
    observer.observe(element);
    redraw.current = schedule;
    schedule();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      stop();
    };
  }, []);
  useEffect(() => {
    latest.current = draw;
    redraw.current?.();
  }, [draw]);

  return (
    <div
      class="canvas"
      style={{ aspectRatio: String(ratio) }}
      onPointerMove={onPoint && ((event) => onPoint(placeOf(event)))}
      onPointerDown={onPoint && ((event) => onPoint(placeOf(event)))}
      onPointerLeave={onPoint && (() => onPoint(undefined))}
    >
      <canvas ref={canvas} role="img" aria-label={label} aria-describedby={id} />
      <p id={id} class="visually-hidden">
        {summary}
      </p>
      {handles.map((handle) => (
        <HandleButton key={handle.label} handle={handle} bound={bound} />
      ))}
    </div>
  );
}

const placeOf = (event: PointerEvent): Point => {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};

const directions: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function HandleButton({ handle: { label, at, says, move }, bound }: { handle: Handle; bound: number }) {
  const [x, y] = at;
  const clamp = (v: number): number => Math.min(bound, Math.max(-bound, v));
  const follow = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).parentElement?.getBoundingClientRect();
    if (!box) return;
    move([
      clamp((((event.clientX - box.left) / box.width) * 2 - 1) * bound),
      clamp((1 - ((event.clientY - box.top) / box.height) * 2) * bound),
    ]);
  };
  return (
    <button
      type="button"
      class="handle"
      data-handle
      aria-roledescription="draggable point"
      aria-label={`${label}: ${says ?? `x ${x.toFixed(2)}, y ${y.toFixed(2)}`}; arrow keys move it`}
      style={{ left: `${50 * (1 + x / bound)}%`, top: `${50 * (1 - y / bound)}%` }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && follow(event)}
      onKeyDown={(event) => {
        const direction = directions[event.key];
        if (!direction) return;
        event.preventDefault();
        const by = bound * (event.shiftKey ? 0.1 : 0.02);
        move([clamp(x + by * direction[0]), clamp(y + by * direction[1])]);
      }}
    />
  );
}
