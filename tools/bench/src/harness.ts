/**
 * Measures contestants side by side: each is warmed up, then all take turns for several rounds, so that a busy machine slows them alike.
 * A time never stands without its error: the largest deviation from a reference computed in float64, relative to the reference's largest
 * entry, or what the row says instead.
 */
export interface Contestant {
  /**
   * `units` units of work (rows without `units` always ask for one). Asynchronous peers return a promise that settles when the result is
   * there. Tensors that it returns, or a tree of them, are disposed at once, inside the measured time, as peers with memory of their own
   * dispose theirs in `run`: else every result would lie in memory never touched before, whose pages cost as much as a small product.
   */
  run(units: number): unknown;
  /** The result of the work as plain numbers, for the error. */
  result(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Milliseconds per unit of work over `times` units, for a contestant that must time itself (another process). */
  timed?(times: number): Promise<number>;
  dispose?(): void;
}

export interface Row {
  readonly name: string;
  /** What is measured, in one sentence. */
  readonly about: string;
  /** Operations in one unit of work, where a rate is meaningful. */
  readonly flops?: number;
  /** Units of work inside one `run`, for works too short to time one by one. */
  readonly units?: number;
  reference(): Float64Array;
  /** The error of a result, where it is not `relativeError`, and the unit it is in. */
  readonly deviation?: { readonly unit: string; of(got: ArrayLike<number>, reference: Float64Array): number };
  readonly contestants: Readonly<Record<string, () => Contestant | undefined | Promise<Contestant | undefined>>>;
}

export interface Score {
  /** Median over rounds, per unit of work. */
  readonly ms: number;
  /** Best round. */
  readonly best: number;
  /** The first call, of a single unit of work, compilation included. */
  readonly first: number;
  readonly error: number;
}

export interface RowResult {
  readonly name: string;
  readonly about: string;
  readonly flops?: number;
  /** The unit of the errors; relative ones have none. */
  readonly errorUnit?: string;
  readonly ours?: Score;
  readonly peers: Record<string, Score>;
  readonly absent: Record<string, string>;
}

export interface Timing {
  /** Rounds that count. */
  readonly rounds: number;
  /** Milliseconds of one contestant's turn. */
  readonly turn: number;
}

const now = (): number => performance.now();

export const median = (xs: readonly number[]): number => {
  const s = [...xs].sort((a, b) => a - b);
  const m = s.length >> 1;
  return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2;
};

export const relativeError = (got: ArrayLike<number>, want: Float64Array): number => {
  if (got.length !== want.length) return Number.NaN;
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    scale = Math.max(scale, Math.abs(want[i]));
    const d = Math.abs(got[i] - want[i]);
    if (!(d <= worst)) worst = d;
  }
  return scale === 0 ? worst : worst / scale;
};

const isPromise = (x: unknown): x is Promise<unknown> => typeof x === "object" && x !== null && "then" in x;

const discard = (r: unknown): void => {
  if (typeof r !== "object" || r === null) return;
  if ("dispose" in r && typeof r.dispose === "function") r.dispose();
  else if (Array.isArray(r) ? typeof r[0] === "object" : Object.getPrototypeOf(r) === Object.prototype)
    for (const part of Object.values(r)) discard(part);
};

/** Milliseconds per run over `times` runs. */
const turn = async (c: Contestant, times: number, units: number): Promise<number> => {
  if (c.timed) return (await c.timed(times * units)) * units;
  const t = now();
  for (let i = 0; i < times; i++) {
    const r = c.run(units);
    if (isPromise(r)) await r;
    else discard(r);
  }
  return (now() - t) / times;
};

interface Entered {
  readonly name: string;
  readonly contestant: Contestant;
  readonly first: number;
  times: number;
  readonly laps: number[];
}

export const measure = async (row: Row, timing: Timing): Promise<RowResult> => {
  const reference = row.reference();
  const units = row.units ?? 1;
  const deviation = row.deviation?.of ?? relativeError;
  const absent: Record<string, string> = {};
  const entered: Entered[] = [];
  for (const [name, make] of Object.entries(row.contestants)) {
    try {
      const contestant = await make();
      if (!contestant) {
        absent[name] = "cannot do this row";
        continue;
      }
      const first = await turn(contestant, 1, 1);
      entered.push({ name, contestant, first, times: 1, laps: [] });
    } catch (e) {
      absent[name] = e instanceof Error ? e.message.split("\n")[0] : String(e);
    }
  }
  // Warm up until a turn's worth of work has been done twice, then size the turns.
  for (const e of entered) {
    let spent = 0;
    let runs = 0;
    while (spent < 2 * timing.turn || runs < 3) {
      const ms = await turn(e.contestant, e.times, units);
      spent += ms * e.times;
      runs += e.times;
      e.times = Math.max(1, Math.min(1_000_000, Math.round(timing.turn / Math.max(ms, 1e-6))));
    }
  }
  for (let r = 0; r < timing.rounds; r++)
    for (const e of entered) e.laps.push(await turn(e.contestant, e.times, units));
  const scores: Record<string, Score> = {};
  for (const e of entered) {
    try {
      scores[e.name] = {
        ms: median(e.laps) / units,
        best: Math.min(...e.laps) / units,
        first: e.first,
        error: deviation(await e.contestant.result(), reference),
      };
    } catch (err) {
      absent[e.name] = err instanceof Error ? err.message.split("\n")[0] : String(err);
    }
    e.contestant.dispose?.();
  }
  const { ansatz: ours, ...peers } = scores;
  return {
    name: row.name,
    about: row.about,
    ...(row.flops !== undefined && { flops: row.flops }),
    ...(row.deviation && { errorUnit: row.deviation.unit }),
    ...(ours && { ours }),
    peers,
    absent,
  };
};
