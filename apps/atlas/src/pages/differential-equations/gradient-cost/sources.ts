import costs from "#experiments/autodiff/costs.ts?raw";
import finiteDifferences from "#experiments/autodiff/finite-differences.ts?raw";
import run from "./run.ts?raw";

export const sources = [
  { name: "atlas/gradient-cost/run.ts", source: run },
  { name: "experiments/autodiff/costs.ts", source: costs },
  { name: "experiments/autodiff/finite-differences.ts", source: finiteDifferences },
];
