import { decodeSafetensors, encodeSafetensors, type NdArray } from "@ansatz/datasets";
import type { BackendId } from "./backend";
import { LabError } from "./errors";
import type { TrainConfig } from "./job";
import { version } from "./version";

/** The state of a run at one step: all that is needed to go on as if nothing had happened. */
export interface Checkpoint {
  /** Which model the arrays belong to. */
  readonly model: string;
  readonly config: TrainConfig;
  /** Steps done. */
  readonly step: number;
  /** Where in the data the next step begins. */
  readonly position: { readonly epoch: number; readonly batch: number };
  /** Exponential average of the training loss (weight 0.99), with the weight it has gathered so far. */
  readonly average: { readonly sum: number; readonly weight: number };
  /** The lowest held-out loss so far. */
  readonly best: { readonly loss: number; readonly step: number } | null;
  /** What computed it, where that was not the built-in WebAssembly backend. */
  readonly backend?: BackendId;
  /** Parameters, averaged parameters, optimizer state and key. */
  readonly arrays: Readonly<Record<string, NdArray>>;
  /** The version of Ansatz that wrote it. */
  readonly version: string;
}

const format = "ansatz-lab/1";

/** Equal checkpoints give equal bytes: no dates, no machine. */
export const encodeCheckpoint = (c: Omit<Checkpoint, "version">): Uint8Array =>
  encodeSafetensors({
    tensors: c.arrays,
    metadata: {
      format,
      version,
      model: c.model,
      config: JSON.stringify(c.config),
      step: JSON.stringify(c.step),
      position: JSON.stringify(c.position),
      average: JSON.stringify(c.average),
      best: JSON.stringify(c.best),
      ...(c.backend && { backend: JSON.stringify(c.backend) }),
    },
  });

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null;
const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

export const decodeCheckpoint = (bytes: Uint8Array, path: string): Checkpoint => {
  const refuse = (why: string, cause?: unknown): never => {
    throw new LabError("input", `${path} is no usable checkpoint: ${why}`, { cause });
  };
  let file: ReturnType<typeof decodeSafetensors>;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    return refuse((error as Error).message, error);
  }
  const { tensors, metadata } = file;
  if (metadata.format !== format)
    return refuse(
      metadata.format
        ? `its format is ${metadata.format}, this version reads ${format}`
        : "it is a safetensors file, but not one written by lab train",
    );
  const read = (name: string): unknown => {
    try {
      return JSON.parse(metadata[name] ?? "");
    } catch {
      return refuse(`its metadata have no readable ${name}`);
    }
  };
  const config = read("config");
  const step = read("step");
  const position = read("position");
  const average = read("average");
  const best = read("best");
  const backend = metadata.backend === undefined ? undefined : read("backend");
  if (!isRecord(config) || typeof config.dataset !== "string" || !isCount(config.steps) || !isCount(config.size))
    return refuse("its config is incomplete");
  if (!isCount(step)) return refuse("its step is no whole number");
  if (!isRecord(position) || !isCount(position.epoch) || !isCount(position.batch))
    return refuse("its position is damaged");
  if (!isRecord(average) || typeof average.sum !== "number" || typeof average.weight !== "number")
    return refuse("its loss average is damaged");
  if (best !== null && (!isRecord(best) || typeof best.loss !== "number" || !isCount(best.step)))
    return refuse("its best loss is damaged");
  if (
    backend !== undefined &&
    (!isRecord(backend) || typeof backend.name !== "string" || typeof backend.engine !== "string")
  )
    return refuse("the backend it names is damaged");
  return {
    model: metadata.model ?? "",
    config: config as unknown as TrainConfig,
    step,
    position: position as Checkpoint["position"],
    average: average as Checkpoint["average"],
    best: best as Checkpoint["best"],
    ...(backend !== undefined && { backend: backend as unknown as BackendId }),
    arrays: tensors,
    version: metadata.version ?? "unknown",
  };
};
