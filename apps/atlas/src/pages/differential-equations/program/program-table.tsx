import type { Swept } from "./protocol";
import type { Stage } from "./stage";

export const shortNumber = (v: number, digits = 6): string =>
  Number.isNaN(v) ? "not a number" : String(Number(v.toPrecision(digits))).replace("-", "−");

/** The printed program with what the sweeps have filled in so far. */
export function ProgramTable({ sweep, stage, seed }: { sweep: Swept; stage: Stage; seed: string }) {
  const { lines } = sweep;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="program-scroll" tabIndex={0} aria-label="Program with values">
      <table class="program">
        <thead>
          <tr>
            <th scope="col">line</th>
            <th scope="col">value</th>
            <th scope="col">
              tangent <i>∂/∂{seed}</i>
            </th>
            <th scope="col">
              adjoint <i>∂f/∂w</i>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ name, text, value, tangent, adjoint }, k) => {
            const known = k < stage.forward;
            const pulled = k >= lines.length - stage.reverse;
            const cell = (shown: boolean, v: number, active: boolean) => (
              <td class={active ? "now" : ""}>{shown ? shortNumber(v) : <span class="unknown">·</span>}</td>
            );
            return (
              <tr key={name} class={k === stage.active ? "active" : ""}>
                <th scope="row">
                  <span class="line-name">{name}</span> = {text}
                </th>
                {cell(known, value, k === stage.active && !stage.up)}
                {cell(known, tangent, k === stage.active && !stage.up)}
                {cell(pulled, adjoint, k === stage.active && stage.up)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
