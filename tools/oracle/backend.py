"""Golden values for the meaning of the core ops: packages/backend/golden/*.json.

    python3 tools/oracle/backend.py

transcendental.json: op -> [x, y] pairs, y = f(x) correctly rounded to float64 (mpmath, 400 bits).
numpy.json: op -> the results NumPy gives on every pair (or single value) of a grid of special values, per dtype.
Numbers JSON lacks are written as strings: "NaN", "Infinity", "-Infinity", "-0".
"""

import json
import math
import os
import warnings

import mpmath
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "packages", "backend", "golden")
warnings.filterwarnings("ignore")
mpmath.mp.prec = 400


def encode(v):
    if isinstance(v, (bool, np.bool_)):
        return bool(v)
    if isinstance(v, (int, np.integer)):
        return int(v)
    v = float(v)
    if math.isnan(v):
        return "NaN"
    if math.isinf(v):
        return "Infinity" if v > 0 else "-Infinity"
    if v == 0 and math.copysign(1, v) < 0:
        return "-0"
    return v


def save(name, what):
    with open(os.path.join(OUT, name), "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in what.items()) + "\n}")
        f.write("\n")


small = [1e-300, 1e-20, 1e-10, 1e-5, 0.001, 0.01]
unit = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.84, 0.85, 0.9, 0.95, 0.99, 0.999]
more = [1.0, 1.1, 1.24, 1.26, 1.5, 1.75, 2.0, 2.5, 2.85, 2.87, 3.0, 3.5, 4.0, 5.0, 5.9, 6.1, 7.0, 8.5, 10.0, 15.0, 20.0, 25.0]
large = [27.0, 30.0, 50.0, 88.7, 100.0, 500.0, 700.0]
huge = [1e4, 1e6, 1e15, 1e100, 1e300]
both = lambda xs: [-x for x in reversed(xs)] + xs

cbrt = lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x))
functions = {
    "sqrt": (mpmath.sqrt, small + unit + more + large + huge),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), small + unit + more + large + huge),
    "cbrt": (cbrt, both(small + unit + more + large + huge)),
    "exp": (mpmath.exp, both(small + unit + more + large)),
    "expm1": (mpmath.expm1, both(small + unit + more + large)),
    "log": (mpmath.log, small + unit + more + large + huge),
    "log1p": (mpmath.log1p, both(small + unit) + more + large + huge),
    "sin": (mpmath.sin, both(small + unit + more + large + huge)),
    "cos": (mpmath.cos, both(small + unit + more + large + huge)),
    "tan": (mpmath.tan, both(small + unit + more + large + huge)),
    "asin": (mpmath.asin, both(small + unit + [1.0])),
    "acos": (mpmath.acos, both(small + unit + [1.0])),
    "atan": (mpmath.atan, both(small + unit + more + large + huge)),
    "sinh": (mpmath.sinh, both(small + unit + more + large)),
    "cosh": (mpmath.cosh, both(small + unit + more + large)),
    "tanh": (mpmath.tanh, both(small + unit + more + large)),
    "asinh": (mpmath.asinh, both(small + unit + more + large + huge)),
    "acosh": (mpmath.acosh, more + large + huge),
    "atanh": (mpmath.atanh, both(small + unit)),
    "erf": (mpmath.erf, both(small + unit + more)),
    "erfc": (mpmath.erfc, both(small + unit + more) + [26.0, 26.5]),
}


def rounded(v):
    # mpmath rounds to nearest when converting to float, subnormals included
    return float(v)


save(
    "transcendental.json",
    {name: [[encode(x), encode(rounded(f(mpmath.mpf(x))))] for x in xs] for name, (f, xs) in functions.items()},
)

floats = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 3.0, -3.0, 7.25, -7.25, 0.1, -0.1, 1e-310, 1e300, -1e300, 2.0**53, math.inf, -math.inf, math.nan]
ints = [0, 1, -1, 2, -2, 3, -3, 7, -7, 31, 32, 12345678, 2**31 - 1, -(2**31), -(2**31) + 1]
uints = [0, 1, 2, 3, 7, 31, 32, 12345678, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1]
grids = {"float64": np.array(floats), "int32": np.array(ints, np.int32), "uint32": np.array(uints, np.uint32)}

binary_all = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "floorDiv": np.floor_divide, "mod": np.mod,
    "max": np.maximum, "min": np.minimum, "eq": np.equal, "ne": np.not_equal, "lt": np.less,
    "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}
binary_float = {"div": np.divide, "pow": np.power, "atan2": np.arctan2}
binary_int = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}
unary_all = {"neg": np.negative, "abs": np.abs, "sign": np.sign}
unary_float = {"floor": np.floor, "ceil": np.ceil, "round": np.rint, "trunc": np.trunc, "sqrt": np.sqrt}
unary_int = {"not": np.invert}

numpy = {}
for dtype, grid in grids.items():
    x, y = (a.ravel() for a in np.meshgrid(grid, grid, indexing="ij"))
    is_float = dtype == "float64"
    rows = {}
    for name, f in {**binary_all, **(binary_float if is_float else binary_int)}.items():
        rows[name] = [encode(v) for v in f(x, y)]
    for name, f in {**unary_all, **(unary_float if is_float else unary_int)}.items():
        rows[name] = [encode(v) for v in f(grid)]
    numpy[dtype] = {"grid": [encode(v) for v in grid], "results": rows}

line = np.array([2.0, -0.0, math.nan, 1.0, 0.0, -math.inf, math.nan, math.inf, 1.0])
before = line[:2]
numpy["line"] = {
    "values": [encode(v) for v in line],
    "argsort": [int(v) for v in np.argsort(line, kind="stable")],
    "argmax": int(np.argmax(line)),
    "argmin": int(np.argmin(line)),
    "argmaxWithoutNaN": int(np.argmax(line[[0, 1, 3, 4, 5, 7, 8]])),
    "max": encode(np.max(line)),
    "cumSum": [encode(v) for v in np.cumsum(line)],
    "cumMax": [encode(v) for v in np.maximum.accumulate(line)],
    "cumMin": [encode(v) for v in np.minimum.accumulate(line)],
}
save("numpy.json", numpy)
