"""Direct solvers and clustered spectra of packages/linalg: SciPy, and mpmath with 50 digits where double precision is not truth enough.

    python3 tools/oracle/linalg_dense.py

Writes packages/linalg/golden/dense.json.
"""

import json
import os

import mpmath as mp
import numpy as np
import scipy.linalg as sl

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "packages", "linalg", "golden", "dense.json")
rng = np.random.default_rng(20261129)
mp.mp.dps = 50


def plain(x):
    return np.asarray(x, dtype=float).tolist()


def exact(a):
    return mp.matrix([[mp.mpf(float(x)) for x in row] for row in np.asarray(a)])


def rounded(m):
    return [[float(m[i, j]) for j in range(m.cols)] for i in range(m.rows)]


ldl = []
for name, n, s in [("random", 7, None), ("saddle point", 6, "saddle"), ("zero diagonal", 5, "zero")]:
    a = rng.normal(size=(n, n))
    a = a + a.T
    if s == "saddle":
        a[3:, 3:] = 0
    if s == "zero":
        np.fill_diagonal(a, 0)
    l, d, p = sl.ldl(a, lower=True)
    w = sl.eigvalsh(a)
    b = rng.normal(size=(n, 2))
    ldl.append({"name": name, "a": plain(a), "l": plain(l[p]), "d": plain(d), "permutation": p.tolist(), "negative": int((w < 0).sum()), "b": plain(b), "x": plain(sl.solve(a, b))})

banded = []
for n, lower, upper in [(2, 0, 0), (6, 1, 1), (9, 2, 1), (9, 0, 3), (4, 3, 2)]:
    ab = rng.normal(size=(lower + upper + 1, n))
    b = rng.normal(size=(n, 2))
    banded.append({"lower": lower, "upper": upper, "ab": plain(ab), "b": plain(b), "x": plain(sl.solve_banded((lower, upper), ab, b))})
definite = []
for n, p in [(1, 0), (6, 1), (9, 3)]:
    ab = rng.normal(size=(p + 1, n))
    ab[0] = 2 * p + 2 + abs(ab[0])
    b = rng.normal(size=(n, 2))
    definite.append({"ab": plain(ab), "b": plain(b), "x": plain(sl.solveh_banded(ab, b, lower=True))})

toeplitz = []
for n in [1, 2, 5, 12]:
    c, r = rng.normal(size=n), rng.normal(size=n)
    c[0] = r[0] = 4
    b = rng.normal(size=(n, 2))
    toeplitz.append({"c": plain(c), "r": plain(r), "b": plain(b), "x": plain(sl.solve_toeplitz((c, r), b)), "circulant": plain(sl.solve_circulant(c, b))})

generalized = []
for n in [1, 2, 6]:
    a, m = rng.normal(size=(n, n)), rng.normal(size=(n, n))
    a, m = a + a.T, m @ m.T + np.eye(n)
    w = sl.eigh(a, m, eigvals_only=True)
    generalized.append({"a": plain(a), "b": plain(m), "values": plain(w)})


def phi(a, k):
    """φ_k by its series, in high precision."""
    m = exact(a)
    total = mp.matrix(m.rows, m.rows)
    term = mp.eye(m.rows) / mp.factorial(k)
    j = 0
    while mp.mnorm(term, 1) > mp.mpf(10) ** -45 or j < 5:
        total += term
        j += 1
        term = term * m / (k + j)
        if j > 2000:
            raise ValueError("no convergence")
    return rounded(total)


phis = []
for name, a in {
    "zero": np.zeros((2, 2)),
    "nilpotent": np.diag([1.0, 1.0], 1),
    "random": rng.normal(size=(4, 4)),
    "stiff": np.array([[-30.0, 1], [0, -0.1]]),
    "singular": np.array([[1.0, 2], [2, 4]]),
}.items():
    phis.append({"name": name, "a": plain(a), "phi": [phi(a, k) for k in range(4)]})

q = sl.qr(rng.normal(size=(4, 4)))[0]
e = rng.normal(size=(4, 4))
e = e + e.T
clustered = []
for gap in [0, 1e-14, 1e-11, 1e-8, 1e-5]:
    a = q @ np.diag([1, 1 + gap, 1 + 2 * gap, 2]) @ q.T
    a = (a + a.T) / 2
    m, d = exact(a), exact(e)
    w = mp.eigsy(m, eigvals_only=True)
    big = mp.matrix(8, 8)
    for i in range(4):
        for j in range(4):
            big[i, j] = big[i + 4, j + 4] = m[i, j]
            big[i, j + 4] = d[i, j]
    frechet = mp.expm(big)
    second = sum(d[j, i] * frechet[i, j + 4] for i in range(4) for j in range(4))
    s = mp.svd_r(m, compute_uv=False)
    clustered.append(
        {"gap": gap, "a": plain(a), "values": [float(x) for x in w], "singular": [float(x) for x in s], "expm": rounded(mp.expm(m)), "second": float(second)}
    )

with open(OUT, "w") as f:
    json.dump(
        {
            "ldl": ldl,
            "banded": banded,
            "definite": definite,
            "toeplitz": toeplitz,
            "generalized": generalized,
            "phi": phis,
            "direction": plain(e),
            "clustered": clustered,
        },
        f,
    )
    f.write("\n")
