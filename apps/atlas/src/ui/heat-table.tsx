import { dark } from "../state/theme";
import { brief } from "./brief";
import { negative } from "./pixels";

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** A small matrix as a table: every number on its colour, positive and negative apart. Cells can be pointed at, and marked. */
export function HeatTable({
  values,
  columns,
  label,
  most,
  marked,
  point,
}: {
  /** Row by row. */
  values: readonly number[];
  columns: number;
  label: string;
  /** The modulus of full colour; default: that of the largest entry. */
  most?: number;
  marked?(cell: Cell): boolean;
  point?(cell: Cell | undefined): void;
}) {
  const top = most ?? Math.max(...values.map((v) => (Number.isFinite(v) ? Math.abs(v) : 0)));
  const minus = negative(dark.value);
  // The number on the fullest colour still reads at 4.5 : 1
  const fullest = dark.value ? 42 : 62;
  const rows = values.length / columns;
  return (
    <table class="heat" aria-label={label} onPointerLeave={point && (() => point(undefined))}>
      <tbody>
        {Array.from({ length: rows }, (_, row) => (
          <tr key={row}>
            {Array.from({ length: columns }, (_, column) => {
              const v = values[row * columns + column] as number;
              const part = top > 0 && Number.isFinite(v) ? Math.round((fullest * Math.abs(v)) / top) : 0;
              const cell = { row, column };
              return (
                <td
                  key={column}
                  class={marked?.(cell) ? "marked" : ""}
                  style={{
                    background: `color-mix(in oklab, ${v < 0 ? minus : "var(--accent)"} ${part}%, var(--raised))`,
                  }}
                  tabIndex={point ? 0 : undefined}
                  onPointerEnter={point && (() => point(cell))}
                  onFocus={point && (() => point(cell))}
                  onBlur={point && (() => point(undefined))}
                >
                  {brief(v)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
