"""Golden numbers for large and structured linear algebra, from SciPy: python3 tools/oracle/linalg_large.py"""

import json
import pathlib

import numpy as np
import scipy.fft
import scipy.linalg
import scipy.signal
import scipy.sparse
import scipy.sparse.csgraph
import scipy.sparse.linalg

random = np.random.default_rng(20261129)
out = pathlib.Path(__file__).parents[2] / "packages/linalg/golden/large.json"


def pair(z):
    return {"re": np.real(z).tolist(), "im": np.imag(z).tolist()}


def complex_normal(*shape):
    return random.standard_normal(shape) + 1j * random.standard_normal(shape)


transforms = []
for shape in [(2,), (31,), (37,), (97,), (211,), (5, 7), (6, 11), (13, 4), (3, 4, 5), (2, 7, 37)]:
    z = complex_normal(*shape)
    transforms.append({"x": pair(z), "y": pair(scipy.fft.fftn(z))})

convolutions = []
for shape, kernel in [((9,), (4,)), ((17,), (17,)), ((6, 7), (3, 2)), ((5, 4, 6), (2, 3, 2))]:
    x, k = random.standard_normal(shape), random.standard_normal(kernel)
    convolutions.append(
        {
            "x": x.tolist(),
            "kernel": k.tolist(),
            **{mode: scipy.signal.fftconvolve(x, k, mode).tolist() for mode in ["full", "same", "valid"]},
        }
    )

column, row = random.standard_normal(6), random.standard_normal(4)
row[0] = column[0]
v4, v6 = random.standard_normal(4), random.standard_normal(6)
toeplitz = {
    "column": column.tolist(),
    "row": row.tolist(),
    "x": v4.tolist(),
    "y": v6.tolist(),
    "ax": scipy.linalg.matmul_toeplitz((column, row), v4).tolist(),
    "aty": (scipy.linalg.toeplitz(column, row).T @ v6).tolist(),
    "circulantSolve": scipy.linalg.solve_circulant(column, v6).tolist(),
}

products = []
for sizes in [[(2, 3), (4, 2)], [(2, 2), (3, 4), (2, 3)]]:
    ms = [random.standard_normal(s) for s in sizes]
    whole = ms[0]
    for m in ms[1:]:
        whole = np.kron(whole, m)
    x = random.standard_normal((whole.shape[1], 2))
    products.append({"factors": [m.tolist() for m in ms], "x": x.tolist(), "y": (whole @ x).tolist()})
a, b = random.standard_normal((4, 3)), random.standard_normal((5, 3))
khatri_rao = {"a": a.tolist(), "b": b.tolist(), "product": scipy.linalg.khatri_rao(a, b).tolist()}

a = random.standard_normal((30, 12))
b = random.standard_normal(30)
least_squares = {
    "a": a.tolist(),
    "b": b.tolist(),
    "x": np.linalg.lstsq(a, b, rcond=None)[0].tolist(),
    "damped": np.linalg.solve(a.T @ a + 0.25 * np.eye(12), a.T @ b).tolist(),
}

s = 9
line = scipy.sparse.diags([-1, 2, -1], [-1, 0, 1], shape=(s, s))
grid = scipy.sparse.kronsum(line, line).toarray()
values = np.linalg.eigvalsh(grid)
grid_spectrum = {"side": s, "smallest": values[:5].tolist(), "largest": values[-4:].tolist()}

w = np.triu(random.uniform(0.1, 2, (6, 6)) * (random.uniform(size=(6, 6)) < 0.6), 1)
w = w + w.T
graph = {
    "adjacency": w.tolist(),
    "laplacian": scipy.sparse.csgraph.laplacian(w).tolist(),
    "normalised": scipy.sparse.csgraph.laplacian(w, normed=True).tolist(),
}

out.write_text(
    json.dumps(
        {
            "transforms": transforms,
            "convolutions": convolutions,
            "toeplitz": toeplitz,
            "kronecker": products,
            "khatriRao": khatri_rao,
            "leastSquares": least_squares,
            "grid": grid_spectrum,
            "graph": graph,
        }
    )
)
