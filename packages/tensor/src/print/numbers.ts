import { type DType, isFloat } from "@ansatz/backend";

/** Numbers in columns, by NumPy's rules: as many digits as tell a number apart from its neighbours, but at most `precision` after the point. */

/** The number whose shortest decimal form is the shortest that gives back x in its dtype. */
const shortest = (x: number, dtype: DType): number => {
  if (dtype === "float32")
    for (let p = 0; p < 9; p++) {
      const near = Number(x.toExponential(p));
      if (Math.fround(near) === x) return near;
    }
  return x;
};

/** Digits before the point, after it (without trailing zeros), and the exponent of what is written with one. */
const decimal = /^(\d+)(?:\.(\d*?)0*)?(?:e(.)(\d+))?$/;

/** What a float looks like beside the others: points and exponents stand under each other once texts end at one place. */
const floatText = (values: readonly number[], dtype: DType, precision: number): ((x: number) => string) => {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).filter((v) => v !== 0);
  const top = Math.max(...sizes);
  const low = Math.min(...sizes);
  const wide = top >= 1e8 || low < 1e-4 || top / low > 1000;
  const parts = (x: number): readonly string[] => {
    const size = Math.abs(x);
    const short = shortest(size, dtype);
    const digits = decimal.exec(wide ? short.toExponential() : String(short)) as string[];
    if ((digits[2] ?? "").length <= precision) return digits;
    return decimal.exec(wide ? size.toExponential(precision) : size.toFixed(precision)) as string[];
  };
  const all = finite.map(parts);
  const longest = (k: number): number => Math.max(0, ...all.map((p) => (p[k] ?? "").length));
  const fractions = longest(2);
  const exponents = Math.max(2, longest(4));
  return (x) => {
    if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
    const [, int, fraction = "", sign, exponent] = parts(x);
    const head = `${x < 0 || Object.is(x, -0) ? "-" : ""}${int}.`;
    if (!wide) return head + fraction.padEnd(fractions);
    return `${head}${fraction.padEnd(fractions, "0")}e${sign}${exponent.padStart(exponents, "0")}`;
  };
};

/** A formatter of equal width for all these elements. */
export const formatter = (
  values: readonly (number | string)[],
  dtype: DType,
  precision: number,
): ((x: number | string) => string) => {
  const text = (
    isFloat(dtype)
      ? floatText(values as number[], dtype, precision)
      : dtype === "bool"
        ? (x: number) => (x ? "true" : "false")
        : String
  ) as (x: number | string) => string;
  const width = Math.max(0, ...values.map((v) => text(v).length));
  return (x) => text(x).padStart(width);
};
