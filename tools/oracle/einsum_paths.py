"""Contraction orders of NumPy's einsum_path: python3 tools/oracle/einsum_paths.py"""

import json
import pathlib

import numpy as np

out = pathlib.Path(__file__).parents[2] / "packages/tensor/golden/einsum-paths.json"

cases = [
    ("ij,jk,kl->il", dict(i=10, j=100, k=5, l=50)),
    ("ij,jk,kl,lm->im", dict(i=40, j=20, k=30, l=10, m=30)),
    ("pi,qj,ijkl,rk,sl->pqrs", dict(p=8, q=8, r=8, s=8, i=8, j=8, k=8, l=8)),
    ("ea,fb,abcd,gc,hd->efgh", dict(e=3, f=4, g=5, h=6, a=7, b=6, c=5, d=4)),
    ("abcd,efab,cdgh->efgh", dict(a=3, b=4, c=5, d=6, e=2, f=3, g=4, h=5)),
    ("ab,cd,ef,ac,ce,bf->", dict(a=4, b=5, c=6, d=7, e=3, f=2)),
    ("abc,bd,de,cf,fg->aeg", dict(a=10, b=6, c=7, d=3, e=9, f=2, g=8)),
    ("id,de,jf,ef,ij->", dict(i=20, j=20, d=8, e=4, f=8)),
    ("ab,bc,cd,de,ef,fg,gh->ah", dict(a=30, b=35, c=15, d=5, e=10, f=20, g=25, h=30)),
    ("ab,bc,cd,de,ef,fg,gh,hi,ij->aj", dict(a=9, b=3, c=8, d=2, e=7, f=5, g=4, h=6, i=2, j=9)),
]

rows = []
for spec, extents in cases:
    tensors = [np.empty([extents[l] for l in term]) for term in spec.split("->")[0].split(",")]
    paths = {how: np.einsum_path(spec, *tensors, optimize=how)[0][1:] for how in ["optimal", "greedy"]}
    rows.append({"spec": spec, "extents": extents, **{k: [list(p) for p in v] for k, v in paths.items()}})
out.parent.mkdir(exist_ok=True)
out.write_text(json.dumps(rows))
