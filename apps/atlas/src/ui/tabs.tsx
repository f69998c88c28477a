import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import type { ChoiceParam, Knob } from "../state/params";

/** Parts of a page, one at a time; which one is in the address. Arrow keys move between the tabs. */
export function Tabs<T extends string>({
  knob,
  names,
  children,
}: {
  knob: Knob<T, ChoiceParam<T>>;
  names: Record<T, string>;
  children: ComponentChildren;
}) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { options } = knob.param;
  const move = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const at = (options.indexOf(knob.value) + by + options.length) % options.length;
    const next = options[at];
    if (next === undefined) return;
    knob.value = next;
    list.current?.querySelectorAll("button")[at]?.focus();
  };
  return (
    <>
      <div class="parts" role="tablist" aria-label="Parts of this page" ref={list} onKeyDown={move}>
        {options.map((option) => (
          <button
            key={option}
            type="button"
            role="tab"
            id={`${id}-${option}`}
            aria-selected={option === knob.value}
            aria-controls={`${id}-panel`}
            tabIndex={option === knob.value ? 0 : -1}
            onClick={() => (knob.value = option)}
          >
            {names[option]}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${knob.value}`}>
        {children}
      </div>
    </>
  );
}
