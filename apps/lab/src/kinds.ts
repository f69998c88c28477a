import type { JobKind } from "./job";
export const kinds: Readonly<Record<string, JobKind>> = {};
