import { choice, useKnobs } from "../../../state/params";
import { Sources } from "../../../ui/code-block";
import { Formula } from "../../../ui/formula";
import { Tabs } from "../../../ui/tabs";
import { ImagePart } from "./image-part";
import meta from "./meta";
import "./page.css";
import { SetPart } from "./set-part";
import { sources } from "./sources";
import { SpectraPart } from "./spectra-part";

const schema = { part: choice(["image", "set", "spectra"], "image") };

export default function SvdOfDigits() {
  const { part } = useKnobs(schema);
  return (
    <>
      <div class="intro">
        <p>
          Every matrix is a sum of layers, each a column times a row, in order of weight. Cut the sum off and you have
          the nearest matrix of lower rank; how far off it is, the remaining weights say.
        </p>
        <Formula tex={meta.formula} block />
      </div>
      <Tabs knob={part} names={{ image: "One image", set: "A set of digits", spectra: "Many sets" }}>
        {part.value === "image" ? <ImagePart /> : part.value === "set" ? <SetPart /> : <SpectraPart />}
      </Tabs>
      <Sources files={sources} />
    </>
  );
}
