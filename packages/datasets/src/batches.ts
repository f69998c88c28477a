import { DomainError } from "@ansatz/backend";
import { foldIn, permutation, reshape, slice, type Tensor } from "@ansatz/tensor";

/** How far a pass through the data has come: plain numbers, to be saved beside whatever is trained. */
export interface BatchPosition {
  readonly epoch: number;
  /** Batches of this epoch already given out. */
  readonly batch: number;
}

export interface Batches {
  /** Batches in an epoch: ⌊count / size⌋. What does not fill a batch is left out; another epoch leaves out others. */
  readonly perEpoch: number;
  /** All batches of an epoch: int32 indices [perEpoch, size], no index twice. */
  order(epoch: number): Tensor;
  /** The batch at a position, int32 indices [size], and the position after it. */
  next(position: BatchPosition): { readonly indices: Tensor; readonly position: BatchPosition };
  /** The position after so many batches from the start. */
  at(step: number): BatchPosition;
}

/**
 * Shuffled batches of a fixed size, for as many epochs as anyone likes. The order of epoch e is a permutation drawn from
 * foldIn(key, e): it depends on nothing else, so that a run goes on from a saved position with the very same batches.
 *
 * @example
 * const b = batches({ count: 10, size: 4, key: key(0) });
 * const first = b.next({ epoch: 0, batch: 0 }); // first.indices: 4 of 0 … 9
 * const second = b.next(first.position);
 */
export const batches = (options: { readonly count: number; readonly size: number; readonly key: Tensor }): Batches => {
  const { count, size, key } = options;
  if (!Number.isInteger(count) || !Number.isInteger(size) || size < 1 || count < size)
    throw new DomainError("batches", "needs whole numbers with 1 ≤ size ≤ count", { count, size });
  const perEpoch = Math.floor(count / size);
  let last: { readonly epoch: number; readonly order: Tensor } | null = null;
  const order = (epoch: number): Tensor => {
    // Neighbouring batches come from the same epoch: one permutation is kept.
    if (last?.epoch !== epoch)
      last = {
        epoch,
        order: reshape(slice(permutation(foldIn(key, epoch), count), [0], [perEpoch * size]), [perEpoch, size]),
      };
    return last.order;
  };
  return {
    perEpoch,
    order,
    next: ({ epoch, batch }) => {
      if (!Number.isInteger(epoch) || epoch < 0 || !Number.isInteger(batch) || batch < 0 || batch >= perEpoch)
        throw new DomainError("batches", "the position lies outside the epoch", { epoch, batch, perEpoch });
      const indices = reshape(slice(order(epoch), [batch, 0], [batch + 1, size]), [size]);
      const turn = batch + 1 === perEpoch;
      return { indices, position: turn ? { epoch: epoch + 1, batch: 0 } : { epoch, batch: batch + 1 } };
    },
    at: (step) => ({ epoch: Math.floor(step / perEpoch), batch: step % perEpoch }),
  };
};
