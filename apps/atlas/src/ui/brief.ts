/** Four digits that count, with a true minus; tiny numbers in powers of ten. */
export const brief = (v: number): string => {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? "NaN" : v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? v.toExponential(1).replace("e+", "e")
      : String(Number(v.toPrecision(4)));
  return text.replaceAll("-", "−");
};

/** A sum of products with its value, as `1 · 2 − 1 · 4 = −2`; at most nine terms are spelled. */
export const spelledSum = (terms: readonly (readonly [number, number])[], value: number): string => {
  const products = terms.slice(0, 9).map(([a, b]) => `${brief(a)} · ${brief(b)}`);
  const more = terms.length > 9 ? " + …" : "";
  return `${products.length === 0 ? "0" : products.join(" + ").replaceAll("+ −", "− ")}${more} = ${brief(value)}`;
};
