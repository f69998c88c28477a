import digits from "#experiments/digits/flow.ts?raw";
import frame from "#experiments/digits/frame.ts?raw";
import residual from "#experiments/digits/gaussian-residual.ts?raw";
import plane from "#experiments/flow-matching/plane.ts?raw";
import digitsRun from "./digits-run.ts?raw";
import planeRun from "./plane-run.ts?raw";

export const planeSources = [
  { name: "experiments/flow-matching/plane.ts", source: plane },
  { name: "atlas/flow-matching/plane-run.ts", source: planeRun },
];
export const digitsSources = [
  { name: "experiments/digits/flow.ts", source: digits },
  { name: "experiments/digits/gaussian-residual.ts", source: residual },
  { name: "experiments/digits/frame.ts", source: frame },
  { name: "atlas/flow-matching/digits-run.ts", source: digitsRun },
];
