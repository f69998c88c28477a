import { answers } from "../../../live/answers";
import { serve } from "../../../live/serve";
import { prepareSweep } from "./answer";

serve(answers(prepareSweep));
