import { type Affine, affinesOf, mapAffines, type Nest } from "./ir";

/**
 * The same nest with as few dims as will do: extents of 1 are dropped, and neighbours that every affine map walks as one are merged.
 * It sees known numbers only, so it runs before a nest is generalised.
 */
export const coalesce = (n: Nest): Nest => {
  const dims = n.dims as readonly number[];
  const maps = affinesOf(n);
  const ordinal = n.reductions.some((r) => r.kind === "argmax" || r.kind === "argmin");
  // Each new dim is the last of a run of old ones; its coefficient is the innermost one's.
  const kept: { at: number; extent: number }[] = [];
  let parallel = 0;
  for (let d = 0; d < dims.length; d++) {
    // The dim of an argmax is the index asked for: it stays, whatever its extent.
    const fixed = ordinal && d >= n.parallel;
    if (dims[d] === 1 && !fixed) continue;
    const last = kept[kept.length - 1];
    const together = last !== undefined && !fixed && last.at < n.parallel === d < n.parallel;
    if (together && maps.every((m) => coef(m, last.at) === coef(m, d) * dims[d])) {
      last.at = d;
      last.extent *= dims[d];
    } else {
      kept.push({ at: d, extent: dims[d] });
      if (d < n.parallel) parallel++;
    }
  }
  if (kept.length === dims.length) return n;
  return mapAffines(
    n,
    kept.map((k) => k.extent),
    parallel,
    (a) => ({ offset: a.offset, coefs: kept.map((k) => coef(a, k.at)) }),
  );
};

const coef = (a: Affine, d: number): number => a.coefs[d] as number;
