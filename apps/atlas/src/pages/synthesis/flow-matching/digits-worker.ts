import { serve } from "../../../live/serve";
import { startDigits } from "./digits-run";

serve({ backends: ["wasm"], start: startDigits });
