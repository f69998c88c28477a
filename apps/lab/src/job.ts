import type { Backend } from "@ansatz/backend";
import type { NdArray } from "@ansatz/datasets";

/** Everything that decides the numbers of a run, as the checkpoint keeps it. */
export interface TrainConfig {
  readonly dataset: string;
  /** Side of the images. */
  readonly size: number;
  /** Principal components that the model works in. */
  readonly components: number;
  /** Width and number of the hidden layers. */
  readonly hidden: number;
  readonly layers: number;
  readonly batch: number;
  /** Peak learning rate. */
  readonly lr: number;
  readonly steps: number;
  readonly seed: number;
  /** Steps between checkpoints; the held-out loss is taken there, so it decides which state is the best. */
  readonly checkpointEvery: number;
}

export interface SampleRequest {
  /** The class of each image. */
  readonly labels: readonly number[];
  /** Steps of the solver. */
  readonly steps: number;
  readonly solver: "euler" | "heun";
  readonly seed: number;
  /** Told after each batch of images, how many are done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Gray images, one after the other, 0 = paper, 1 = ink. */
export interface Images {
  readonly count: number;
  readonly size: number;
  readonly pixels: Float32Array;
}

/**
 * Something that can be trained: pure steps on a state that the driver carries, saves and brings back. `step` must depend on
 * nothing but the state (the batch and the noise of a step come from the key and the step number inside it), so that a run
 * resumed from a saved state gives the same numbers, bit for bit, as one that was never interrupted.
 */
export interface TrainJob<S> {
  /** Written into checkpoints: another name there means another model. */
  readonly model: string;
  /** Training examples in the data set. */
  readonly count: number;
  init(): Promise<S>;
  step(state: S): { readonly state: S; readonly loss: number };
  /** The loss on held-out data, by noise that is always the same. */
  evaluate(state: S): number;
  save(state: S): Promise<Readonly<Record<string, NdArray>>>;
  /** @throws when names, shapes or types are not those of `save` */
  load(arrays: Readonly<Record<string, NdArray>>): Promise<S>;
  sample(state: S, request: SampleRequest): Promise<Images>;
}

/** A data set that can be trained on: by its name on the command line. */
export interface JobKind {
  readonly dataset: string;
  readonly description: string;
  /** Training examples, known before anything is loaded. */
  readonly count: number;
  /** Classes that samples can be asked for. */
  readonly classes: number;
  readonly sizes: readonly number[];
  readonly defaults: Omit<TrainConfig, "dataset">;
  /** `exact` has float64, which the backend that trains may lack. */
  create(config: TrainConfig, exact: Backend): Promise<TrainJob<unknown>>;
  /** Facts for `lab info`. */
  describe(): Promise<Readonly<Record<string, unknown>>>;
}
