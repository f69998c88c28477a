"""NumPy's answers for the functions of packages/tensor: packages/tensor/golden/numpy.json.

    python3 tools/oracle/tensor.py

Each row is [function, arguments, NumPy's result]; a dict as last argument is the options. Arrays are nested lists, {"int": …} an int32 array,
{"bool": …} a mask; numbers JSON lacks are strings. printing.json: [values, dtype, str(), repr()].
"""

import json
import math
import os
import warnings

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "packages", "tensor", "golden")
warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)


def encode(v):
    if isinstance(v, np.ndarray):
        if v.dtype == np.bool_:
            return {"bool": v.tolist()}
        if np.issubdtype(v.dtype, np.integer):
            return {"int": v.tolist(), "shape": list(v.shape)}
        return encode(v.tolist())
    if isinstance(v, (list, tuple)):
        return [encode(x) for x in v]
    if isinstance(v, dict):
        return {k: encode(x) for k, x in v.items()}
    if isinstance(v, (bool, np.bool_)):
        return bool(v)
    if isinstance(v, (int, np.integer)):
        return int(v)
    if v is None or isinstance(v, str):
        return v
    v = float(v)
    if math.isnan(v):
        return "NaN"
    if math.isinf(v):
        return "Infinity" if v > 0 else "-Infinity"
    if v == 0 and math.copysign(1, v) < 0:
        return "-0"
    return v


rows = []


def row(name, args, result):
    if isinstance(result, (list, tuple)):
        result = {"tuple": [np.asarray(r) for r in result]}
    elif not isinstance(result, (int, float, bool)):
        result = np.asarray(result)
    rows.append([name, encode(list(args)), encode(result)])


A = rng.normal(size=(3, 4)).round(3)
B = rng.normal(size=(2, 3, 4)).round(3)
V = rng.normal(size=7).round(3)
W = rng.normal(size=4).round(3)
I = rng.integers(-9, 10, size=(3, 4)).astype(np.int32)
special = np.array([0.0, -0.0, 1.5, -2.5, np.inf, -np.inf, np.nan, 3.0])
N = np.array([[1.0, np.nan, 3.0], [2.0, 5.0, np.nan]])
T = np.array([2.0, 1.0, 2.0, np.nan, 1.0, -np.inf, 5.0])

# broadcasting arithmetic
for name, f in [("add", np.add), ("sub", np.subtract), ("mul", np.multiply), ("div", np.divide), ("floorDiv", np.floor_divide), ("mod", np.mod), ("maximum", np.maximum), ("minimum", np.minimum), ("atan2", np.arctan2), ("hypot", np.hypot), ("pow", np.power), ("logaddexp", np.logaddexp)]:
    row(name, [A, W], f(A, W))
    row(name, [B, A], f(B, A))
    row(name, [A[:, :1], 2.5], f(A[:, :1], 2.5))
    row(name, [special[:, None], special], f(special[:, None], special))
for name, f in [("equal", np.equal), ("notEqual", np.not_equal), ("less", np.less), ("lessEqual", np.less_equal), ("greater", np.greater), ("greaterEqual", np.greater_equal), ("logicalAnd", np.logical_and), ("logicalOr", np.logical_or), ("logicalXor", np.logical_xor), ("isClose", np.isclose)]:
    row(name, [special[:, None], special], f(special[:, None], special))
for name, f in [("bitwiseAnd", np.bitwise_and), ("bitwiseOr", np.bitwise_or), ("bitwiseXor", np.bitwise_xor), ("add", np.add), ("mul", np.multiply), ("sub", np.subtract)]:
    row(name, [I, I[:, ::-1].copy()], f(I, I[:, ::-1]))
for name, f in [("abs", np.abs), ("sign", np.sign), ("floor", np.floor), ("ceil", np.ceil), ("round", np.round), ("trunc", np.trunc), ("sqrt", np.sqrt), ("cbrt", np.cbrt), ("exp", np.exp), ("log", np.log), ("log2", np.log2), ("log10", np.log10), ("log1p", np.log1p), ("expm1", np.expm1), ("exp2", np.exp2), ("sin", np.sin), ("tanh", np.tanh), ("asinh", np.arcsinh), ("atan", np.arctan), ("square", np.square), ("reciprocal", np.reciprocal), ("neg", np.negative), ("isNaN", np.isnan), ("isInf", np.isinf), ("isFinite", np.isfinite), ("degToRad", np.deg2rad), ("radToDeg", np.rad2deg), ("logicalNot", np.logical_not)]:
    row(name, [special], f(special))
    row(name, [A], f(A))
row("clip", [A, -0.5, 0.5], np.clip(A, -0.5, 0.5))
row("clip", [A, None, 0.5], np.clip(A, None, 0.5))
row("clip", [A, W, None], np.clip(A, W, None))
row("where", [A > 0, A, W], np.where(A > 0, A, W))
for n in [-3, -1, 0, 1, 2, 5]:
    row("pow", [A, n], A ** float(n))

# reductions
axes = [None, 0, 1, -1, [0, 2], [1, 2]]
reductions = [("sum", np.sum), ("prod", np.prod), ("max", np.max), ("min", np.min), ("mean", np.mean), ("variance", np.var), ("std", np.std), ("all", np.all), ("any", np.any), ("countNonzero", np.count_nonzero), ("ptp", np.ptp), ("median", np.median)]
for name, f in reductions:
    for axis in axes:
        key = tuple(axis) if isinstance(axis, list) else axis
        row(name, [B, axis], f(B, axis=key))
        row(name, [B, axis, {"keepDims": True}], f(B, axis=key, keepdims=True))
    row(name, [N, 0], f(N, axis=0))
for ddof in [1, 2]:
    row("variance", [B, 1, {"ddof": ddof}], np.var(B, axis=1, ddof=ddof))
    row("std", [B, None, {"ddof": ddof}], np.std(B, ddof=ddof))
for name, f in [("nansum", np.nansum), ("nanmax", np.nanmax), ("nanmin", np.nanmin), ("nanmean", np.nanmean)]:
    row(name, [N, 0], f(N, axis=0))
    row(name, [N], f(N))
for name, f in [("argmax", np.argmax), ("argmin", np.argmin)]:
    for axis in [None, 0, 1, -1]:
        row(name, [B, axis], f(B, axis=axis).astype(np.int32))
    row(name, [N, 1], f(N, axis=1).astype(np.int32))
    row(name, [[3.0, 1.0, 3.0, 1.0]], np.int32(f([3.0, 1.0, 3.0, 1.0])))
row("norm", [B, 1], np.linalg.norm(B, axis=1))
for name, f in [("cumsum", np.cumsum), ("cumprod", np.cumprod), ("cummax", np.maximum.accumulate), ("cummin", np.minimum.accumulate)]:
    for axis in [0, 1, -1]:
        row(name, [B, axis], f(B, axis=axis))
    row(name, [T, 0], f(T))
row("cumsum", [B], np.cumsum(B))
row("diff", [B], np.diff(B))
row("diff", [B, {"n": 2, "axis": 1}], np.diff(B, n=2, axis=1))
for q in [0.0, 0.1, 0.25, 0.5, 0.9, 1.0]:
    row("quantile", [V, q], np.quantile(V, q))
    row("quantile", [B, q, 1], np.quantile(B, q, axis=1))
for method in ["linear", "lower", "higher", "nearest", "midpoint"]:
    row("quantile", [V, 0.4, None, {"method": method}], np.quantile(V, 0.4, method=method))
row("quantile", [B, [0.1, 0.5], [0, 2]], np.quantile(B, [0.1, 0.5], axis=(0, 2)))
row("quantile", [N, 0.5, 0], np.quantile(N, 0.5, axis=0))
row("percentile", [V, 30], np.percentile(V, 30))

# sorting
for axis in [-1, 0, 1]:
    row("sort", [B, {"axis": axis}], np.sort(B, axis=axis))
    row("argsort", [B, {"axis": axis}], np.argsort(B, axis=axis, kind="stable").astype(np.int32))
row("sort", [B, {"axis": None}], np.sort(B, axis=None))
row("sort", [T], np.sort(T))
row("argsort", [T], np.argsort(T, kind="stable").astype(np.int32))
row("lexsort", [[[2.0, 1.0, 2.0, 1.0], [1.0, 1.0, 0.0, 0.0]]], np.lexsort(([2.0, 1.0, 2.0, 1.0], [1.0, 1.0, 0.0, 0.0])).astype(np.int32))
S = np.sort(V)
for side in ["left", "right"]:
    for a, v in [(S, np.append(S, [-10, 0, 10, np.nan])), (np.array([1.0, 2.0, 2.0, 3.0, np.nan]), np.array([2.0, np.nan, 4.0, np.inf])), (np.array([1.0]), np.array([0.0, 1.0, 2.0]))]:
        row("searchsorted", [a, v, {"side": side}], np.searchsorted(a, v, side=side).astype(np.int32))
row("digitize", [V, [-1.0, 0.0, 1.0]], np.digitize(V, [-1.0, 0.0, 1.0]).astype(np.int32))

# shapes
row("reshape", [B, [4, -1]], B.reshape(4, -1))
row("transpose", [B], B.T)
row("transpose", [B, [1, 0, 2]], B.transpose(1, 0, 2))
row("swapAxes", [B, 0, -1], B.swapaxes(0, -1))
row("moveAxis", [B, 0, -1], np.moveaxis(B, 0, -1))
row("moveAxis", [B, [0, 1], [-1, 0]], np.moveaxis(B, [0, 1], [-1, 0]))
row("expandDims", [A, [0, -1]], np.expand_dims(A, (0, -1)))
row("squeeze", [A[None, :, None]], A)
row("broadcastTo", [W, [2, 3, 4]], np.broadcast_to(W, (2, 3, 4)))
row("flip", [B], np.flip(B))
row("flip", [B, 1], np.flip(B, 1))
for shift, axis in [(1, None), (-2, 1), (5, -1), ([1, 2], [0, 2])]:
    row("roll", [B, shift, axis], np.roll(B, shift, tuple(axis) if isinstance(axis, list) else axis))
for k in [1, 2, 3, -1]:
    row("rot90", [A, k], np.rot90(A, k))
row("rot90", [B, 1, [1, 2]], np.rot90(B, 1, (1, 2)))
row("concatenate", [[A, A[:1]]], np.concatenate([A, A[:1]]))
row("stack", [[A, A], 1], np.stack([A, A], 1))
row("stack", [[W, W], -1], np.stack([W, W], -1))
row("arraySplit", [V, 3], np.array_split(V, 3))
row("arraySplit", [B, [1, 3], 2], np.split(B, [1, 3], 2))
for r in [2, [2, 1], [2, 1, 3]]:
    row("tile", [A, r], np.tile(A, r))
row("repeat", [A, 2], np.repeat(A, 2))
row("repeat", [A, 3, 1], np.repeat(A, 3, 1))
for mode in ["constant", "edge", "reflect", "symmetric", "wrap"]:
    for width in [1, [2, 0], [[1, 2], [3, 1]], [[0, 7], [9, 0]]]:
        w = width if not isinstance(width, list) else (tuple(width) if not isinstance(width[0], list) else [tuple(p) for p in width])
        row("pad", [A, width, {"mode": mode}], np.pad(A, w, mode=mode))
row("pad", [V, 2, {"value": 7}], np.pad(V, 2, constant_values=7))
row("vstack", [[W, A]], np.vstack([W, A]))
row("hstack", [[W, V]], np.hstack([W, V]))

# making
row("arange", [5], np.arange(5.0))
row("arange", [1, 2, 0.3], np.arange(1, 2, 0.3))
row("arange", [5, 0, -2], np.arange(5.0, 0, -2))
row("linspace", [0, 1, 7], np.linspace(0, 1, 7))
row("linspace", [-3, 2, 5, {"endpoint": False}], np.linspace(-3, 2, 5, endpoint=False))
row("linspace", [W, 1, 3], np.linspace(W, 1, 3))
row("logspace", [-2, 3, 6], np.logspace(-2, 3, 6))
for n, m, k in [(3, 3, 0), (2, 4, 1), (4, 2, -1), (2, 2, 5)]:
    row("eye", [n, m, {"k": k}], np.eye(n, m, k))
for k in [-1, 0, 2]:
    row("tril", [B, k], np.tril(B, k))
    row("triu", [B, k], np.triu(B, k))
    row("diag", [W, k], np.diag(W, k))
    row("diag", [A, k], np.diag(A, k))
    row("trace", [A, {"k": k}], np.trace(A, k))
row("diagonal", [B, {"axes": [2, 0]}], np.diagonal(B, 0, 2, 0))
row("meshgrid", [[W, V]], np.meshgrid(W, V))
row("meshgrid", [[W, V, [1.0, 2.0]], {"indexing": "ij"}], np.meshgrid(W, V, [1.0, 2.0], indexing="ij"))

# products
row("matmul", [A, W], A @ W)
row("matmul", [W, A.T], W @ A.T)
row("matmul", [A, A.T], A @ A.T)
row("matmul", [B, W], B @ W)
row("matmul", [B, A.T], B @ A.T)
row("matmul", [A.T, B], A.T @ B)
row("matmul", [W, B.transpose(0, 2, 1)], W @ B.transpose(0, 2, 1))
row("matmul", [B[:, None], B.transpose(0, 2, 1)[None]], B[:, None] @ B.transpose(0, 2, 1)[None])
row("dot", [A, B.transpose(0, 2, 1)], np.dot(A, B.transpose(0, 2, 1)))
row("dot", [W, W], W @ W)
row("inner", [A, B], np.inner(A, B))
row("outer", [W, V], np.outer(W, V))
row("vdot", [A, A], np.vdot(A, A))
row("tensordot", [B, A], np.tensordot(B, A))
row("tensordot", [B, B, [[0, 2], [0, 2]]], np.tensordot(B, B, [[0, 2], [0, 2]]))
row("kron", [A[:2, :2], W], np.kron(A[:2, :2], W))
row("kron", [B, A], np.kron(B, A))
row("cross", [B[:, :, :3], B[0, :, :3]], np.cross(B[:, :, :3], B[0, :, :3]))
S3 = rng.normal(size=(3, 3)).round(2)
for spec, ops in [("ij,jk", [A, A.T]), ("ij,jk->ki", [A, A.T]), ("ii", [S3]), ("ii->i", [S3]), ("ij->", [A]), ("ij->j", [A]), ("i,j->ij", [W, V]), ("bij,bij->b", [B, B]), ("bij,kj->bik", [B, A]), ("...ij,kj->...k", [B, A]), ("...i->...", [B]), ("i...,i...", [A, A]), ("ij,jk,kl->il", [A, A.T, S3]), ("ij,ij,ij->i", [A, A, A]), ("ii,ij->j", [S3, A]), ("abc,cd,de,bf->aef", [B, A.T, A, A.T[:3, :2]]), ("iij->ji", [np.stack([S3] * 3)]), ("ij,ab->aibj", [A, S3])]:
    row("einsum", [spec, *ops], np.einsum(spec, *ops, optimize=True))

# indexing
def indexed(x, spec, numpy_spec):
    rows.append(["index", encode([x, *spec]), encode(np.asarray(x[numpy_spec]))])
i1, i2 = np.array([2, 0, -1]), np.array([[0], [1]])
for spec, ns in [([0], 0), ([-1], -1), (["1:"], np.s_[1:]), (["::-1"], np.s_[::-1]), (["...", 1], np.s_[..., 1]), (["...", "::2"], np.s_[..., ::2]), ([None, 0], np.s_[None, 0]), ([0, 1, 2], (0, 1, 2)), ([":", "-2:", "3:0:-2"], np.s_[:, -2:, 3:0:-2]), ([":", [0, 2]], np.s_[:, [0, 2]]), ([[1, 0], [0, 2]], ([1, 0], [0, 2])), ([[1, 0], ":", [0, 2]], ([1, 0], slice(None), [0, 2])), ([0, ":", [0, 2]], (0, slice(None), [0, 2])), ([":", 0, [0, 2]], (slice(None), 0, [0, 2])), ([":", {"int": i1}], np.s_[:, i1]), (["...", {"int": i2}], np.s_[..., i2]), ([":", {"int": i2}, {"int": i1}], np.s_[:, i2, i1]), ([":", {"int": i1}, None], np.s_[:, i1, None]), ([[0, 1], None, [1, 1]], ([0, 1], None, [1, 1])), (["5:"], np.s_[5:]), ([":", "1:1"], np.s_[:, 1:1])]:
    rows.append(["index", [encode(B), *[({"int": encode(s["int"])["int"]} if isinstance(s, dict) else s) for s in spec]], {"shape": list(B[ns].shape), "data": encode(B[ns].ravel().tolist())}])
for axis in [None, 0, 1, -1]:
    row("take", [B, np.array([[0, 1], [1, 0]], dtype=np.int32), axis], np.take(B, [[0, 1], [1, 0]], axis=axis))
row("takeAlongAxis", [B, np.argsort(B, 1).astype(np.int32), 1], np.sort(B, 1))
row("slice", [V, 1, -1], V[1:-1])
row("slice", [B, [0, -2], [1, None], [1, -1]], B[0:1, -2::-1])
row("bincount", [np.array([1, 3, 1, 0], dtype=np.int32), 5], np.bincount([1, 3, 1, 0], minlength=5).astype(np.int32))

# numerical helpers
row("average", [B, [1.0, 2.0, 3.0, 4.0], -1], np.average(B, axis=-1, weights=[1.0, 2.0, 3.0, 4.0]))
row("cov", [A], np.cov(A))
row("cov", [V], np.cov(V))
row("cov", [A, {"ddof": 0}], np.cov(A, ddof=0))
row("corrcoef", [A], np.corrcoef(A))
row("interp", [np.array([-5.0, 0.0, 0.3, 2.0, 9.0, 1.0]), [0.0, 1.0, 4.0], [3.0, -1.0, 5.0]], np.interp([-5.0, 0.0, 0.3, 2.0, 9.0, 1.0], [0.0, 1.0, 4.0], [3.0, -1.0, 5.0]))
row("trapezoid", [B], np.trapezoid(B))
row("trapezoid", [B, {"axis": 1, "step": 0.5}], np.trapezoid(B, dx=0.5, axis=1))
row("trapezoid", [B, {"x": [0.0, 1.0, 4.0], "axis": 1}], np.trapezoid(B, x=[0.0, 1.0, 4.0], axis=1))
row("polyval", [[1.0, -2.0, 0.5], A], np.polyval([1.0, -2.0, 0.5], A))
row("allClose", [A, A + 1e-9], np.array(np.allclose(A, A + 1e-9)))
row("allClose", [A, A + 1e-3], np.array(np.allclose(A, A + 1e-3)))
row("arrayEqual", [A, A], np.array(True))

with open(os.path.join(OUT, "numpy.json"), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")

prints = []
for v in [np.array(0.1), np.array([1, 2.5, -3]), np.arange(6.0).reshape(2, 3), np.zeros((2, 2, 2)), np.array([1e-10, 1, np.nan]), np.array([1, np.inf, -np.inf]), np.array([0.1, 1 / 3], np.float32), np.arange(40) / 3, np.arange(2000.0), rng.normal(size=(50, 60)), rng.normal(size=(3, 500)).astype(np.float32), np.array([1, -20, 300], np.int32), np.arange(1200, dtype=np.int32), np.array([1e8, 1.0]), np.array([123456.789, 0.001]), np.array([1e-5]), np.array([-0.0, 0.0]), np.array([1e300, 1e-300]), np.array([np.nan]), np.zeros((0, 3)), np.array([]), np.array([[1.5, np.nan], [-np.inf, 2]]), np.array([16777216.0, 0.5], np.float32), np.array([12345678.9, 99999999.0]), np.ones((11, 10, 10))]:
    text = repr(v)
    cut = text.rfind(", dtype=")
    prints.append([encode(v.ravel().tolist()), list(v.shape), str(v.dtype), str(v), text])
with open(os.path.join(OUT, "printing.json"), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(r) for r in prints) + "\n]\n")
