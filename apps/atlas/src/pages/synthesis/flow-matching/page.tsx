import { choice, useKnobs } from "../../../state/params";
import { Formula } from "../../../ui/formula";
import { Tabs } from "../../../ui/tabs";
import { DigitsPart } from "./digits-part";
import meta from "./meta";
import "./page.css";
import { PlanePart } from "./plane-part";

const schema = { part: choice(["plane", "digits"], "plane") };

export default function FlowMatching() {
  const { part } = useKnobs(schema);
  return (
    <>
      <div class="prose spread">
        <p>
          Draw noise <Formula tex="x_0 \sim \mathcal N(0, I)" /> and a data point <Formula tex="x_1" />, walk the
          straight line between them, and ask a network for the direction of the walk. It cannot know which pair it is
          on, so the best it can do is the mean direction of all the lines through a place at a time:
        </p>
        <div>
          <Formula tex={meta.formula} block />
          <p>
            That mean is a velocity field. Solving <Formula tex="\dot x = v_\theta(x, t)" /> from{" "}
            <Formula tex="t = 0" /> to <Formula tex="t = 1" /> turns noise into samples of the data.
          </p>
        </div>
      </div>
      <Tabs knob={part} names={{ plane: "Laws of the plane", digits: "Handwritten digits" }}>
        {part.value === "plane" ? <PlanePart /> : <DigitsPart />}
      </Tabs>
    </>
  );
}
