import { useId } from "preact/hooks";
import type { Knob } from "../state/params";
import type { Problem } from "./problem";

/** A formula to type. What is wrong with it stands below, with a mark at the place. */
export function FormulaInput({
  knob,
  label,
  hint,
  problem,
}: {
  knob: Knob<string>;
  label: string;
  hint: string;
  problem: Problem | undefined;
}) {
  const id = useId();
  const text = knob.value;
  return (
    <div class="formula-input">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        value={text}
        spellcheck={false}
        autoComplete="off"
        autoCapitalize="off"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-below`}
        onInput={(event) => (knob.value = event.currentTarget.value)}
      />
      <div id={`${id}-below`} class="formula-below" role="status">
        {problem ? (
          <>
            {problem.at !== undefined && (
              <span class="formula-where mono" aria-hidden="true">
                {text.slice(0, problem.at)}
                <mark>{text.slice(problem.at, problem.at + 1) || " "}</mark>
                {text.slice(problem.at + 1)}
              </span>
            )}
            <span class="formula-problem">{problem.message}</span>
          </>
        ) : (
          <span class="small">{hint}</span>
        )}
      </div>
    </div>
  );
}
