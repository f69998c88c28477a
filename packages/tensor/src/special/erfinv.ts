import { erfc, exp, type Formula, formula, formulaLowering, logReduce, logSum } from "@ansatz/backend-wasm/math";

// erf⁻¹ as a formula of the wasm backend, which writes it into the loops that draw normal numbers: x times a polynomial in
// w = -log(1 - x²) (Giles 2012), fitted by tools/oracle/polynomials.py. One argument in a thousand lies beyond its reach; there a
// polynomial in √w begins and a Newton step on erfc ends. In float32 that is one in six thousand, left to float64.

const inner =
  "estrin(t, 1.6536545626831027, 0.24015818242559006, -0.006033670871427176, -0.0007407025341695949, 0.00018673420802145928, -1.3882523355390728e-05, -1.365469179591769e-06, 4.234787707503745e-07, -2.9070386955003263e-08, -4.1126297688317514e-09, 1.0512204742504116e-09, -5.415553646932314e-11, -1.2977595696993521e-11, 2.6338076752180707e-12, -8.104506866930714e-14, -4.058536024144367e-14, 6.579009146101994e-15, 2.421114330085838e-17, -1.288197554264448e-16, 1.1010023980173092e-17, 1.0909857019772067e-18, -1.6561277449128968e-19)";
const near = `k, f = logReduce((1 - x) * (1 + x)); w = -logSum(k, f, 0); t = w - 3.125; y = x * ${inner}; bad = !(abs(x) < 0.999);`;
const far = `a = abs(x); s = sqrt(w) - 4;
  z = a * estrin(s, 3.8397837974020823, 1.0094932532674543, 0.0012598478496280085, -0.0008689924114467761, 0.00032094918139025406, -0.00011785962068344573, 5.569732307680024e-05, -3.2569254098184604e-05, 1.863084296371868e-05, -8.838290603555696e-06, 3.0539547422277255e-06, -4.641906070319411e-07, -2.9144012962940224e-07, 2.7174816619522786e-07, -9.444953555735505e-08, 3.0332960071766676e-09, 9.093687787898298e-09, -2.9369745043454993e-09, 3.040372791892361e-10);
  z = z + (erfc(z) - (1 - a)) * 0.886226925452758 * exp(z * z);
  y = bad ? copysign(a == 1 ? inf : (a < 1 ? z : nan), x) : y;`;

const single = formula("erfinv", "x", () => {
  const body = `k, f = logReduce((1 - x) * (1 + x)); t = -4 - logSum(k, f, 0);
    y = x * estrin(t, 1.8587790727615356, 0.22835424542427063, -0.0072208791971206665, -0.00020339565526228398, 0.00011878312943736091, -1.5728273865533993e-05, 5.042298880653107e-07, 2.1017484641561168e-07, -3.5074016579983436e-08, -5.013903736639236e-10, 3.935211601024946e-10);
    bad = !(abs(x) < 0.9998);`;
  return {
    source: `${body} if (any(bad)) { y = bad ? each(erfinv, x) : y; } return y;`,
    quick: `${body} return y, bad;`,
    uses: { logReduce, logSum, erfinv: erfinvFormula },
  };
});

const erfinvFormula: Formula = formula("erfinv", "x", () => ({
  source: `${near} if (any(bad)) { ${far} } return y;`,
  quick: `${near} return y, bad;`,
  uses: { logReduce, logSum, erfc, exp },
  single,
  narrow: true,
  own: true,
}));

export const erfinvLowering = formulaLowering(erfinvFormula);
