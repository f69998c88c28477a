import type { CopyStep, StepType } from "../plan/func";

export const copyStep: StepType<CopyStep> = {
  key: (s, k) => `${k.refs([s.from, s.to])} ${k.size(s.bytes)}`,
  uses: (s) => ({ reads: [s.from.buffer], writes: [s.to.buffer], scratch: [] }),
  inPlace: ({ from, to }, a, b) =>
    a.bytes === b.bytes && from.buffer === a && to.buffer === b && from.offset === to.offset,
  general: (s, g) => ({ ...s, from: g.ref(s.from), to: g.ref(s.to), bytes: g.number(s.bytes) }),
  emit: (p, frame, s) => p.copy(frame, s.from, s.to, s.bytes),
};
