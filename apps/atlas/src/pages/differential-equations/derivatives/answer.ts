import { taylor } from "@ansatz/autodiff";
import { evaluateFormula, formulaCurves, formulaTex, parseFormula } from "@ansatz/experiments";
import { AnsatzError, add, mul, sub, type Tensor, tensor } from "@ansatz/tensor";
import type { Answer } from "../../../live/answers";
import { problemOf } from "../../../ui/problem";
import type { CurvesAnswer, CurvesView } from "./protocol";

const points = 400;

const floats = (x: Tensor): Float64Array => Float64Array.from(x.dataSync() as ArrayLike<number>);

/** Curves of a formula and its derivatives, drawn once and kept while only the point moves. */
const curvesOf = ({ formula, from, to, order }: CurvesView) => {
  const { x, curves, symbolic, formulas } = formulaCurves(formula, { from, to, points, order });
  const [automatic, exact] = [curves.map(floats), symbolic.map(floats)];
  const gap = automatic.reduce((most, curve, k) => {
    const other = exact[k] as Float64Array;
    let [apart, size] = [0, 1];
    curve.forEach((v, i) => {
      if (!Number.isFinite(v) || !Number.isFinite(other[i])) return;
      apart = Math.max(apart, Math.abs(v - (other[i] as number)));
      size = Math.max(size, Math.abs(v));
    });
    return Math.max(most, apart / size);
  }, 0);
  return { x, drawn: { x: floats(x), curves: automatic, gap, sizes: formulas.map(({ size }) => size) } };
};

export const prepareCurves = (): Answer<CurvesView, CurvesAnswer> => {
  let kept: { readonly key: string; readonly made: ReturnType<typeof curvesOf> } | undefined;
  return (view) => {
    try {
      const { formula, at, order, from, to } = view;
      const key = JSON.stringify([formula, from, to, order]);
      const tree = parseFormula(formula, ["x"]);
      if (kept?.key !== key) kept = { key, made: curvesOf(view) };
      const { x, drawn } = kept.made;
      const a = tensor(at, { dtype: "float64" });
      const coefficients = taylor((t: Tensor) => evaluateFormula(tree, { x: t }), a, order);
      // Horner in h = x − a
      const h = sub(x, a);
      const polynomial = coefficients.reduceRight((sum: Tensor, c: Tensor) => add(mul(sum, h), c), mul(0, h));
      let factorial = 1;
      return {
        curves: {
          formula,
          tex: formulaTex(tree),
          at,
          ...drawn,
          derivatives: coefficients.map((c, k) => {
            factorial *= Math.max(1, k);
            return factorial * (c.item() as number);
          }),
          taylor: floats(polynomial),
        },
      };
    } catch (reason) {
      if (reason instanceof AnsatzError) return { problem: problemOf(reason) };
      throw reason;
    }
  };
};
