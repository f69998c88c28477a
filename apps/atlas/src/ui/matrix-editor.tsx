import { useId } from "preact/hooks";
import type { Knob, MatrixParam } from "../state/params";

const shown = (v: number): string => String(Number(v.toFixed(3)));

/** The entries of a matrix to type, in brackets. A text that is no number leaves the entry as it was. */
export function MatrixEditor({
  knob,
  label,
  name,
}: {
  knob: Knob<readonly number[], MatrixParam>;
  /** What the matrix is, for readers that speak. */
  label: string;
  /** Its letter, before the bracket. */
  name?: string;
}) {
  const id = useId();
  const { rows, columns, bound } = knob.param;
  const values = knob.value;
  const write = (input: HTMLInputElement, at: number): void => {
    const typed = Number(input.value.trim().replace(",", "."));
    if (input.value.trim() === "" || !Number.isFinite(typed)) {
      input.value = shown(values[at] as number);
      return;
    }
    const next = Math.min(bound, Math.max(-bound, typed));
    knob.value = values.map((v, i) => (i === at ? next : v));
    input.value = shown(next);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: entries of one matrix, not a form
    <div class="matrix-editor" role="group" aria-label={label}>
      {name && (
        <span class="matrix-name" aria-hidden="true">
          {name} =
        </span>
      )}
      <div class="matrix-entries" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {Array.from({ length: rows * columns }, (_, i) => (
          <input
            key={`${id}-${i}`}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            aria-label={`${label}, row ${Math.floor(i / columns) + 1}, column ${(i % columns) + 1}`}
            value={shown(values[i] as number)}
            onChange={(event) => write(event.currentTarget, i)}
          />
        ))}
      </div>
    </div>
  );
}
