/** mulberry32: 32 bits of state, enough for one fixed shuffle; written out so that the split can be made again anywhere. */
const mulberry32 = (seed: number) => {
  let a = seed;
  return (): number => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
};

/**
 * The fixed split: one Fisher–Yates shuffle (mulberry32, seed 28) of the digits in the order of the source (by class); then
 * of each class, walked in shuffled order, every fifth goes to the test part (the number rounded, evenly spaced). Both
 * parts keep the shuffled order, so that any beginning of either is a fair sample.
 */
export const stratifiedSplit = (labels: readonly number[]): { train: number[]; test: number[] } => {
  const order = labels.map((_, i) => i);
  const random = mulberry32(28);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random() % (i + 1); // the bias of the remainder is below 10⁴/2³²
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  const total = new Array<number>(10).fill(0);
  for (const label of labels) total[label] = (total[label] ?? 0) + 1;
  const seen = new Array<number>(10).fill(0);
  const train: number[] = [];
  const test: number[] = [];
  for (const i of order) {
    const label = labels[i] as number;
    const n = total[label] as number;
    const k = seen[label] as number;
    const share = Math.round(n / 5) / n;
    (Math.floor((k + 1) * share + 1e-9) > Math.floor(k * share + 1e-9) ? test : train).push(i);
    seen[label] = k + 1;
  }
  return { train, test };
};
