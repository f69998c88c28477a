import { aval, buildProgram, core, literal, type Program, type ScheduledBackend, type Var } from "@ansatz/backend";
import { hostValue } from "@ansatz/backend/reference";

/** What a loop cost a device: kernels run, values read back to go on, equations that went to the host, and warnings of that. */
export interface LoopCost {
  readonly dispatches: number;
  readonly reads: number;
  readonly fallbacks: number;
  readonly warnings: number;
}
/** By loop. */
export type LoopCosts = { readonly [loop: string]: LoopCost };

const x = aval([4], "float32");
const scalar = aval([], "int32");
type Emit = Parameters<Parameters<typeof buildProgram>[1]>[0];
const spread = (e: Emit, v: number): Var => e(core.broadcast, { shape: [4], axes: [] }, literal(v, "float32"))[0];

const decay = buildProgram([x], (e, c) => {
  const [d] = e(core.mul, {}, c, spread(e, 0.999));
  return [d, e(core.reduceSum, { axes: [0] }, d)[0]];
});
/** More numbers than are computed on the host because they happen to be there. */
const many = aval([32], "float32");
const sorted = buildProgram([many], (e, c) => {
  const [s] = e(core.sort, { axis: 0, keys: 1 }, c);
  return [e(core.add, {}, s, s)[0]];
});
const below = buildProgram([x], (e, c) =>
  e(core.lt, {}, e(core.reduceMax, { axes: [0] }, c)[0], literal(100, "float32")),
);
const double = buildProgram([x], (e, c) => e(core.add, {}, c, c));
const counting = buildProgram([scalar, x], (e, i) => e(core.lt, {}, i, literal(1000, "int32")));
const counted = buildProgram([scalar, x], (e, i, c) => [
  ...e(core.add, {}, i, literal(1, "int32")),
  ...e(core.mul, {}, c, spread(e, 0.999)),
]);
const scanned = (body: Program, length: number): Program =>
  buildProgram([body.inputs[0].aval], (e, a) => e(core.scan, { body, length, consts: 0, carry: 1, reverse: false }, a));

/** The loops, with what they must give at the end for 1, 2, 3, … */
export const loops: { readonly [name: string]: { readonly program: Program; readonly last: readonly number[] } } = {
  "a scan of 1,000 steps: a product and a sum of its elements each": {
    program: scanned(decay, 1000),
    last: [1, 2, 3, 4].map((v) => v * 0.999 ** 1000),
  },
  "a while that doubles five times, its predicate on the device": {
    program: buildProgram([x], (e, a) =>
      e(core.whileLoop, { cond: below, body: double, condConsts: 0, bodyConsts: 0 }, a),
    ),
    last: [32, 64, 96, 128],
  },
  "a while of 1,000 rounds that counts": {
    program: buildProgram([x], (e, a) => [
      e(core.whileLoop, { cond: counting, body: counted, condConsts: 0, bodyConsts: 0 }, literal(0, "int32"), a)[1],
    ]),
    last: [1, 2, 3, 4].map((v) => v * 0.999 ** 1000),
  },
  "a scan of 100 steps with a sort in it, which is the host's": {
    program: scanned(sorted, 100),
    last: many.shape.flatMap((n) => Array.from({ length: n }, (_, i) => (i + 1) * 2 ** 100)),
  },
};

/** Runs the loops on a backend made by `make` and says what each cost; wrong results are an error. */
export const loopCosts = async (make: (warn: (m: string) => void) => ScheduledBackend): Promise<LoopCosts> => {
  const costs: Record<string, LoopCost> = {};
  for (const [name, { program, last }] of Object.entries(loops)) {
    let warnings = 0;
    const backend = make(() => warnings++);
    const exe = backend.compile(program);
    const given = program.inputs[0].aval;
    const values = last.map((_, i) => i + 1);
    const input = backend.upload(hostValue("float32", given.shape, values).data, given);
    const before = backend.counts();
    const outs = exe.run([input]);
    const seen = [...(await backend.read(outs[0]))].map(Number);
    const { dispatches, reads, fallbacks } = backend.counts();
    if (seen.some((v, i) => !(Math.abs(v / last[i] - 1) < 1e-4))) throw new Error(`${name}: ${seen}, not ${last}`);
    for (const b of [input, ...outs]) backend.free(b);
    exe.dispose();
    if (backend.live().buffers > 0) throw new Error(`${name} left ${backend.live().buffers} buffers`);
    costs[name] = {
      dispatches: dispatches - before.dispatches,
      reads: reads - before.reads,
      fallbacks: Object.values(fallbacks).reduce((a, b) => a + b, 0),
      warnings,
    };
  }
  return costs;
};
