"""Linear algebra of packages/linalg: golden values of LAPACK through SciPy.

    python3 tools/oracle/linalg.py

Writes packages/linalg/golden/linalg.json: cases with the matrix and what SciPy makes of it. Signs of vectors are free, so only what does not depend
on them is kept.
"""

import json
import os

import numpy as np
import scipy.fft
import scipy.linalg as sl

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "packages", "linalg", "golden", "linalg.json")
rng = np.random.default_rng(20261121)


def plain(x):
    return np.asarray(x).tolist()


def pair(z):
    return {"re": plain(np.real(z)), "im": plain(np.imag(z))}


def by_value(z):
    return z[np.lexsort((np.imag(z), np.round(np.real(z), 9)))]


matrices = {
    "random": rng.normal(size=(6, 6)),
    "rotation": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "badly scaled": np.array([[1, 1e6, 1e9], [1e-6, 2, 1e3], [1e-9, 1e-3, 3]]),
    "defective": np.array([[2.0, 1, 0], [0, 2, 0], [0, 0, 3]]),
    "companion": np.diag(np.ones(4), -1) + np.outer(np.eye(5)[0], [1.0, -2, 3, -4, 5]),
    "hilbert": sl.hilbert(5),
}
general = []
for name, a in matrices.items():
    spd = a @ a.T + np.eye(len(a))
    general.append(
        {
            "name": name,
            "a": plain(a),
            "eigenvalues": pair(by_value(sl.eigvals(a))),
            "singularValues": plain(sl.svdvals(a)),
            "det": float(sl.det(a)),
            "inv": plain(sl.inv(a)),
            "expm": plain(sl.expm(a / np.linalg.norm(a, 1) * 8)),
            "sqrtm": plain(np.real(sl.sqrtm(spd))),
            "logm": plain(np.real(sl.logm(spd))),
            "sqrtmGeneral": plain(np.real(sl.sqrtm(a / np.linalg.norm(a, 1) + np.eye(len(a)) * 1.5))),
            "logmGeneral": plain(np.real(sl.logm(a / np.linalg.norm(a, 1) + np.eye(len(a)) * 1.5))),
            "qr": plain(sl.qr(a)[1]),
            "polar": plain(sl.polar(a)[0]),
            "cond": float(np.linalg.cond(a)),
            "norms": {"1": float(sl.norm(a, 1)), "2": float(sl.norm(a, 2)), "inf": float(sl.norm(a, np.inf)), "fro": float(sl.norm(a)), "nuc": float(sl.norm(a, "nuc"))},
        }
    )

least = []
for m, n, rank in [(6, 3, 3), (3, 6, 3), (6, 4, 2), (4, 6, 2)]:
    a = rng.normal(size=(m, rank)) @ rng.normal(size=(rank, n))
    b = rng.normal(size=(m, 2))
    least.append({"a": plain(a), "b": plain(b), "x": plain(sl.lstsq(a, b, cond=1e-12)[0]), "pinv": plain(sl.pinv(a, rtol=1e-12)), "rank": rank})

transforms = []
for n in [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 30, 31, 37, 64, 97, 101]:
    z = rng.normal(size=n) + 1j * rng.normal(size=n)
    transforms.append({"x": pair(z), "fft": pair(scipy.fft.fft(z)), "rfft": pair(scipy.fft.rfft(z.real))})

os.makedirs(os.path.dirname(OUT), exist_ok=True)
with open(OUT, "w") as f:
    json.dump({"general": general, "leastSquares": least, "transforms": transforms}, f)
    f.write("\n")
