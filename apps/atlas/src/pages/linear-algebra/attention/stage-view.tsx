import { useSignal } from "@preact/signals";
import { spelledSum } from "../../../ui/brief";
import { Formula } from "../../../ui/formula";
import { type Cell, HeatTable } from "../../../ui/heat-table";
import { drawnAs, placesOf, readSpec, takesPart } from "./contraction";
import type { Stage } from "./protocol";

export interface Operand {
  readonly name: string;
  /** The same in TeX. */
  readonly tex: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** One stage: operands, the sum that joins them, the result. Pointing at the result marks what it is made of, and spells the sum. */
export function StageView({
  stage,
  title,
  tex,
  operands = [],
  tokens = false,
}: {
  stage: Stage;
  title: string;
  /** Left and right side. */
  tex: readonly [symbol: string, formula: string];
  operands?: readonly Operand[];
  /** A vector with an entry for each token. */
  tokens?: boolean;
}) {
  const pointed = useSignal<Cell | undefined>(undefined);
  const spec = stage.spec ? readSpec(stage.spec) : undefined;
  const output = spec?.output ?? (tokens ? "i" : "e");
  const { columns } = drawnAs(output, stage.shape);
  const at = pointed.value && placesOf(output, pointed.value);
  const taking = (k: number): number[] => {
    const operand = operands[k];
    const letters = spec?.inputs[k];
    if (!operand || !letters || !at) return [];
    const across = drawnAs(letters, operand.shape).columns;
    return operand.values.filter((_, i) => takesPart(letters, { row: Math.floor(i / across), column: i % across }, at));
  };
  const [left, right] = [taking(0), taking(1)];
  const value = pointed.value && stage.values[pointed.value.row * columns + pointed.value.column];
  return (
    <section class="stage-card" aria-label={title}>
      <header>
        <h3>
          <span class="stage-symbol">
            <Formula tex={tex[0]} />
          </span>
          {title}
        </h3>
        <p class="stage-formula">
          <Formula tex={tex[1]} />
        </p>
        {stage.spec && <code class="stage-spec">einsum("{stage.spec}")</code>}
      </header>
      <div class="stage-row">
        {operands.map((operand, k) => {
          const letters = spec?.inputs[k] ?? "e";
          return (
            <div class="stage-operand" key={operand.name}>
              {k > 0 && <span class="stage-sign">·</span>}
              <div>
                <p class="image-title">
                  <Formula tex={operand.tex} />
                </p>
                <HeatTable
                  label={operand.name}
                  values={operand.values}
                  columns={drawnAs(letters, operand.shape).columns}
                  marked={(cell) => at !== undefined && takesPart(letters, cell, at)}
                />
              </div>
            </div>
          );
        })}
        <div class="stage-operand">
          {operands.length > 0 && <span class="stage-sign">=</span>}
          <div>
            <p class="image-title">
              <Formula tex={tex[0]} />
            </p>
            <HeatTable
              label={`${stage.symbol}, ${title}`}
              values={stage.values}
              columns={columns}
              marked={({ row, column }) => pointed.value?.row === row && pointed.value.column === column}
              point={spec && ((cell) => (pointed.value = cell))}
            />
          </div>
        </div>
      </div>
      {spec && (
        <p class="stage-sum small">
          {value !== undefined && left.length > 0
            ? spelledSum(
                left.map((v, i) => [v, right[i] ?? 0]),
                value,
              )
            : `Summed over ${spec.summed.join(", ")}.`}
        </p>
      )}
    </section>
  );
}
