import { serve } from "../../../live/serve";
import { digitBackends } from "./digits-backend";
import { startDigits } from "./digits-run";

serve({ backends: digitBackends, start: startDigits });
