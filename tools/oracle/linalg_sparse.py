"""Golden numbers for sparse products and direct solvers, from SciPy: python3 tools/oracle/linalg_sparse.py"""

import json
import pathlib

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg

random = np.random.default_rng(20261130)
out = pathlib.Path(__file__).parents[2] / "packages/linalg/golden/sparse.json"


def entries(m):
    c = m.tocoo()
    return {"shape": list(c.shape), "rows": c.row.tolist(), "columns": c.col.tolist(), "values": c.data.tolist()}


a, b = [sp.random(9, 9, 0.25, format="csr", random_state=random) for _ in range(2)]
c = (a @ b).tocsr()
c.sort_indices()


def grid(side):
    line = sp.diags([-np.ones(side - 1), 2 * np.ones(side), -np.ones(side - 1)], [-1, 0, 1])
    return sp.kronsum(line, line).tocsc()


symmetric = dict(SymmetricMode=True)
lu = scipy.sparse.linalg.splu(grid(30), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=symmetric)
x = scipy.sparse.linalg.spsolve(grid(50), np.sin(np.arange(2500)))
at = list(range(0, 2500, 97))

out.write_text(
    json.dumps(
        {
            "a": entries(a),
            "b": entries(b),
            "product": {"pointers": c.indptr.tolist(), "columns": c.indices.tolist(), "values": c.data.tolist()},
            "fill": int(lu.L.nnz),
            "poisson": {"at": at, "x": x[at].tolist()},
        }
    )
    + "\n"
)
