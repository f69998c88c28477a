import formula from "#experiments/autodiff/formula.ts?raw";
import sweeps from "#experiments/autodiff/sweeps.ts?raw";
import answer from "./answer.ts?raw";

export const sources = [
  { name: "experiments/autodiff/sweeps.ts", source: sweeps },
  { name: "experiments/autodiff/formula.ts", source: formula },
  { name: "atlas/program/answer.ts", source: answer },
];
