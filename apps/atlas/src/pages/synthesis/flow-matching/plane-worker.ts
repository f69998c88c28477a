import { serve } from "../../../live/serve";
import { startPlane } from "./plane-run";

serve({ backends: ["wasm"], start: startPlane });
