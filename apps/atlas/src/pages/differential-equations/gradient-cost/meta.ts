import type { PageMeta } from "../../../app/registry";

const meta: PageMeta = {
  title: "What a gradient costs",
  summary:
    "Differences and forward mode pay for every dimension, reverse mode pays once: counted in operations, and timed here.",
  formula: String.raw`\frac{\text{cost of } \nabla f}{\text{cost of } f}:\quad d + 1,\quad \lesssim 2d,\quad \le 5`,
  spec: ["2.1.1-jacobian", "2.1.1-finite-difference", "2.1.1-eg2.1.2c-runtime", "2.1.1-ex2.1.1-2-scaling"],
  order: 3,
};
export default meta;
