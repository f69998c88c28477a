import formula from "#experiments/autodiff/formula.ts?raw";
import formulaCurves from "#experiments/autodiff/formula-curves.ts?raw";
import answer from "./answer.ts?raw";

export const sources = [
  { name: "experiments/autodiff/formula-curves.ts", source: formulaCurves },
  { name: "atlas/derivatives/answer.ts", source: answer },
  { name: "experiments/autodiff/formula.ts", source: formula },
];
