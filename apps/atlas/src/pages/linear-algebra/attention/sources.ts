import attentionSteps from "#experiments/linalg/attention-steps.ts?raw";
import attention from "#experiments/nn/attention.ts?raw";
import answer from "./answer.ts?raw";

export const sources = [
  { name: "experiments/linalg/attention-steps.ts", source: attentionSteps },
  { name: "experiments/nn/attention.ts", source: attention },
  { name: "atlas/attention/answer.ts", source: answer },
];
