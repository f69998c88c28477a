import { AnsatzError, showAval } from "@ansatz/backend";
import type { Tensor } from "./tensor";

/** Misuse of a value inside a transform: no value to ask for, or a tracer used after its transform ended. */
export class TraceError extends AnsatzError {
  constructor(caller: string, law: string, seen?: Readonly<Record<string, unknown>>, advice?: string) {
    super("trace", caller, law, seen, advice);
  }
}

/** The concrete tensor under a tracer that has a value (grad and its kin outside jit), or the teaching error. */
export const concrete = (t: Tensor, caller: string): Tensor => {
  let at = t;
  while (at.cell === null) {
    const trace = at.trace!;
    const below = trace.done ? null : trace.below(at);
    if (below === null) throw trace.done ? leaked(caller, at) : noValue(caller, at);
    at = below;
  }
  if (at.cell.gone !== null) throw goneError(caller, at);
  return at;
};

const noValue = (caller: string, t: Tensor): TraceError =>
  new TraceError(
    caller,
    `there is no value inside ${t.trace!.origin}: the function runs once with stand-ins and is compiled for all values`,
    { tensor: showAval(t) },
    "use where() or cond() to choose, whileLoop() or scan() to repeat, tap() to look; or mark the argument static, or compute it outside",
  );

export const leaked = (caller: string, t: Tensor): TraceError =>
  new TraceError(
    caller,
    `a tensor made inside ${t.trace!.origin} was used ${t.trace!.done ? "after it returned" : "outside it"}: it stood for a value there and has none here`,
    { tensor: showAval(t) },
    "return it from the function instead of storing it outside",
  );

export const goneError = (caller: string, t: Tensor): AnsatzError =>
  new AnsatzError(
    "gone",
    caller,
    `the tensor can no longer be used: ${t.cell!.gone}`,
    { tensor: showAval(t) },
    "keep the result instead of the old value, or copy it before",
  );
