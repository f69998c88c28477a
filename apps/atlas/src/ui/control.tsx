import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { DiceIcon } from "../app/icons";
import type { ChoiceParam, Knob, NumberParam } from "../state/params";

/** A set of controls under one name. */
export function Controls({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <fieldset class="controls">
      <legend>{label}</legend>
      {children}
    </fieldset>
  );
}

interface Labelled {
  readonly label: string;
  /** A word on what it does, read with the control. */
  readonly hint?: string;
}

function Hint({ id, text }: { id: string; text: string | undefined }) {
  return text ? (
    <span id={id} class="control-hint">
      {text}
    </span>
  ) : null;
}

/** A number on a scale, linear or logarithmic. */
export function SliderControl({
  knob,
  label,
  hint,
  show = knob.param.format,
}: Labelled & { knob: Knob<number, NumberParam>; show?: (value: number) => string }) {
  const id = useId();
  const { min, max, step, log } = knob.param;
  const to = log ? Math.log10 : (v: number) => v;
  // Rounded to three digits: a logarithmic scale would otherwise leave 0.0031622776 in the address.
  const from = log ? (v: number) => Number((10 ** v).toPrecision(3)) : (v: number) => Number(v.toPrecision(6));
  const value = knob.value;
  return (
    <div class="control">
      <label for={id}>{label}</label>
      <output class="control-value" for={id}>
        {show(value)}
      </output>
      <input
        id={id}
        type="range"
        min={to(min)}
        max={to(max)}
        step={step}
        value={to(value)}
        aria-valuetext={show(value)}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => (knob.value = from(event.currentTarget.valueAsNumber))}
      />
      <Hint id={`${id}-hint`} text={hint} />
    </div>
  );
}

/** One of several, as a list. */
export function SelectControl<T extends string | number>({
  knob,
  label,
  hint,
  names,
}: Labelled & { knob: Knob<T, ChoiceParam<T>>; names?: Partial<Record<T, string>> }) {
  const id = useId();
  return (
    <div class="control">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={String(knob.value)}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => {
          const chosen = knob.param.parse(event.currentTarget.value);
          if (chosen !== undefined) knob.value = chosen;
        }}
      >
        {knob.param.options.map((option) => (
          <option key={option} value={String(option)}>
            {names?.[option] ?? option}
          </option>
        ))}
      </select>
      <Hint id={`${id}-hint`} text={hint} />
    </div>
  );
}

/** One of a few, side by side. */
export function ChoiceControl<T extends string | number>({
  knob,
  label,
  hint,
  names,
}: Labelled & { knob: Knob<T, ChoiceParam<T>>; names?: Partial<Record<T, string>> }) {
  const id = useId();
  return (
    <fieldset class="control choice" aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend>{label}</legend>
      <div class="segments">
        {knob.param.options.map((option) => (
          <label key={option}>
            <input
              type="radio"
              name={id}
              value={String(option)}
              checked={option === knob.value}
              onChange={() => (knob.value = option)}
            />
            <span>{names?.[option] ?? option}</span>
          </label>
        ))}
      </div>
      <Hint id={`${id}-hint`} text={hint} />
    </fieldset>
  );
}

export function ToggleControl({ knob, label }: { knob: Knob<boolean>; label: string }) {
  return (
    <label class="switch control">
      <input type="checkbox" checked={knob.value} onChange={(event) => (knob.value = event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** A seed to type, or to roll. */
export function SeedControl({ knob, label = "Seed" }: { knob: Knob<number>; label?: string }) {
  const id = useId();
  return (
    <div class="control">
      <label for={id}>{label}</label>
      <div class="seed">
        <input
          id={id}
          type="text"
          inputMode="numeric"
          autoComplete="off"
          pattern="\d{1,10}"
          value={String(knob.value)}
          onChange={(event) => {
            const value = knob.param.parse(event.currentTarget.value.trim());
            if (value === undefined) event.currentTarget.value = String(knob.value);
            else knob.value = value;
          }}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={`${label}: roll another`}
          title="Another seed"
          onClick={() => (knob.value = Math.floor(Math.random() * 10_000))}
        >
          <DiceIcon />
        </button>
      </div>
    </div>
  );
}
