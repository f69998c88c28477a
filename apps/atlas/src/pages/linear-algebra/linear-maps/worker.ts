import { answers } from "../../../live/answers";
import { serve } from "../../../live/serve";
import { prepareMap } from "./answer";

serve(answers(prepareMap));
