import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "Flow matching",
  summary: "A network learns the velocity that carries noise to data along straight lines, and a solver follows it.",
  formula: String.raw`\min_\theta\; \mathbb{E}_{t,\,x_0,\,x_1}\,\bigl\|\, v_\theta\bigl((1-t)\,x_0 + t\,x_1,\; t\bigr) - (x_1 - x_0) \,\bigr\|^2`,
  spec: ["L1-flow-matching"],
};
export default meta;
