import { buffersOf, type HostStep, type StepType } from "../plan/func";

/** A call of TypeScript on the host, which finds the pointers in a table. */
export const hostStep: StepType<HostStep> = {
  key: (s, k) => `${k.refs(s.inputs)} ${k.refs(s.outputs)} ${k.ref(s.table)}`,
  uses: (s) => ({ reads: buffersOf(s.inputs), writes: buffersOf(s.outputs), scratch: [s.table.buffer] }),
  emit: (p, frame, s) => {
    const { f } = frame;
    [...s.inputs, ...s.outputs].forEach((r, i) => {
      p.pushRef(frame, s.table);
      p.pushRef(frame, r);
      f.i32.store(4 * i);
    });
    p.callHost(f, () => p.pushRef(frame, s.table));
  },
  hostCalls: (s) => [s.call],
};
