import { erfc, exp, type Formula, formula, formulaLowering, logReduce, logSum, rows } from "@ansatz/backend-wasm/math";
import { erfinvRows } from "./erfinv-rows";

// erf⁻¹ as a formula of the wasm backend, which writes it into the loops that draw normal numbers: x times a polynomial in w = 1 - |x|,
// one for every eighth of an octave of w, found by the upper bits of w. One argument in a thousand lies beyond their reach; there a
// polynomial in √-log(1 - x²) (Giles 2012; fitted by tools/oracle/polynomials.py) begins and a Newton step on erfc ends. In float32 the
// intervals are sixteenths, and one argument in four thousand is left to float64.

const double = rows({ name: "erfinv", first: 1013 * 8, columns: 10, single: false }, () =>
  erfinvRows({ parts: 8, octaves: 10, terms: 10, series: 20, bits: 96 }),
);
const simple = rows({ name: "erfinv32", first: 115 * 16, columns: 4, single: true }, () =>
  erfinvRows({ parts: 16, octaves: 12, terms: 4, series: 8, bits: 64 }),
);

/** With four vectors a turn the columns of their rows no longer fit the registers. */
const twoVectors = 100;

const near = `w = 1 - abs(x); v = pmax(0.0009765625, w); bad = v != w;
  c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 = row(double, bits(v) >>> 49);
  t = v - float(bits(v) & 0x7ffe000000000000); y = x * (c0 + t * estrin(t, c1, c2, c3, c4, c5, c6, c7, c8, c9));`;
const far = `k, f = logReduce((1 - x) * (1 + x)); s = sqrt(-logSum(k, f, 0)) - 4;
  z = (1 - w) * estrin(s, 3.8397837974020823, 1.0094932532674543, 0.0012598478496280085, -0.0008689924114467761, 0.00032094918139025406, -0.00011785962068344573, 5.569732307680024e-05, -3.2569254098184604e-05, 1.863084296371868e-05, -8.838290603555696e-06, 3.0539547422277255e-06, -4.641906070319411e-07, -2.9144012962940224e-07, 2.7174816619522786e-07, -9.444953555735505e-08, 3.0332960071766676e-09, 9.093687787898298e-09, -2.9369745043454993e-09, 3.040372791892361e-10);
  z = z + (erfc(z) - w) * 0.886226925452758 * exp(z * z);
  y = bad ? copysign(w == 0 ? inf : (w > 0 ? z : nan), x) : y;`;

const single = formula("erfinv", "x", () => {
  const body = `w = 1 - abs(x); v = pmax(0.000244140625, w); bad = v != w;
    c0, c1, c2, c3 = row(simple, bits(v) >>> 19);
    t = v - float(bits(v) & 0x7ff80000); y = x * (c0 + t * estrin(t, c1, c2, c3));`;
  return {
    source: `${body} if (any(bad)) { y = bad ? each(erfinv, x) : y; } return y;`,
    quick: `${body} return y, bad;`,
    uses: { simple, erfinv: erfinvFormula },
    size: twoVectors,
  };
});

const erfinvFormula: Formula = formula("erfinv", "x", () => ({
  source: `${near} if (any(bad)) { ${far} } return y;`,
  quick: `${near} return y, bad;`,
  uses: { double, logReduce, logSum, erfc, exp },
  size: twoVectors,
  single,
  narrow: true,
  own: true,
}));

export const erfinvLowering = formulaLowering(erfinvFormula);
