import { useId } from "preact/hooks";
import type { Growth, Knob, MatrixParam } from "../state/params";
import { Formula } from "./formula";

const shown = (v: number): string => String(Number(v.toFixed(3)));

/** The last row or column gone, or a new one of zeros. */
const resized = (values: readonly number[], rows: number, columns: number, { along }: Growth, by: 1 | -1): number[] => {
  const [r, c] = along === "rows" ? [rows + by, columns] : [rows, columns + by];
  return Array.from({ length: r * c }, (_, i) => {
    const [row, column] = [Math.floor(i / c), i % c];
    return row < rows && column < columns ? (values[row * columns + column] as number) : 0;
  });
};

/** The entries of a matrix to type, in brackets. A text that is no number leaves the entry as it was. */
export function MatrixEditor({
  knob,
  label,
  name,
}: {
  knob: Knob<readonly number[], MatrixParam>;
  /** What the matrix is, for readers that speak. */
  label: string;
  /** Its letter, before the bracket, in TeX. */
  name?: string;
}) {
  const id = useId();
  const { bound, grows, shapeOf } = knob.param;
  const values = knob.value;
  const [rows, columns] = shapeOf(values);
  const lines = grows?.along === "rows" ? rows : columns;
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
          <Formula tex={`${name} =`} />
        </span>
      )}
      <div
        class={columns > 4 ? "matrix-entries many" : "matrix-entries"}
        style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      >
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
      {grows && (
        <span class="matrix-size">
          {([-1, 1] as const).map((by) => (
            <button
              key={by}
              type="button"
              class="button quiet"
              aria-label={`${label}: ${by > 0 ? "one more" : "one fewer"} ${grows.along === "rows" ? "row" : "column"}`}
              disabled={lines === (by > 0 ? grows.most : grows.least)}
              onClick={() => (knob.value = resized(values, rows, columns, grows, by))}
            >
              {by > 0 ? "+" : "−"}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}
