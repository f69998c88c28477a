import { type Backend, BackendError, type Executable, type Params, type Program, singleton } from "@ansatz/backend";
import type { TensorOp } from "./op";
import { state } from "./state";
import { hostTensor, Tensor, weakResult } from "./tensor";

/** First version: no executable cache key beyond identity, no residency list. */
export const evaluate = (op: TensorOp, inputs: readonly Tensor[], params: Params): readonly Tensor[] =>
  run(singleton(op, params, inputs), inputs);

export const run = (program: Program, inputs: readonly Tensor[], executable?: Executable): readonly Tensor[] => {
  const backend = currentBackend();
  const exe = executable ?? backend.compile(program);
  const buffers = inputs.map((t) => resident(t, backend));
  return exe.run(buffers).map((buffer) => {
    const { shape, dtype } = buffer.aval;
    return new Tensor(
      shape,
      dtype,
      weakResult(inputs, dtype),
      { backend, buffer, host: null, committed: true, gone: null },
      null,
      null,
    );
  });
};

export const currentBackend = (): Backend => {
  if (!state.backend) throw new BackendError("tensor", "no backend is set");
  return state.backend;
};

const resident = (t: Tensor, backend: Backend) => {
  const cell = t.cell;
  if (!cell) throw new BackendError("tensor", "a tracer escaped its trace");
  if (cell.buffer === null) {
    cell.buffer = backend.upload(cell.host!, { shape: t.shape, dtype: t.dtype });
    cell.backend = backend;
    cell.host = null;
  }
  return cell.buffer;
};

export { hostTensor };
