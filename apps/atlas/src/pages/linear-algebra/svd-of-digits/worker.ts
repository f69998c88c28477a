import { answers } from "../../../live/answers";
import { serve } from "../../../live/serve";
import { prepareSvd } from "./answer";

serve(answers(prepareSvd));
