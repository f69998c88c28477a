import { type Backend, type Program, showAval } from "@ansatz/backend";
import { WasmBackend } from "./backend";
import { Arrangement } from "./emit/arrangement";
import { vectorPlan } from "./emit/vector-plan";
import { isParam, type Nest, type Size } from "./nest/ir";
import type { Buffer, Carry, Func, Ref, Step } from "./plan/func";
import { frameOf, type Layout } from "./plan/layout";

const bytes = (n: number): string =>
  n < 1024 ? `${n} B` : n < 2 ** 20 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 2 ** 20).toFixed(1)} MiB`;

/**
 * What this backend makes of a program: its steps with what was fused into each, where values live, and what leaves for the host. Undefined
 * for backends of another kind.
 *
 * @example
 * import { aval, core, singleton } from "@ansatz/backend";
 * import { wasmBackend } from "@ansatz/backend-wasm";
 * import { explain } from "@ansatz/backend-wasm/explain";
 * import { allLowerings } from "@ansatz/backend-wasm/lowerings";
 * explain(wasmBackend({ lowerings: allLowerings }), singleton(core.exp, {}, [aval([3], "float64")])) // … loop n, 2 lanes: exp ← i0 → o0 …
 */
export function explain(backend: WasmBackend, p: Program): string;
export function explain(backend: Backend, p: Program): string | undefined;
export function explain(backend: Backend, p: Program): string | undefined {
  if (!(backend instanceof WasmBackend)) return undefined;
  const prepared = backend.prepared(p);
  const steps = countSteps(prepared.func);
  const general = prepared.args.length > 0;
  return [
    `wasm: ${p.equations.length} equations → ${steps} steps, ${general ? "one module for every extent" : "specialised on shapes"}`,
    `in  ${p.inputs.map((v, i) => `i${i}:${showAval(v.aval)}`).join(" ")}`,
    `out ${p.outputs.map((a, i) => `o${i}:${showAval(a.aval)}`).join(" ")}`,
    ...describe(prepared.func, prepared.layout),
    `host calls: ${prepared.hostCalls.length === 0 ? "none" : prepared.hostCalls.map((c) => c.op.name).join(", ")}`,
    ...prepared.layout.reuse.flatMap((i, o) => (i >= 0 ? [`o${o} takes the place of i${i} when that is donated`] : [])),
  ].join("\n");
}

/** What is said of a step at the end of its line. */
export type Note = (s: Step) => string;
const nothing: Note = () => "";

/** The steps of a function, one line each, bodies of loops indented below theirs. */
export const describe = (func: Func, layout: Layout, indent = "", note: Note = nothing): string[] => {
  const temporaries = layout.bytes - layout.header;
  const saved = layout.unshared > temporaries ? ` (${bytes(layout.unshared)} without sharing)` : "";
  return [
    `${indent}temporaries ${bytes(temporaries)}${saved}`,
    ...func.steps.flatMap((s) => describeStep(s, layout, indent, note)),
  ];
};

const describeStep = (s: Step, layout: Layout, indent: string, note: Note): string[] => {
  const [head, ...rest] = linesOf(s, layout, indent, note);
  return [head + note(s), ...rest];
};

const linesOf = (s: Step, layout: Layout, indent: string, note: Note, right = ""): string[] => {
  const place = (b: Buffer): string =>
    b.home === "temp"
      ? `t${layout.offsets.get(b) ?? ` of strip ${b.slot}`}`
      : `${b.home === "input" ? "i" : "o"}${b.slot}`;
  const places = (rs: readonly Ref[]): string => rs.map((r) => place(r.buffer)).join(" ");
  const body = (name: string, f: Func): string[] => [
    `${indent}  ${name}:`,
    ...describe(f, frameOf(f), `${indent}    `, note),
  ];
  switch (s.kind) {
    case "nest": {
      const written = new Set(s.nest.stores.map((t) => t.operand));
      const reads = s.operands.filter((_, i) => !written.has(i));
      const writes = s.operands.filter((_, i) => written.has(i));
      return [`${indent}loop ${shapeOf(s.nest)}: ${opsOf(s.nest)} ← ${places(reads)} → ${places(writes)}`];
    }
    case "strips":
      return [
        `${indent}strips of ${s.strip} among ${s.rows}:`,
        ...s.members.flatMap((m) => linesOf(m.step, layout, `${indent}  `, note, m.packed && ", packed before")),
      ];
    case "copy":
      return [`${indent}copy ${size(s.bytes)} bytes ${place(s.from.buffer)} → ${place(s.to.buffer)}`];
    case "matmul": {
      const batch = s.batch.length > 0 ? ` × ${s.batch.map(size).join("·")}` : "";
      return [
        `${indent}product [${size(s.m)}, ${size(s.k)}]·[${size(s.k)}, ${size(s.n)}]${batch} ${s.dtype}: ${place(s.a.ref.buffer)} ${place(s.b.ref.buffer)}${right} → ${place(s.c.ref.buffer)}`,
      ];
    }
    case "conv": {
      const { images, groups, perGroup, taps } = s.sizes;
      return [
        `${indent}convolution of ${size(images)} images, ${size(groups)} × ${size(perGroup)} channels of ${size(taps)} taps, ${s.dtype}: ${places([s.x, s.kernel])} → ${place(s.out.buffer)}`,
      ];
    }
    case "sort":
      return [
        `${indent}sort ${size(s.length)} by ${s.keys} of ${s.dtypes.join(", ")}: ${places(s.from)} → ${places(s.to)}`,
      ];
    case "kernel":
      return [
        `${indent}kernel ${s.op.name} × ${size(s.batch)}: ${places(s.inputs.map((m) => m.ref))} → ${places(s.outputs.map((m) => m.ref))}`,
      ];
    case "host":
      return [`${indent}host ${s.call.op.name}: ${places(s.inputs)} → ${places(s.outputs)}`];
    case "scan":
      return [
        `${indent}scan ${s.length} turns${s.reverse ? ", reversed" : ""}: ${carried(s)}, ${s.xs.length} sliced, ${s.ys.length} stacked`,
        ...body("body", s.body),
      ];
    case "while":
      return [`${indent}while: ${carried(s)}`, ...body("predicate", s.cond), ...body("body", s.body)];
    case "cond":
      return [`${indent}cond of ${s.branches.length}`, ...s.branches.flatMap((b, i) => body(`branch ${i}`, b))];
  }
};

const carried = ({ carry }: { readonly carry: readonly Carry[] }): string =>
  `${carry.length} carried (${carry.filter((c) => !c.spare).length} in place)`;

const size = (s: Size): string => (isParam(s) ? "n" : String(s));

/** `256×64, sum over 32, 4 lanes` */
const shapeOf = (n: Nest): string => {
  const plan = vectorPlan(n, new Arrangement(n));
  const parallel = n.dims.slice(0, n.parallel).map(size).join("×") || "once";
  const inner = n.dims.slice(n.parallel).map(size).join("×");
  const over = n.reductions.length > 0 ? `, ${n.running ? "running along" : "reduced over"} ${inner || "1"}` : "";
  return `${parallel}${over}${plan ? `, ${plan.lanes} lanes` : ""}`;
};

/** The ops fused into a nest, in order. */
const opsOf = (n: Nest): string => {
  const names = n.nodes.flatMap((x) =>
    x.kind === "op"
      ? [x.op.name]
      : x.kind === "acc"
        ? [n.reductions[x.reduction].kind]
        : x.kind === "load" && (x.dynamic.length > 0 || x.guard >= 0)
          ? ["lookup"]
          : [],
  );
  for (const s of n.stores) if (s.combine || s.dynamic.length > 0) names.push(`scatter ${s.combine?.name ?? "set"}`);
  return names.length > 0 ? names.join(" ") : "move";
};

const countSteps = (f: Func): number =>
  f.steps.reduce((n, s) => {
    if (s.kind === "strips") return n + s.members.length;
    const inner =
      s.kind === "scan" ? [s.body] : s.kind === "while" ? [s.cond, s.body] : s.kind === "cond" ? s.branches : [];
    return n + 1 + inner.reduce((m, b) => m + countSteps(b), 0);
  }, 0);
