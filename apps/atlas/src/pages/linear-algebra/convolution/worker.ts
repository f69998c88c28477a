import { answers } from "../../../live/answers";
import { serve } from "../../../live/serve";
import { prepareConvolution } from "./answer";

serve(answers(prepareConvolution));
