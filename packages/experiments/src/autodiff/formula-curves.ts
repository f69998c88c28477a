import { vjp } from "@ansatz/autodiff";
import { DomainError, linspace, onesLike, type Tensor } from "@ansatz/tensor";
import { differentiateFormula, evaluateFormula, formulaSize, parseFormula, showFormula } from "./formula";

export interface FormulaCurves {
  readonly x: Tensor;
  /** f, f', f'', … up to the order asked for: [points] each. By reverse mode, applied again and again. */
  readonly curves: readonly Tensor[];
  /** The same by symbolic differentiation. */
  readonly symbolic: readonly Tensor[];
  /** The derivatives as formulas, with their numbers of nodes. */
  readonly formulas: readonly { readonly text: string; readonly size: number }[];
}

/**
 * A typed formula of x and its derivatives on a grid, three ways of which two are exact: automatic, symbolic, and (for whoever draws it) by differences of
 * the curve. A curve's derivative is one reverse sweep with a cotangent of ones, for every entry depends on its own x alone.
 *
 * @throws {DomainError} a formula that is not understood, an order that is not 0, 1, …, 6, or fewer than 2 points
 */
export const formulaCurves = (text: string, { from = -6, to = 6, points = 400, order = 1 } = {}): FormulaCurves => {
  if (!Number.isInteger(order) || order < 0 || order > 6)
    throw new DomainError("formulaCurves", "the order is a whole number from 0 to 6", { order });
  if (!Number.isInteger(points) || points < 2)
    throw new DomainError("formulaCurves", "needs at least 2 points", { points });
  const formula = parseFormula(text, ["x"]);
  const x = linspace(from, to, points);
  let f = (t: Tensor): Tensor => evaluateFormula(formula, { x: t });
  let symbolic = formula;
  const curves = [f(x)];
  const exact = [evaluateFormula(symbolic, { x })];
  const formulas = [{ text: showFormula(symbolic), size: formulaSize(symbolic) }];
  for (let k = 1; k <= order; k++) {
    const g = f;
    f = (t) => {
      const { value, pullback } = vjp(g, t);
      return pullback(onesLike(value))[0];
    };
    symbolic = differentiateFormula(symbolic, "x");
    curves.push(f(x));
    exact.push(evaluateFormula(symbolic, { x }));
    formulas.push({ text: showFormula(symbolic), size: formulaSize(symbolic) });
  }
  return { x, curves, symbolic: exact, formulas };
};
