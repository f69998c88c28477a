"""Near-minimax polynomials for packages/backend-wasm/src/runtime/math.ts: interpolation at Chebyshev points with 60 digits,
rounded to doubles. Prints the coefficients, lowest first, and the worst error on the interval, in bits.

    python3 tools/oracle/polynomials.py [name]
"""
import sys
from mpmath import mp, mpf, cos, pi, exp, log, sin, tan, sqrt, atan, asin, erf, erfc, tanh, matrix, lu_solve

mp.dps = 80


def fit(g, a, b, degree, weight=lambda x: mpf(1), single=False):
    """Coefficients c with weight(x)·(sum c_k x^k - g(x)) small on [a, b]; the lowest are rounded first, the others then refitted."""
    a, b = mpf(a), mpf(b)
    m = 6 * (degree + 1)
    nodes = [(a + b) / 2 + (b - a) / 2 * cos((2 * i + 1) * pi / (2 * m)) for i in range(m)]
    nodes = [x for x in nodes if abs(x) > mpf(10) ** -30]
    # near-minimax: the nodes are Chebyshev points, so plain least squares has the Chebyshev weight
    w = [weight(x) for x in nodes]
    rest = [g(x) for x in nodes]
    done = []
    for k in range(degree + 1):
        n = degree + 1 - k
        A = matrix(len(nodes), n)
        y = matrix(len(nodes), 1)
        for i, x in enumerate(nodes):
            y[i] = rest[i] * w[i]
            for j in range(n):
                A[i, j] = w[i] * x ** (k + j)
        At = A.T
        c = lu_solve(At * A, At * y)
        ck = float(c[0])
        if single:
            import numpy as np
            ck = float(np.float32(ck))
        done.append(ck)
        rest = [r - mpf(ck) * x ** k for r, x in zip(rest, nodes)]
    worst = mpf(0)
    for i in range(401):
        x = a + (b - a) * i / 400
        if abs(x) < mpf(10) ** -30:
            continue
        p = sum(mpf(ck) * x ** k for k, ck in enumerate(done))
        worst = max(worst, abs(weight(x) * (p - g(x))))
    return done, float(log(worst, 2))


h = log(2) / 2
r2 = sqrt(2)
smax = (r2 - 1) / (r2 + 1)


def series(terms):
    return lambda z: terms(z) if z else mpf(0)


def limit(g, at0):
    return lambda x: at0 if abs(x) < mpf(10) ** -25 else g(x)


def scaled_erfc(x):
    return exp(x * x) * erfc(x) * (1 + 2 * x)


def erfinv_over_x(w):
    """erf⁻¹(x) / x with w = -log(1 - x²)."""
    x = sqrt(-mp.expm1(-w))
    return mp.erfinv(x) / x


jobs = {
    # e^r = 1 + r + r² q(r)
    "exp": lambda: fit(limit(lambda r: (exp(r) - 1 - r) / r ** 2, mpf(1) / 2), -h * 1.01, h * 1.01, 9, lambda r: r ** 2 * exp(-r)),
    "exp10": lambda: fit(limit(lambda r: (exp(r) - 1 - r) / r ** 2, mpf(1) / 2), -h * 1.01, h * 1.01, 10, lambda r: r ** 2 * exp(-r)),
    # the same, relative to e^r - 1 ~ r
    "expm1": lambda: fit(limit(lambda r: (exp(r) - 1 - r) / r ** 2, mpf(1) / 2), -h * 1.01, h * 1.01, 10, lambda r: r),
    # log((1+s)/(1-s)) = 2s + s R(s²) s², R in z = s²
    "log": lambda: fit(lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) - 2 * sqrt(z)) / (z * sqrt(z)), mpf(10) ** -12, smax ** 2 * 1.01, 6, lambda z: z),
    "log2": lambda: fit(lambda z: ((log((1 + sqrt(z)) / (1 - sqrt(z))) - 2 * sqrt(z)) / (z * sqrt(z)) - mpf(2) / 3) / z, mpf(10) ** -9, smax ** 2 * 1.01, 6, lambda z: z * z),
    "sin": lambda: fit(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, (pi / 4) ** 2 * 1.01, 5, lambda z: z),
    "cos": lambda: fit(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z ** 2, mpf(10) ** -12, (pi / 4) ** 2 * 1.01, 5, lambda z: z * z),
    "atan": lambda: fit(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, (r2 - 1) ** 2 * 1.01, 10, lambda z: z),
    "asin": lambda: fit(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, mpf(1) / 4, 12, lambda z: z),
    # tanh a = a + a z p(z), a ≤ 0.55
    "tanh": lambda: fit(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, mpf("0.3026"), 10, lambda z: z),
    "erf": lambda: fit(lambda z: erf(sqrt(z)) / sqrt(z) - 1, mpf(10) ** -12, mpf("0.85") ** 2, 12),
    # erfc(x) = e^(-x²) g(t) / (1 + 2x), t = (x - 4)/(x + 4), x in [0.84, 28]
    "erfc": lambda: fit(lambda t: scaled_erfc(4 * (1 + t) / (1 - t)), (mpf("0.84") - 4) / (mpf("0.84") + 4), mpf(24) / 32, 22),
    # r^(-1/3) for r = t³/x around 1, t the first guess of cbrt(x)
    "cbrt": lambda: fit(lambda r: r ** (mpf(-1) / 3), mpf("0.9"), mpf("1.1"), 4),
    # float32: coefficients rounded to single
    "exp_f32": lambda: fit(limit(lambda r: (exp(r) - 1 - r) / r ** 2, mpf(1) / 2), -h * 1.01, h * 1.01, 4, lambda r: r ** 2 * exp(-r), True),
    "expm1_f32": lambda: fit(limit(lambda r: (exp(r) - 1 - r) / r ** 2, mpf(1) / 2), -h * 1.01, h * 1.01, 4, lambda r: r, True),
    "log_f32": lambda: fit(lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) - 2 * sqrt(z)) / (z * sqrt(z)), mpf(10) ** -12, smax ** 2 * 1.01, 2, lambda z: z, True),
    # 2^f = 1 + f p(f), |f| ≤ ½
    "exp2_f32": lambda: fit(limit(lambda f: (mpf(2) ** f - 1) / f, log(2)), -mpf("0.501"), mpf("0.501"), 5, lambda f: f * mpf(2) ** -f, True),
    "tanh_f32": lambda: fit(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, mpf("0.3026"), 4, lambda z: z, True),
    # erf⁻¹(x) = x p(t) far out: t = √w - 4 for w > 6.2 (packages/tensor/src/special/erfinv.ts)
    "erfinv_far": lambda: fit(lambda t: erfinv_over_x((t + 4) ** 2), mpf("-1.501"), mpf("2.02"), 18, lambda t: 1 / erfinv_over_x((t + 4) ** 2)),
    # sine and cosine in float64 arithmetic for float32 results
    "sin_short": lambda: fit(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, (pi / 4) ** 2 * 1.01, 3, lambda z: z),
    "cos_short": lambda: fit(lambda z: (cos(sqrt(z)) - 1) / z, mpf(10) ** -12, (pi / 4) ** 2 * 1.01, 3, lambda z: z),
    # the factors of a power, log((1+s)/(1-s)) = s (2 + z p(z)) and e^r = 1 + r p(r)
    "log_short": lambda: fit(lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) - 2 * sqrt(z)) / (z * sqrt(z)), mpf(10) ** -12, smax ** 2 * 1.01, 4, lambda z: z),
    "exp_short": lambda: fit(limit(lambda r: (exp(r) - 1) / r, mpf(1)), -h * 1.01, h * 1.01, 6, lambda r: r * exp(-r)),
    # and in float32 arithmetic
    "sin_f32": lambda: fit(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, (pi / 4) ** 2 * 1.01, 2, lambda z: z, True),
    "cos_f32": lambda: fit(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z ** 2, mpf(10) ** -12, (pi / 4) ** 2 * 1.01, 2, lambda z: z * z, True),
    "tan_f32": lambda: fit(lambda z: (tan(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -12, (pi / 4) ** 2 * 1.01, 5, lambda z: z * sqrt(z) / tan(sqrt(z)), True),
    "erf_f32": lambda: fit(lambda z: erf(sqrt(z)) / sqrt(z) - 1, mpf(10) ** -12, mpf("0.85") ** 2, 5, lambda z: sqrt(z) / erf(sqrt(z)), True),
    # erfc a = 2^p(a) for a in [0.84, 4], so good that 1 - erfc a is
    "erfc_f32": lambda: fit(lambda a: log(erfc(a), 2), mpf("0.84"), mpf("4"), 7, lambda a: erfc(a), True),
}
if __name__ == "__main__":
    for name in sys.argv[1:] or jobs:
        c, bits = jobs[name]()
        print(name, "error 2^%.1f" % bits)
        print("  " + ", ".join(repr(v) for v in c))
