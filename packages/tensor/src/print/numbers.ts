import type { DType } from "@ansatz/backend";

/** Numbers in columns, by NumPy's rules: as many digits as tell a number apart from its neighbours, but at most `precision` after the point. */

/** The shortest decimal digits that give back x in its dtype: digits, and the exponent of the first. */
const shortest = (x: number, dtype: DType): { digits: string; exponent: number } => {
  let text = x.toExponential();
  if (dtype === "float32")
    for (let p = 0; p < 9; p++) {
      const t = x.toExponential(p);
      if (Math.fround(Number(t)) === x) {
        text = t;
        break;
      }
    }
  const [mantissa, exponent] = text.split("e");
  return { digits: mantissa.replace(/[-.]/g, "").replace(/0+$/, "") || "0", exponent: Number(exponent) };
};

const signOf = (x: number): string => (x < 0 || Object.is(x, -0) ? "-" : "");

/** Integer and fractional digits, the fraction without trailing zeros. */
const positional = (x: number, dtype: DType, precision: number): [string, string] => {
  const { digits, exponent } = shortest(Math.abs(x), dtype);
  const fraction = Math.max(0, digits.length - 1 - exponent);
  if (fraction > precision) {
    const [i, f = ""] = Math.abs(x).toFixed(precision).split(".");
    return [signOf(x) + i, f.replace(/0+$/, "")];
  }
  const padded = exponent < 0 ? "0".repeat(-exponent) + digits : digits.padEnd(exponent + 1, "0");
  const point = Math.max(1, exponent + 1);
  return [signOf(x) + padded.slice(0, point), padded.slice(point)];
};

const scientific = (
  x: number,
  dtype: DType,
  precision: number,
): { int: string; fraction: string; exponent: string } => {
  const s = shortest(Math.abs(x), dtype);
  const text = s.digits.length - 1 > precision ? Math.abs(x).toExponential(precision) : null;
  const digits = text ? text.split("e")[0].replace(".", "").replace(/0+$/, "") || "0" : s.digits;
  const exponent = text ? Number(text.split("e")[1]) : s.exponent;
  const magnitude = String(Math.abs(exponent)).padStart(2, "0");
  return {
    int: signOf(x) + digits[0],
    fraction: digits.slice(1),
    exponent: `${exponent < 0 ? "-" : "+"}${magnitude}`,
  };
};

const special = (x: number): string => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");

/** A formatter of equal width for all these floats. */
export const floatFormat = (values: readonly number[], dtype: DType, precision: number): ((x: number) => string) => {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).filter((v) => v !== 0);
  const top = Math.max(...sizes);
  const low = Math.min(...sizes);
  const wide = sizes.length > 0 && (top >= 1e8 || low < 1e-4 || top / low > 1000);
  const others = values.filter((v) => !Number.isFinite(v)).map(special);
  const room = (width: number): number => Math.max(width, ...others.map((s) => s.length));
  if (wide) {
    const parts = finite.map((v) => scientific(v, dtype, precision));
    const left = Math.max(...parts.map((p) => p.int.length));
    const digits = Math.max(...parts.map((p) => p.fraction.length));
    const exponent = Math.max(...parts.map((p) => p.exponent.length));
    const width = room(left + 1 + digits + 1 + exponent);
    return (x) => {
      if (!Number.isFinite(x)) return special(x).padStart(width);
      const p = scientific(x, dtype, precision);
      const e = p.exponent[0] + p.exponent.slice(1).padStart(exponent - 1, "0");
      return `${p.int}.${p.fraction.padEnd(digits, "0")}e${e}`.padStart(width);
    };
  }
  const parts = finite.map((v) => positional(v, dtype, precision));
  const left = Math.max(0, ...parts.map(([i]) => i.length));
  const right = Math.max(0, ...parts.map(([, f]) => f.length));
  const width = room(finite.length > 0 ? left + 1 + right : 0);
  return (x) => {
    if (!Number.isFinite(x)) return special(x).padStart(width);
    const [i, f] = positional(x, dtype, precision);
    return `${i}.${f.padEnd(right)}`.padStart(width);
  };
};

export const integerFormat = (values: readonly number[]): ((x: number) => string) => {
  const width = Math.max(0, ...values.map((v) => String(v).length));
  return (x) => String(x).padStart(width);
};

export const boolFormat = (values: readonly number[]): ((x: number) => string) => {
  const width = values.length > 1 && values.some((v) => v === 0) ? 5 : 0;
  return (x) => (x ? "true" : "false").padStart(width);
};
