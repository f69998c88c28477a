import { extension, work, workspace } from "./memory";
import { addRotationKernels, lanes, type RotationKernels } from "./rotation-kernels";

const kernels = /* @__PURE__ */ extension<RotationKernels>(addRotationKernels);

/**
 * Chains of plane rotations on rows of z [·, n]: rows v and w become c v + s w and c w - s v, the latter meets the next row, and so on. Chains are
 * gathered and applied together, a few columns at a time (Van Zee, van de Geijn and Quintana-Ortí 2014 restructure QR iterations in this way): the
 * iteration needs only the numbers of the small matrix, and z is read once for many chains.
 * `rows` of them are turned at most, which also bounds the length of a chain.
 */
export class Rotations {
  private readonly cs: Float64Array;
  private readonly list: Int32Array;
  private chains = 0;
  private used = 0;

  private readonly scratch: Float64Array;

  constructor(
    private readonly z: Float64Array,
    private readonly rows: number,
    private readonly n: number,
  ) {
    this.cs = workspace(2 * batch * rows);
    this.scratch = work(lanes * rows);
    const list = workspace(2 * batch);
    this.list = new Int32Array(list.buffer, list.byteOffset, 4 * batch);
  }

  /** Rows `from`, `from + direction`, …; (c, s) by pairs, which are copied. */
  add(from: number, direction: 1 | -1, cs: Float64Array, count: number): void {
    if (count === 0) return;
    for (let i = 0, to = 2 * this.used; i < 2 * count; i++, to++) this.cs[to] = cs[i];
    const at = 4 * this.chains;
    this.list[at] = from;
    this.list[at + 1] = direction;
    this.list[at + 2] = this.cs.byteOffset + 16 * this.used;
    this.list[at + 3] = count;
    this.used += count;
    if (++this.chains === batch) this.flush();
  }

  flush(): void {
    const { z, rows, n, cs, list, chains, scratch } = this;
    const m = kernels();
    if (chains > 0 && m && [z, cs, list, scratch].every((x) => x.buffer === m.buffer))
      m.rotations(z.byteOffset, rows, n, list.byteOffset, chains, scratch.byteOffset);
    else
      for (let i = 0; i < chains; i++) {
        const [from, step, at, count] = list.subarray(4 * i, 4 * i + 4);
        turn(z, n, from * n, step * n, cs, (at - cs.byteOffset) / 8, count);
      }
    this.chains = this.used = 0;
  }
}

/** Chains gathered before they are applied. */
const batch = 32;

const turn = (
  z: Float64Array,
  n: number,
  from: number,
  step: number,
  cs: Float64Array,
  at: number,
  count: number,
): void => {
  for (let t = 0; t < count; t++) {
    const [c, s] = [cs[at + 2 * t], cs[at + 2 * t + 1]];
    const [p, q] = [from + t * step, from + (t + 1) * step];
    for (let k = 0; k < n; k++) {
      const v = z[p + k];
      const w = z[q + k];
      z[p + k] = c * v + s * w;
      z[q + k] = c * w - s * v;
    }
  }
};
