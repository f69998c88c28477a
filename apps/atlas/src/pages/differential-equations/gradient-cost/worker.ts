import { serve } from "../../../live/serve";
import { startCosts } from "./run";

serve({ backends: ["wasm"], start: startCosts });
