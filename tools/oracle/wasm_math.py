"""Golden values for packages/backend-wasm/src/runtime/math.ts -> packages/backend-wasm/golden/math.json.

    python3 tools/oracle/wasm_math.py

op -> rows [argument…, y, rest]: y is the value rounded to float64, rest what rounding took away, in units in the last place
of y, so that errors below one unit can be told. Arguments: spread over the range where the function varies, and (HARD) those
with the largest errors found by a search over 150,000 random arguments.
"""
import json
import math
import os
import random

import mpmath
from mpmath import mpf

mpmath.mp.prec = 400
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packages", "backend-wasm", "golden")

UNARY = {
    "exp": mpmath.exp, "expm1": mpmath.expm1, "log": mpmath.log, "log1p": mpmath.log1p,
    "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "asin": mpmath.asin, "acos": mpmath.acos, "atan": mpmath.atan,
    "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh,
    "asinh": mpmath.asinh, "acosh": mpmath.acosh, "atanh": mpmath.atanh,
    "erf": mpmath.erf, "erfc": mpmath.erfc, "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
}
BINARY = {"pow": mpmath.power, "atan2": mpmath.atan2}

rng = random.Random(20240229)


def lin(a, b):
    return lambda: rng.uniform(a, b)


def log(a, b, signed=True):
    return lambda: math.exp(rng.uniform(math.log(a), math.log(b))) * (rng.choice((-1, 1)) if signed else 1)


def near_one():
    return 1 - math.exp(-30 * rng.random())


ANGLES = [lin(-10, 10), lin(-1e5, 1e5), log(1e-10, 1e308), lin(-1, 1)]
RANGES = {
    "exp": [lin(-708, 709.7), lin(-5, 5), lin(-745, -708), log(1e-20, 1)],
    "expm1": [lin(-2, 2), lin(-40, 709), log(1e-300, 1)],
    "log": [lin(0.5, 2), log(1e-320, 1e308, False), lin(0.9, 1.1)],
    "log1p": [lin(-0.9999, 2), log(1e-300, 1e300, False), lin(-0.5, 0.5)],
    "sin": ANGLES, "cos": ANGLES, "tan": ANGLES,
    "asin": [lin(-1, 1), log(1e-300, 1), near_one], "acos": [lin(-1, 1), near_one],
    "atan": [lin(-3, 3), log(1e-300, 1e300), lin(-0.5, 0.5)],
    "sinh": [lin(-3, 3), lin(-710, 710), log(1e-300, 1)], "cosh": [lin(-3, 3), lin(-710, 710)],
    "tanh": [lin(-3, 3), lin(-20, 20), log(1e-300, 1)],
    "asinh": [lin(-3, 3), log(1e-300, 1e308)], "acosh": [lin(1, 3), log(1, 1e308, False)],
    "atanh": [lin(-1, 1), log(1e-300, 1), near_one],
    "erf": [lin(-3, 3), lin(-6, 6), log(1e-300, 1)], "erfc": [lin(-3, 3), lin(-6, 26.5)],
    "cbrt": [lin(-10, 10), log(1e-320, 1e308)],
    "pow": [lin(0.5, 2), log(1e-3, 1e3, False)], "atan2": [lin(-2, 2), log(1e-10, 1e10)],
}
HARD = {
    "exp": [-381.5463751568831, 3.8262032736934675, -3.094496028181435, -4.479408662381306, -392.6498925955517, -609.6115546416275],
    "expm1": [0.36280196064065784, 0.4046366724186443, 0.3499723898098184, 37.40746296780857, 0.3500081506234327, 0.3488972380566966, 0.35671694651675034, 0.3843098805164926, 0.37959382365287153, 0.349776043070392],
    "log": [1.3975709597942199, 1.4097689199180234, 1.4067800493014784, 2.7114708522832376, 0.62836164213169, 0.6343428188316729],
    "log1p": [0.3976279530684679, -0.2931957696453714, 1.7134311785915897, -0.29313777558271126, 0.40705731203967643, 0.41148814699704084],
    "sin": [-0.8172922068831019, 0.8157354699342105, 42980.94455244558, -0.8499972974602334, -0.8443385789173763, -8.618415499418134],
    "cos": [30068.94105377169, -52834.57448773914, -6.302140912369648e+95, -790280731507129.5, -0.7156056515000977, -0.7106255168250883],
    "tan": [-2.2624154406174374e+252, 1.5810908597174473e+132, 0.7390226761791252, 7.035020161805569, -0.7460732604662119, 42271.95570111464],
    "asin": [-0.5051858189873444, -0.5029450662351593, -0.5370832409266968, -0.5046435935436808, 0.9807880971997365, 0.502449877991942],
    "acos": [-0.5168753169512905, -0.5072904094349049, -0.5316271593853925, -0.516295289375079, -0.5120631601801515, -0.5316316202867648],
    "atan": [0.45703473421873103, 0.48258981151395713, 0.4217490163905021, -0.45867411694454907, -0.45599384085107314, -0.4699699956383386],
    "sinh": [-0.22650640442295533, 0.23803981077188965, 0.23677692737665001, 0.4161742499236549, 0.03106973638241876, 0.19268089127166999, 0.42864790828306143, 0.35957406564565764, -0.4164982117813222, -0.45713412080810256, -0.3548711583713713, -0.43990489986940773],
    "cosh": [2.4770875812092576, -2.4394644967341086, 1.7458704093839703, 2.4712074131088677, -1.7861177812527134, 2.485967817249496],
    "tanh": [-0.5685150202013345, -0.5725305301524344, 0.6479815596457374, -0.21988140411626222, -0.03049069981064395, -0.24179024539582628, -0.20494721628470147, 3.6474217957469396e-09, 0.23147084457395728],
    "asinh": [-0.5156666551770055, 0.47310375129727245, -0.22669381813881362, 1.1107028660137388, 1.12548850666996, -0.015505358260259783],
    "acosh": [1.0305870831072639, 1.0019511881781606, 1.007379213606169, 1.007519487864619, 1.0001205665085022, 1.0004811090190229],
    "atanh": [0.4301085654607865, 0.23510093913937968, 0.23564476055725847, -0.23408791882010327, -0.24030520174288195, 0.22915433360940263],
    "erf": [0.9850515181416095, 0.9334132913907971, 0.9066591293554938, -1.0638083114053085, -0.8274398045208842, 0.9285277631342765],
    "erfc": [6.209523666545811, 13.893849009342045, 14.902572742211206, 23.616247491683275, 21.944372863836268, 0.8280444683353059],
    "cbrt": [-8.505024777643822, -1231286.8881991415, 1.9691693238652608, 1.8510129157951264e-138, 2.3351424135361825, -1.118435962022205e+286],
    "pow": [[0.9163556586151613, -2710.1216341505597], [2.0656433718724587, -746.7004288939389], [0.7995715959147321, -2920.620918264681], [0.9509718122915073, -8790.453713266981], [0.5007257605670858, 561.6010559181044], [1.0910310775633878, -6368.101898335364]],
    "atan2": [[0.28636168947774765, 0.590676738680691], [-0.6553363103254095, 1.507368830975059], [0.6065592859032618, 1.311347214776672], [-0.6586086637438009, 1.5142652996328727], [-0.7787865061931005, 1.6397571795997643], [-0.6559858093587425, 1.541419219637791]],
}


def row(f, args):
    exact = f(*[mpf(a) for a in args])
    y = float(exact)
    if not math.isfinite(y):
        return None
    return [*args, y, round(float((exact - mpf(y)) / mpf(math.ulp(y))), 3)]


def main():
    out = {}
    # the closest a float64 comes to a multiple of a quarter turn
    angles = [6381956970095103 * 2.0**797, 5.319372648326541e255, math.pi, 1.5707963267948966, 11.0, 1e22, 1.7976931348623157e308]
    for name, f in UNARY.items():
        args = [g() for g in RANGES[name] for _ in range(60 // len(RANGES[name]))] + HARD[name]
        if name in ("sin", "cos", "tan"):
            args += angles
        out[name] = [r for r in (row(f, [a]) for a in args) if r]
    for name, f in BINARY.items():
        pairs = list(HARD[name])
        for g in RANGES[name]:
            for _ in range(40):
                x = g()
                y = rng.uniform(-1, 1) * 700 / abs(math.log(x)) if name == "pow" else g()
                pairs.append([x, y])
        out[name] = [r for r in (row(f, p) for p in pairs) if r]
    os.makedirs(OUT, exist_ok=True)
    with open(os.path.join(OUT, "math.json"), "w") as file:
        lines = ",\n".join(f"{json.dumps(n)}: [\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]" for n, rows in out.items())
        file.write("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
