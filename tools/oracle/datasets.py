"""Golden files for packages/datasets: written by NumPy, or from the published format by struct and json.

    python3 tools/oracle/datasets.py
"""

import gzip
import json
import struct
from pathlib import Path

import numpy as np

out = Path(__file__).resolve().parents[2] / "packages/datasets/src/formats/fixtures"
out.mkdir(parents=True, exist_ok=True)

rng = np.random.default_rng(0)
special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-310, np.pi])
arrays = {
    "f8": special,
    "f4": special.astype("f4").reshape(1, 7),
    "f2": np.array([0, -0.0, 1, -2.5, 65504, 6e-8, np.inf], "f2"),
    "i8": np.array([[-(2**62), 2**53 + 1, -1]], "i8"),
    "u8": np.array([2**64 - 1, 7], "u8"),
    "i4": np.array([-(2**31), 2**31 - 1, 0], "i4"),
    "u4": np.array([2**32 - 1, 5], "u4"),
    "i2": np.arange(-3, 3, dtype="i2").reshape(2, 3),
    "u1": np.arange(24, dtype="u1").reshape(2, 3, 4),
    "b1": np.array([[True], [False]]),
    "big": np.array([1.5, -2.0, 1e300], ">f8"),
    "fortran": np.asfortranarray(np.arange(24, dtype="i4").reshape(2, 3, 4)),
    "scalar": np.array(42.5),
    "empty": np.zeros((0, 3), "f4"),
}
np.savez(out / "stored.npz", **arrays)
np.savez_compressed(out / "deflated.npz", **arrays)
np.save(out / "fortran.npy", np.asfortranarray(rng.integers(0, 100, (3, 4, 5)).astype("f4")))
with open(out / "version2.npy", "wb") as f:
    np.lib.format.write_array(f, np.array([1.0, 2.0]), version=(2, 0))
np.savez(out / "structured.npz", s=np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))

# What the arrays hold, in C order, as text that loses nothing.
told = {
    name: {"shape": a.shape, "values": [repr(v) for v in a.reshape(-1).tolist()]}
    for name, a in {**arrays, "fortran.npy": np.load(out / "fortran.npy")}.items()
}
(out / "values.json").write_text(json.dumps(told, indent=1) + "\n")

# IDX, from its description: big-endian, two zero bytes, type, rank, extents.
image = np.arange(2 * 3 * 2, dtype="u1")
(out / "u1.idx").write_bytes(struct.pack(">BBBB3I", 0, 0, 8, 3, 2, 3, 2) + image.tobytes())
(out / "f4.idx").write_bytes(struct.pack(">BBBB1I", 0, 0, 13, 1, 3) + np.array([1.5, -0.25, np.inf], ">f4").tobytes())
(out / "u1.idx.gz").write_bytes(gzip.compress((out / "u1.idx").read_bytes(), mtime=0))

# safetensors, from its description: little-endian header length, JSON, data.
a = np.array([[1.5, -2.0, np.inf]], "<f4")
b = np.array([True, False, True])
c = np.array([-1, 2**53 + 1], "<i8")
header = {
    "__metadata__": {"format": "pt", "note": "né"},
    "c": {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]},
    "a": {"dtype": "F32", "shape": [1, 3], "data_offsets": [16, 28]},
    "b": {"dtype": "BOOL", "shape": [3], "data_offsets": [28, 31]},
    "none": {"dtype": "F64", "shape": [0, 2], "data_offsets": [31, 31]},
}
text = json.dumps(header, ensure_ascii=False).encode()
(out / "small.safetensors").write_bytes(
    struct.pack("<Q", len(text)) + text + c.tobytes() + a.tobytes() + b.tobytes()
)
