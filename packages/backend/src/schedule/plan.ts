import { sizeOf } from "../aval";
import type { Backend, Executable } from "../backend";
import { isFloat } from "../dtype";
import { BackendError } from "../errors";
import type * as core from "../ops/control";
import { type Atom, type Equation, hasEffects, type Literal, type Program, type Var } from "../program";
import type { Device, DeviceKernel } from "./device";
import { groupEquations, subprogram, type Users, usersOf } from "./group";

interface StepBase {
  readonly inputs: readonly Atom[];
  readonly outputs: readonly Var[];
  readonly equations: readonly Equation[];
  /** Variables nobody needs after this step. */
  dies: readonly Var[];
}
export interface DeviceStep<B> extends StepBase {
  readonly kind: "device";
  readonly kernel: DeviceKernel<B>;
}
export interface HostStep extends StepBase {
  readonly kind: "host";
  readonly program: Program;
  readonly executable: Executable;
  /** true if the device has no kernel; false if a few numbers are better off on the host, where they already are. */
  readonly fallback: boolean;
}
export interface ScanStep<B> extends StepBase {
  readonly kind: "scan";
  readonly params: core.ScanParams;
  readonly body: Plan<B>;
}
export interface WhileStep<B> extends StepBase {
  readonly kind: "while";
  readonly params: core.WhileParams;
  readonly cond: Plan<B>;
  readonly body: Plan<B>;
}
export interface CondStep<B> extends StepBase {
  readonly kind: "cond";
  readonly branches: readonly Plan<B>[];
}
export interface TapStep extends StepBase {
  readonly kind: "tap";
  readonly callback: (...values: never[]) => void;
}
export type Step<B> = DeviceStep<B> | HostStep | ScanStep<B> | WhileStep<B> | CondStep<B> | TapStep;

/** A program in the order it runs, each step knowing where it runs and what it is the last to use. */
export interface Plan<B> {
  readonly inputs: readonly Var[];
  readonly unused: readonly Var[];
  readonly literals: readonly Literal[];
  readonly steps: readonly Step<B>[];
  readonly outputs: readonly Atom[];
}

/** Up to so many elements are computed on the host if they are there anyway: counters, predicates, step sizes. */
const few = 16;

/** Plans a lowered program. */
export const planProgram = <B>(p: Program, device: Device<B>, host: Backend): Plan<B> => {
  const equations = withoutDead(p);
  const place = placement(p, equations, device);
  const users = usersOf(p, equations);
  const steps: Step<B>[] = [];
  for (const group of groupEquations(equations, (eq) => place.of(eq), device.fusible?.bind(device)))
    steps.push(...planGroup(users, group, place, device, host));
  const unused = markDeaths(p, steps);
  const literals = new Set<Literal>();
  for (const a of [...p.outputs, ...steps.flatMap((s) => s.inputs)]) if (a.kind === "literal") literals.add(a);
  return { inputs: p.inputs, unused, literals: [...literals], steps, outputs: p.outputs };
};

/** The equations that outputs or effects depend on. */
const withoutDead = (p: Program): Equation[] => {
  const needed = new Set<Atom>(p.outputs);
  const kept: Equation[] = [];
  for (const eq of p.equations.toReversed()) {
    if (!hasEffects(eq) && !eq.outputs.some((v) => needed.has(v))) continue;
    kept.push(eq);
    for (const a of eq.inputs) needed.add(a);
  }
  return kept.reverse();
};

export type Place = "device" | "fallback" | "few" | "control";

interface Placement<B> {
  of(eq: Equation): Place;
  kernel(eq: Equation): DeviceKernel<B> | undefined;
}

const control = new Set(["scan", "while", "cond", "tap"]);

/** Where each equation runs. Exact scalars that come from outside are taken to be on the host: uploads leave them there. */
const placement = <B>(p: Program, equations: readonly Equation[], device: Device<B>): Placement<B> => {
  const storable = new Set(device.dtypes);
  const kernels = new Map<Equation, DeviceKernel<B> | undefined>();
  const kernel = (eq: Equation): DeviceKernel<B> | undefined => {
    if (!kernels.has(eq)) kernels.set(eq, device.kernel(eq));
    return kernels.get(eq);
  };
  const places = new Map<Equation, Place>();
  const atHost = new Set<Atom>(p.inputs.filter((v) => sizeOf(v.aval.shape) === 1 && !isFloat(v.aval.dtype)));
  const isAtHost = (a: Atom): boolean => a.kind === "literal" || atHost.has(a);
  for (const eq of equations) {
    const place = ((): Place => {
      if (eq.op.core && control.has(eq.op.name)) return "control";
      const small = eq.outputs.every((v) => sizeOf(v.aval.shape) <= few);
      if (small && eq.inputs.length > 0 && eq.op.core && eq.inputs.every(isAtHost)) return "few";
      const fused = device.fuse && device.fusible?.(eq);
      const alone = fused ? undefined : kernel(eq);
      if (!fused && !alone) return "fallback";
      const stored = [
        ...eq.inputs.filter((_, i) => !alone?.onHost?.includes(i)),
        ...(alone?.hostedResults ? [] : eq.outputs),
      ];
      return stored.every((a) => storable.has(a.aval.dtype)) ? "device" : "fallback";
    })();
    places.set(eq, place);
    if (place === "few" || place === "fallback")
      for (const v of eq.outputs) if (place === "few" || sizeOf(v.aval.shape) <= few) atHost.add(v);
  }
  return { of: (eq) => places.get(eq) ?? "fallback", kernel };
};

const planGroup = <B>(
  users: Users,
  group: readonly Equation[],
  place: Placement<B>,
  device: Device<B>,
  host: Backend,
): Step<B>[] => {
  const [eq] = group;
  const where = place.of(eq);
  if (where === "control") return [controlStep(eq, device, host)];
  const program = subprogram(users, group);
  const base = { inputs: program.inputs, outputs: program.outputs as readonly Var[], equations: group, dies: [] };
  if (where !== "device")
    return [
      {
        ...base,
        kind: "host",
        program,
        executable: host.compile(program),
        fallback: group.some((e) => place.of(e) === "fallback"),
      },
    ];
  const fusible = device.fuse && group.every((e) => device.fusible?.(e));
  const fused = fusible ? device.fuse?.(program) : undefined;
  if (fused) return [{ ...base, kind: "device", kernel: fused }];
  if (group.length > 1) {
    const half = group.length >> 1;
    const again = (part: readonly Equation[]) => planGroup(users, part, place, device, host);
    return [...again(group.slice(0, half)), ...again(group.slice(half))];
  }
  const kernel = place.kernel(eq);
  if (!kernel)
    throw new BackendError(device.name, `${eq.op.name} is fusible but neither fuse nor kernel takes it alone`);
  return [{ kind: "device", kernel, inputs: eq.inputs, outputs: eq.outputs, equations: group, dies: [] }];
};

const controlStep = <B>(eq: Equation, device: Device<B>, host: Backend): Step<B> => {
  const base = { inputs: eq.inputs, outputs: eq.outputs, equations: [eq], dies: [] };
  const plan = (p: Program) => planProgram(p, device, host);
  switch (eq.op.name) {
    case "scan": {
      const params = eq.params as core.ScanParams;
      return { ...base, kind: "scan", params, body: plan(params.body) };
    }
    case "while": {
      const params = eq.params as core.WhileParams;
      return { ...base, kind: "while", params, cond: plan(params.cond), body: plan(params.body) };
    }
    case "cond":
      return { ...base, kind: "cond", branches: (eq.params.branches as readonly Program[]).map(plan) };
    default:
      return { ...base, kind: "tap", callback: eq.params.callback as TapStep["callback"] };
  }
};

/** Fills in `dies` of every step; returns the inputs that no step and no output uses. */
const markDeaths = <B>(p: Program, steps: readonly Step<B>[]): Var[] => {
  const last = new Map<Var, number>();
  for (const [i, s] of steps.entries()) {
    for (const v of s.outputs) last.set(v, i);
    for (const a of s.inputs) if (a.kind === "var") last.set(a, i);
  }
  for (const a of p.outputs) if (a.kind === "var") last.delete(a);
  const dies: Var[][] = steps.map(() => []);
  for (const [v, i] of last) dies[i].push(v);
  for (const [i, s] of steps.entries()) s.dies = dies[i];
  const used = new Set<Atom>([...p.outputs, ...steps.flatMap((s) => s.inputs)]);
  return p.inputs.filter((v) => !used.has(v));
};

/** Gives the host executables of a plan back. */
export const disposePlan = <B>(plan: Plan<B>): void => {
  for (const s of plan.steps) {
    if (s.kind === "host") s.executable.dispose();
    else if (s.kind === "scan") disposePlan(s.body);
    else if (s.kind === "while") for (const q of [s.cond, s.body]) disposePlan(q);
    else if (s.kind === "cond") s.branches.forEach(disposePlan);
  }
};
