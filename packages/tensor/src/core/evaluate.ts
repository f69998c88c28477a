import {
  type Atom,
  type Aval,
  type Backend,
  BackendError,
  type DeviceBuffer,
  type Equation,
  equation,
  isFloat,
  newVar,
  type Op,
  type Params,
  type Program,
  sameShape,
  singleton,
} from "@ansatz/backend";
import { currentBackend } from "./backends";
import { Cell } from "./cell";
import { broadcast } from "./core-ops";
import type { Compiled } from "./executables";
import { goneError, leaked } from "./leaks";
import type { TensorOp } from "./op";
import { avalKey, paramsKey, sameParams } from "./program-key";
import { type Residency, residency } from "./residency";
import { idOf, state } from "./state";
import { Tensor } from "./tensor";
import { isWeak, weakResults } from "./trace";

/** Applies an op to concrete tensors by running its one-equation program. */
export const evaluate = (op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] => {
  const home = residency(placement(op.name, inputs));
  const compiled =
    op.name === "call" && op.core ? home.executables.get(params.body as Program) : lookup(home, op, inputs, params);
  return runCompiled(home, compiled, inputs, weakResults(op, inputs, params), op.name);
};

/** The backend on which tensors meet: that of the committed ones, which must agree, or the default. */
export const placement = (caller: string, inputs: readonly Tensor[]): Backend => {
  let at: Backend | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const cell = inputs[i].cell;
    if (cell === null) throw leaked(caller, inputs[i]);
    if (cell.gone !== null) throw goneError(caller, inputs[i]);
    if (cell.committed && cell.backend !== at) {
      if (at !== null)
        throw new BackendError(
          caller,
          "operands live on two backends",
          { backends: [at.name, cell.backend!.name] },
          "move one of them with toBackend(tree, backend)",
        );
      at = cell.backend;
    }
  }
  return at ?? currentBackend();
};

interface Recent {
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly string[];
  readonly params: Params;
  readonly compiled: Compiled;
}

const recents = new WeakMap<Residency, Map<TensorOp, Recent[]>>();
const recentOf = (home: Residency, op: TensorOp): Recent[] => {
  if (home !== lastHome) {
    lastHome = home;
    let map = recents.get(home);
    if (map === undefined) {
      map = new Map();
      recents.set(home, map);
    }
    lastMap = map;
  }
  let list = lastMap!.get(op);
  if (list === undefined) {
    list = [];
    lastMap!.set(op, list);
  }
  return list;
};
let lastHome: Residency | null = null;
let lastMap: Map<TensorOp, Recent[]> | null = null;

/** The last few signatures of an op are compared directly; the rest are found by a string. */
const lookup = (home: Residency, op: TensorOp, inputs: readonly Tensor[], params: Params): Compiled => {
  const list = recentOf(home, op);
  for (let k = 0; k < list.length; k++) {
    const r = list[k];
    if (matches(r, inputs, params)) {
      if (k > 0) {
        list[k] = list[k - 1];
        list[k - 1] = r;
      }
      return r.compiled;
    }
  }
  let key = `${idOf(op)}${paramsKey(op, params)}`;
  for (const t of inputs) key += avalKey(t.dtype, t.shape);
  const compiled = home.executables.byName(key, () => {
    const avals = inputs.map(avalOf);
    return op.batch === "elementwise" && avals.some((a) => !sameShape(a.shape, avals[0].shape))
      ? stretching(op, params, avals)
      : singleton(op, params, avals);
  });
  if (list.length >= 8) list.pop();
  list.unshift({ shapes: inputs.map((t) => t.shape), dtypes: inputs.map((t) => t.dtype), params, compiled });
  return compiled;
};

/** An elementwise op on operands that broadcast together: stretched inside the program, where no copy is made. */
const stretching = (op: TensorOp, params: Params, avals: readonly Aval[]): Program => {
  const rank = Math.max(...avals.map((a) => a.shape.length));
  const shape = new Array<number>(rank).fill(1);
  for (const a of avals)
    a.shape.forEach((d, i) => {
      if (d !== 1) shape[rank - a.shape.length + i] = d;
    });
  const inputs = avals.map(newVar);
  const equations: Equation[] = [];
  const stretched = inputs.map((v): Atom => {
    if (sameShape(v.aval.shape, shape)) return v;
    const n = rank - v.aval.shape.length;
    const eq = equation(broadcast, { shape, axes: v.aval.shape.map((_, i) => i + n) }, [v]);
    equations.push(eq as unknown as Equation);
    return eq.outputs[0];
  });
  const last = equation(op as unknown as Op, params, stretched);
  return { inputs, equations: [...equations, last], outputs: last.outputs };
};

const matches = (r: Recent, inputs: readonly Tensor[], params: Params): boolean => {
  if (r.shapes.length !== inputs.length) return false;
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i];
    if (t.dtype !== r.dtypes[i]) return false;
    const a = t.shape;
    const b = r.shapes[i];
    if (a === b) continue;
    if (a.length !== b.length) return false;
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  }
  return sameParams(r.params, params);
};

const avalOf = (t: Tensor) => ({ shape: t.shape, dtype: t.dtype });

/** Uploads what is not there, makes room, runs, and wraps the results. */
export const runCompiled = (
  home: Residency,
  compiled: Compiled,
  inputs: readonly Tensor[],
  weak: boolean | readonly boolean[],
  caller: string,
  donate?: readonly boolean[],
): Tensor[] => {
  const now = ++state.clock;
  compiled.age = now;
  const { sources, core } = compiled;
  let buffers: DeviceBuffer[] | null = null;
  if (core.outputs.length > 0 || core.equations.length > 0) {
    const operands: DeviceBuffer[] = new Array(inputs.length);
    const outer = state.running;
    if (outer === 0) state.running = now;
    let transient: DeviceBuffer[] | null = null;
    try {
      for (let i = 0; i < inputs.length; i++) inputs[i].cell!.pin = now;
      for (let i = 0; i < inputs.length; i++) {
        const t = inputs[i];
        const cell = t.cell!;
        if (cell.host !== null && t.weak && t.shape.length === 0) {
          // What a JS number became: uploaded for this run only.
          operands[i] = home.backend.upload(cell.host, t);
          (transient ??= []).push(operands[i]);
        } else operands[i] = home.resident(t);
      }
      home.reserve(compiled.outBytes);
      const exe = home.executables.executable(compiled);
      buffers = home.retrying(() => exe.run(operands, donate));
    } finally {
      state.running = outer;
      if (transient !== null) for (const b of transient) home.backend.free(b);
    }
  }
  const constant = inputs.every(ofNumbersAlone);
  const cells: (Cell | undefined)[] = new Array(core.outputs.length);
  const out: Tensor[] = new Array(sources.length);
  for (let i = 0; i < sources.length; i++) {
    const s = sources[i];
    if (s.input >= 0) {
      out[i] = share(inputs[s.input], isWeak(weak, i));
      continue;
    }
    let cell = cells[s.fresh];
    if (cell === undefined) {
      cell = new Cell(home.backend, buffers![s.fresh], null, !constant);
      cell.constant = constant;
      cells[s.fresh] = cell;
      home.add(cell);
      if (state.scope !== null) state.scope.push(cell);
    } else cell.handles++;
    const { shape, dtype } = core.outputs[s.fresh].aval;
    out[i] = new Tensor(shape, dtype, isWeak(weak, i) && isFloat(dtype), cell, null, null);
  }
  if (state.debugNaNs) nanHook.check?.(out, compiled.program, inputs, caller);
  return out;
};

const ofNumbersAlone = ({ cell, shape, dtype }: Tensor): boolean =>
  cell!.constant || (shape.length === 0 && dtype !== "key" && !cell!.committed);

const share = (t: Tensor, weak: boolean): Tensor => {
  t.cell!.handles++;
  return new Tensor(t.shape, t.dtype, weak && isFloat(t.dtype), t.cell, null, null);
};

/** Set by debugNaNs, so that nobody who does not use it bundles it. */
export const nanHook: {
  check: ((outs: readonly Tensor[], program: Program, inputs: readonly Tensor[], caller: string) => void) | null;
} = { check: null };
