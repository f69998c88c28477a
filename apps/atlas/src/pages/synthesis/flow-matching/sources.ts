import digits from "#experiments/flow-matching/digits.ts?raw";
import plane from "#experiments/flow-matching/plane.ts?raw";
import digitsRun from "./digits-run.ts?raw";
import planeRun from "./plane-run.ts?raw";

export const planeSources = [
  { name: "experiments/flow-matching/plane.ts", source: plane },
  { name: "atlas/flow-matching/plane-run.ts", source: planeRun },
];
export const digitsSources = [
  { name: "experiments/flow-matching/digits.ts", source: digits },
  { name: "atlas/flow-matching/digits-run.ts", source: digitsRun },
];
