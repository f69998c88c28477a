import { answers } from "../../../live/answers";
import { serve } from "../../../live/serve";
import { prepareCurves } from "./answer";

serve(answers(prepareCurves));
