/** A curve that grows: one number per step, thinned for drawing. */
export class Series {
  #values = new Float64Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get last(): number | undefined {
    return this.#length === 0 ? undefined : this.#values[this.#length - 1];
  }

  toArray(): number[] {
    return Array.from(this.#values.subarray(0, this.#length));
  }

  clear(): void {
    this.#length = 0;
  }

  append(values: ArrayLike<number>): void {
    if (this.#length + values.length > this.#values.length) {
      const wider = new Float64Array(2 * (this.#length + values.length));
      wider.set(this.#values.subarray(0, this.#length));
      this.#values = wider;
    }
    this.#values.set(values, this.#length);
    this.#length += values.length;
  }

  /** At most `count` bins of equal width: the middle step of each (from 1), its mean, and its least and greatest value. */
  bins(count: number): { step: number; mean: number; low: number; high: number }[] {
    const width = Math.max(1, Math.ceil(this.#length / count));
    const bins = [];
    for (let from = 0; from < this.#length; from += width) {
      const to = Math.min(this.#length, from + width);
      let sum = 0;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = from; i < to; i++) {
        const v = this.#values[i] as number;
        sum += v;
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
      bins.push({ step: (from + 1 + to) / 2, mean: sum / (to - from), low, high });
    }
    return bins;
  }

  /** The mean of the last `count` values. */
  recent(count: number): number | undefined {
    const from = Math.max(0, this.#length - count);
    if (from === this.#length) return undefined;
    let sum = 0;
    for (let i = from; i < this.#length; i++) sum += this.#values[i] as number;
    return sum / (this.#length - from);
  }
}
