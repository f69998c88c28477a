import { showAval } from "../aval";
import type { Plan, Step } from "./plan";

const title = <B>(s: Step<B>): string => {
  const ops = s.equations.map((eq) => eq.op.name).join(", ");
  const outs = s.outputs.map((v) => showAval(v.aval)).join(" ");
  switch (s.kind) {
    case "device":
      return `device  ${ops}${s.equations.length > 1 ? ` (${s.equations.length} fused)` : ""} → ${outs}`;
    case "host":
      return `host    ${ops} (${s.fallback ? "no kernel on the device" : "a few numbers, already there"}) → ${outs}`;
    default:
      return `${s.kind.padEnd(7)} ${s.kind === "scan" ? `of length ${s.params.length} ` : ""}→ ${outs}`;
  }
};

const bodies = <B>(s: Step<B>): (readonly [string, Plan<B>])[] => {
  if (s.kind === "scan") return [["body", s.body]];
  if (s.kind === "while")
    return [
      ["while", s.cond],
      ["body", s.body],
    ];
  if (s.kind === "cond") return s.branches.map((b, i) => [`branch ${i}`, b] as const);
  return [];
};

/** A plan as text: one line per step, where it runs, what is fused, nested bodies indented. */
export const explainPlan = <B>(plan: Plan<B>, indent = ""): string =>
  plan.steps
    .flatMap((s) => [
      `${indent}${title(s)}`,
      ...bodies(s).flatMap(([name, p]) => [`${indent}  ${name}:`, explainPlan(p, `${indent}    `)]),
    ])
    .filter((line) => line.trim() !== "")
    .join("\n");

/** Ops a plan sends to the host for want of a kernel. */
export const fallbacksOf = <B>(plan: Plan<B>): string[] =>
  plan.steps.flatMap((s) => [
    ...(s.kind === "host" && s.fallback ? s.equations.map((eq) => eq.op.name) : []),
    ...bodies(s).flatMap(([, p]) => fallbacksOf(p)),
  ]);
