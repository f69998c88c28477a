import { useMemo } from "preact/hooks";
import { place, setQuery } from "./router";

/** How one control is written in the query string. */
export interface Param<T> {
  readonly initial: T;
  /** The value, or undefined for a text that means none; a page then shows the initial one. */
  parse(text: string): T | undefined;
  format(value: T): string;
}

export interface ChoiceParam<T extends string | number> extends Param<T> {
  readonly options: readonly T[];
}
export interface NumberParam extends Param<number> {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Move on a logarithmic scale. */
  readonly log: boolean;
}

/** One of a few values. */
export const choice = <const T extends string | number>(
  options: readonly T[],
  initial: NoInfer<T>,
): ChoiceParam<T> => ({
  options,
  initial,
  parse: (text) => options.find((option) => String(option) === text),
  format: String,
});

export interface NumberOptions {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** Distance between neighbouring values (on a logarithmic scale: in decades). Default 1, or 1/20 of a decade. */
  readonly step?: number;
  readonly log?: boolean;
}

const short = (value: number): string => String(Number(value.toPrecision(6)));

/** A number within bounds. */
export const number = ({ min, max, initial, log = false, step = log ? 0.05 : 1 }: NumberOptions): NumberParam => ({
  initial,
  min,
  max,
  step,
  log,
  parse: (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : undefined;
  },
  format: short,
});

/** A seed: a whole number from 0 to 2³² − 1. */
export const seed = (initial = 0): Param<number> => ({
  initial,
  parse: (text) => (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : undefined),
  format: String,
});

export const flag = (initial: boolean): Param<boolean> => ({
  initial,
  parse: (text) => (text === "1" ? true : text === "0" ? false : undefined),
  format: (value) => (value ? "1" : "0"),
});

export type Point = readonly [x: number, y: number];

/** A point of the plane within a square. */
export const point = (initial: Point, bound: number): Param<Point> => ({
  initial,
  parse: (text) => {
    const [x, y, more] = text.split(",").map(Number);
    if (more !== undefined || x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) return;
    const clamp = (v: number): number => Math.min(bound, Math.max(-bound, v));
    return [clamp(x), clamp(y)];
  },
  format: ([x, y]) => `${short(Number(x.toFixed(3)))},${short(Number(y.toFixed(3)))}`,
});

/** Rows or columns that come and go at the end of a matrix, from `least` to `most` of them. */
export interface Growth {
  readonly along: "rows" | "columns";
  readonly least: number;
  readonly most: number;
}
/** The entries of a matrix, row by row, all within [-bound, bound]. Equal texts are the identical array. */
export interface MatrixParam extends Param<readonly number[]> {
  readonly bound: number;
  readonly grows: Growth | undefined;
  /** Rows and columns of these entries. */
  shapeOf(entries: readonly number[]): readonly [rows: number, columns: number];
}

export const matrix = (
  initial: readonly number[],
  {
    rows,
    columns = initial.length / rows,
    bound = 100,
    grows,
  }: { rows: number; columns?: number; bound?: number; grows?: Growth },
): MatrixParam => {
  const shapeOf = (entries: readonly number[]): readonly [rows: number, columns: number] =>
    grows?.along === "rows"
      ? [entries.length / columns, columns]
      : grows
        ? [rows, entries.length / rows]
        : [rows, columns];
  const fits = (entries: readonly number[]): boolean => {
    const [r, c] = shapeOf(entries);
    if (!grows) return entries.length === r * c;
    const lines = grows.along === "rows" ? r : c;
    return Number.isInteger(lines) && lines >= grows.least && lines <= grows.most;
  };
  return {
    initial,
    bound,
    grows,
    shapeOf,
    parse: (text) => {
      const entries = text.split(",").map((entry) => (entry.trim() === "" ? Number.NaN : Number(entry)));
      if (!fits(entries) || !entries.every(Number.isFinite)) return;
      return entries.map((v) => Math.min(bound, Math.max(-bound, v)));
    },
    // Twelve digits: a rotation read back from the address still closes its orbit
    format: (entries) => entries.map((v) => String(Number(v.toPrecision(12)))).join(","),
  };
};

/** A line of text of at most so many characters. */
export const text = (initial: string, longest = 200): Param<string> => ({
  initial,
  parse: (written) => (written.length <= longest ? written : undefined),
  format: (value) => value,
});

/** One control's value. Reading it in a component or an effect subscribes; writing it writes the address. */
export interface Knob<T, P extends Param<T> = Param<T>> {
  readonly name: string;
  readonly param: P;
  value: T;
}

type ValueOf<P> = P extends Param<infer T> ? T : never;
export type Knobs<S> = {
  readonly [K in keyof S]: S[K] extends Param<ValueOf<S[K]>> ? Knob<ValueOf<S[K]>, S[K]> : never;
};

const makeKnob = <T>(name: string, param: Param<T>): Knob<T> => {
  let memo: { text: string | null; value: T } | undefined;
  return {
    name,
    param,
    get value() {
      const text = new URLSearchParams(place.value.query).get(name);
      // Equal texts give the identical value, so that a point of the plane may be a dependency of an effect.
      if (memo?.text !== text)
        memo = { text, value: text === null ? param.initial : (param.parse(text) ?? param.initial) };
      return memo.value;
    },
    set value(value: T) {
      const text = param.format(value);
      setQuery({ [name]: text === param.format(param.initial) ? undefined : text });
    },
  };
};

/** The controls of a page: one knob per entry of the schema, all of them in the query string under their names. */
export const knobs = <S extends Record<string, object>>(schema: S): Knobs<S> =>
  Object.fromEntries(
    Object.entries(schema).map(([name, param]) => [name, makeKnob(name, param as Param<unknown>)]),
  ) as unknown as Knobs<S>;

export const useKnobs = <S extends Record<string, object>>(schema: S): Knobs<S> =>
  useMemo(() => knobs(schema), [schema]);
