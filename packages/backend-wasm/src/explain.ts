import type { Program } from "@ansatz/backend";
import type { Prepared } from "./executable";

export const explain = (p: Program, prepared: Prepared): string => `${p.equations.length} ${prepared.key}`;
