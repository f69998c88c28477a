import type { Swept } from "./protocol";

/** Where the sweeps stand after `at` steps: L steps down the L lines, then L steps up. */
export interface Stage {
  /** Lines whose value and tangent are known. */
  readonly forward: number;
  /** Lines, from the last, whose adjoint is known. */
  readonly reverse: number;
  /** The line that works now, from 0; −1 before the start. */
  readonly active: number;
  readonly up: boolean;
}

export const stageAt = (at: number, count: number): Stage => {
  const forward = Math.min(at, count);
  const reverse = Math.max(0, Math.min(at - count, count));
  return { forward, reverse, up: reverse > 0, active: reverse > 0 ? count - reverse : forward - 1 };
};

/** The stage in a sentence. */
export const sayStage = ({ lines, edges }: Swept, { active, up }: Stage): string => {
  const line = lines[active];
  if (!line) return "Before the first line.";
  if (!up)
    return line.input ? `Forward: ${line.name} is the input ${line.text}.` : `Forward: ${line.name} = ${line.text}.`;
  const children = edges.filter(({ from }) => from === line.name);
  if (children.length === 0)
    return active === lines.length - 1
      ? `Reverse: begin with 1 at ${line.name}.`
      : `Reverse: nothing depends on ${line.name}.`;
  return `Reverse: ${line.name} collects from ${children.map(({ to }) => to).join(" and ")}.`;
};
