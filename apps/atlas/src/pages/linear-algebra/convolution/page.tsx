import { choice, useKnobs } from "../../../state/params";
import { Sources } from "../../../ui/code-block";
import { Formula } from "../../../ui/formula";
import { Tabs } from "../../../ui/tabs";
import { ImagePart } from "./image-part";
import meta from "./meta";
import "./page.css";
import { SignalPart } from "./signal-part";
import { sources } from "./sources";

const schema = { part: choice(["signal", "image"], "signal") };

export default function Convolution() {
  const { part } = useKnobs(schema);
  return (
    <>
      <div class="intro">
        <p>
          A kernel slides along and weighs what it sees. That is a linear map, so it has a matrix: mostly zeros, and the
          same few numbers in every row. What a convolutional layer saves, this picture shows.
        </p>
        <Formula tex={meta.formula} block />
      </div>
      <Tabs knob={part} names={{ signal: "A signal", image: "An image" }}>
        {part.value === "signal" ? <SignalPart /> : <ImagePart />}
      </Tabs>
      <Sources files={sources} />
    </>
  );
}
