import type { Formula } from "../runtime";
import * as math from "../runtime/math";
import type { EmitScalar, ScalarOp } from "./scalar-op";
// By their names: a bundler sees no purity through a namespace.
import {
  abs as oneAbs,
  arithmetic as oneArithmetic,
  bitcast as oneBitcast,
  called as oneCalled,
  clamp as oneClamp,
  compare as oneCompare,
  convert as oneConvert,
  division as oneDivision,
  equal as oneEqual,
  extreme as oneExtreme,
  floorDivInt as oneFloorDivInt,
  modInt as oneModInt,
  neg as oneNeg,
  not as oneNot,
  onFloat as oneOnFloat,
  rsqrt as oneRsqrt,
  shift as oneShift,
  sign as oneSign,
  unsignedMin as oneUnsignedMin,
} from "./scalar-ops";
import { addThreefry, threefryLanes } from "./threefry";
import {
  absolute as lanesAbsolute,
  always as lanesAlways,
  arithmetic as lanesArithmetic,
  atLeastZero as lanesAtLeastZero,
  called as lanesCalled,
  clamp as lanesClamp,
  compare as lanesCompare,
  convert as lanesConvert,
  extreme as lanesExtreme,
  isFloat as lanesIsFloat,
  logic as lanesLogic,
  negate as lanesNegate,
  notKey as lanesNotKey,
  numeric as lanesNumeric,
  onFloat as lanesOnFloat,
  only as lanesOnly,
  pseudo as lanesPseudo,
  rsqrt as lanesRsqrt,
  select as lanesSelect,
  sign as lanesSign,
} from "./vector-ops";

// The elementwise core ops, one object each, and the compiler's own.

const op = /* @__NO_SIDE_EFFECTS__ */ (
  name: string,
  work: number,
  emit: EmitScalar,
  over?: ScalarOp["lanes"],
  more?: Partial<ScalarOp>,
): ScalarOp => ({ name, work, emit, lanes: over, ...more });

export const elementary = /* @__NO_SIDE_EFFECTS__ */ (of: Formula): ScalarOp => ({
  name: of.name,
  work: 15,
  formula: of,
  emit: oneCalled(of),
  lanes: lanesCalled(of),
});

export const neg = op("neg", 1, oneNeg, lanesOnly(lanesNumeric, lanesNegate));
export const abs = op(
  "abs",
  1,
  oneAbs,
  lanesOnly((d) => lanesIsFloat(d) || d === "int32", lanesAbsolute),
);
export const sign = op("sign", 4, oneSign, lanesOnly(lanesIsFloat, lanesSign));
export const add = op("add", 1, oneArithmetic("add"), lanesOnly(lanesNumeric, lanesArithmetic("add")));
export const sub = op("sub", 1, oneArithmetic("sub"), lanesOnly(lanesNumeric, lanesArithmetic("sub")));
export const mul = op("mul", 1, oneArithmetic("mul"), lanesOnly(lanesNumeric, lanesArithmetic("mul")));
export const div = op("div", 4, oneOnFloat("div"), lanesOnly(lanesIsFloat, lanesOnFloat("div")));
export const floorDiv = op("floorDiv", 4, oneDivision(math.floorDiv, oneFloorDivInt), lanesCalled(math.floorDiv));
export const mod = op("mod", 4, oneDivision(math.mod, oneModInt), lanesCalled(math.mod));
export const max = op("max", 1, oneExtreme("max"), lanesOnly(lanesNotKey, lanesExtreme("max")));
export const min = op("min", 1, oneExtreme("min"), lanesOnly(lanesNotKey, lanesExtreme("min")));

// Of x and a known number that is not NaN: the pseudo instruction keeps a NaN of x. Zeros compare equal to it, so that x comes through; +0 is
// more than -0 (a sum with +0 says so), and no number is asked here to be at most -0.
export const atLeast = op("atLeast", 1, oneExtreme("max"), lanesAlways(lanesPseudo("pmax")));
export const atMost = op("atMost", 1, oneExtreme("min"), lanesAlways(lanesPseudo("pmin")));
export const atLeastZero = op("atLeastZero", 1, oneExtreme("max"), lanesAlways(lanesAtLeastZero));

export const eq = op("eq", 1, oneEqual("eq"), lanesOnly(lanesNumeric, lanesCompare("eq")));
export const ne = op("ne", 1, oneEqual("ne"), lanesOnly(lanesNumeric, lanesCompare("ne")));
export const lt = op("lt", 1, oneCompare("lt"), lanesOnly(lanesNumeric, lanesCompare("lt")));
export const le = op("le", 1, oneCompare("le"), lanesOnly(lanesNumeric, lanesCompare("le")));
export const gt = op("gt", 1, oneCompare("gt"), lanesOnly(lanesNumeric, lanesCompare("gt")));
export const ge = op("ge", 1, oneCompare("ge"), lanesOnly(lanesNumeric, lanesCompare("ge")));

export const and = op("and", 1, (f) => void f.i32.and(), lanesAlways(lanesLogic("and")));
export const or = op("or", 1, (f) => void f.i32.or(), lanesAlways(lanesLogic("or")));
export const xor = op("xor", 1, (f) => void f.i32.xor(), lanesAlways(lanesLogic("xor")));
export const not = op(
  "not",
  1,
  oneNot,
  lanesAlways((f) => void f.v128.not()),
);
export const shiftLeft = op("shiftLeft", 1, oneShift("shl"), undefined, { shift: "shl" });
export const shiftRightLogical = op("shiftRightLogical", 1, oneShift("shr_u"), undefined, { shift: "shr_u" });
export const shiftRightArithmetic = op(
  "shiftRightArithmetic",
  1,
  (f) => {
    oneUnsignedMin(f, 31);
    f.i32.shr_s();
  },
  undefined,
  { shift: "shr_s" },
);

export const floor = op("floor", 1, oneOnFloat("floor"), lanesAlways(lanesOnFloat("floor")));
export const ceil = op("ceil", 1, oneOnFloat("ceil"), lanesAlways(lanesOnFloat("ceil")));
export const trunc = op("trunc", 1, oneOnFloat("trunc"), lanesAlways(lanesOnFloat("trunc")));
export const round = op("round", 1, oneOnFloat("nearest"), lanesAlways(lanesOnFloat("nearest")));
export const sqrt = op("sqrt", 4, oneOnFloat("sqrt"), lanesAlways(lanesOnFloat("sqrt")));
export const rsqrt = op("rsqrt", 4, oneRsqrt, lanesAlways(lanesRsqrt));

export const cbrt = elementary(math.cbrt);
export const exp = elementary(math.exp);
export const expm1 = elementary(math.expm1);
export const log = elementary(math.log);
export const log1p = elementary(math.log1p);
export const sin = elementary(math.sin);
export const cos = elementary(math.cos);
export const tan = elementary(math.tan);
export const asin = elementary(math.asin);
export const acos = elementary(math.acos);
export const atan = elementary(math.atan);
export const sinh = elementary(math.sinh);
export const cosh = elementary(math.cosh);
export const tanh = elementary(math.tanh);
export const asinh = elementary(math.asinh);
export const acosh = elementary(math.acosh);
export const atanh = elementary(math.atanh);
export const erf = elementary(math.erf);
export const erfc = elementary(math.erfc);
export const pow = elementary(math.pow);
export const atan2 = elementary(math.atan2);

export const select = op("select", 1, (f) => void f.select(), lanesAlways(lanesSelect), { order: [1, 2, 0] });
export const clamp = op("clamp", 1, oneClamp, lanesOnly(lanesNumeric, lanesClamp), { order: [1, 0, 2] });
export const convert = op("convert", 1, oneConvert, lanesAlways(lanesConvert));
export const bitcast = op(
  "bitcast",
  1,
  oneBitcast,
  lanesAlways(() => {}),
);

/** threefry2x32 on (key, counter high, counter low) → key. */
export const threefry = op("threefry", 40, (f, _, __, c) => void f.call(c.once("threefry", addThreefry)), undefined, {
  words: threefryLanes,
});
export const keyFirst = op("keyFirst", 1, (f) => void f.i32.wrap_i64(), undefined, { word: 0 });
export const keySecond = op("keySecond", 1, (f) => void f.i64.const(32).i64.shr_u().i32.wrap_i64(), undefined, {
  word: 1,
});
export const divUnsigned = op("divUnsigned", 4, (f) => void f.i32.div_u());
export const remUnsigned = op("remUnsigned", 4, (f) => void f.i32.rem_u());
export const belowUnsigned = op("belowUnsigned", 1, (f) => void f.i32.lt_u());
