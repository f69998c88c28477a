import type { JobKind } from "./job";
import { digitsKind } from "./jobs/digits";

/** What can be trained, by name. */
export const kinds: Readonly<Record<string, JobKind>> = { digits: digitsKind };
