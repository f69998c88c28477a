import { answers } from "../../../live/answers";
import { serve } from "../../../live/serve";
import { prepareAttention } from "./answer";

serve(answers(prepareAttention));
