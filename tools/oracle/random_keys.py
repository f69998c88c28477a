"""Random numbers as JAX makes them: packages/tensor/golden/random.json.

    python3 tools/oracle/random_keys.py

An independent implementation in NumPy of Threefry-2x32 (Salmon et al. 2011; checked below against Random123's known answers) and of JAX's
published algorithms (jax/_src/prng.py with jax_threefry_partitionable, jax/_src/random.py), and the numbers JAX documents.
"""

import json
import math
import os

import numpy as np
from scipy.special import erfinv

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packages", "tensor", "golden")
np.seterr(all="ignore")
u32 = np.uint32


def threefry(key, x0, x1):
    x = [np.array(x0, u32), np.array(x1, u32)]
    rotations = [[13, 15, 26, 6], [17, 29, 16, 24]]
    ks = [u32(key[0]), u32(key[1]), u32(key[0]) ^ u32(key[1]) ^ u32(0x1BD11BDA)]
    rotl = lambda v, r: (v << u32(r)) | (v >> u32(32 - r))
    x[0] = x[0] + ks[0]
    x[1] = x[1] + ks[1]
    for i in range(5):
        for r in rotations[i % 2]:
            x[0] = x[0] + x[1]
            x[1] = x[0] ^ rotl(x[1], r)
        x[0] = x[0] + ks[(i + 1) % 3]
        x[1] = x[1] + ks[(i + 2) % 3] + u32(i + 1)
    return x


def known_answers():
    # Random123, kat_vectors: threefry2x32, 20 rounds
    for counter, key, want in [
        ([0, 0], [0, 0], [0x6B200159, 0x99BA4EFE]),
        ([0xFFFFFFFF] * 2, [0xFFFFFFFF] * 2, [0x1CB996FC, 0xBB002BE7]),
        ([0x243F6A88, 0x85A308D3], [0x13198A2E, 0x03707344], [0xC4923A9C, 0x483DF7A0]),
    ]:
        got = threefry(key, counter[0], counter[1])
        assert [int(v) for v in got] == want, (got, want)


def key(seed):
    return (seed >> 32 & 0xFFFFFFFF, seed & 0xFFFFFFFF)


def counts(shape):
    n = int(np.prod(shape, dtype=np.int64))
    i = np.arange(n, dtype=np.uint64).reshape(shape)
    return (i >> np.uint64(32)).astype(u32), i.astype(u32)


def split(k, shape):
    y0, y1 = threefry(k, *counts(shape))
    return np.stack([y0, y1], -1)


def fold_in(k, data):
    return [int(v) for v in threefry(k, 0, data)]


def bits32(k, shape):
    y0, y1 = threefry(k, *counts(shape))
    return y0 ^ y1


def bits64(k, shape):
    y0, y1 = threefry(k, *counts(shape))
    return (y0.astype(np.uint64) << np.uint64(32)) | y1.astype(np.uint64)


def uniform(k, shape, dtype, low=0.0, high=1.0):
    if dtype == np.float32:
        f = ((bits32(k, shape) >> u32(9)) | u32(0x3F800000)).view(np.float32) - np.float32(1)
    else:
        f = ((bits64(k, shape) >> np.uint64(12)) | np.uint64(0x3FF0000000000000)).view(np.float64) - 1.0
    low, high = dtype(low), dtype(high)
    return np.maximum(low, f * (high - low) + low).astype(dtype)


def normal(k, shape, dtype):
    lo = np.nextafter(dtype(-1), dtype(0))
    u = uniform(k, shape, dtype, lo, 1.0)
    return (math.sqrt(2) * erfinv(u.astype(np.float64))).astype(dtype)


def randint(k, shape, low, high):
    k1, k2 = split(k, (2,))
    hi, lo = bits32(k1, shape), bits32(k2, shape)
    span = u32((high - low) & 0xFFFFFFFF) if high > low else u32(1)
    multiplier = u32(2**16) % span
    multiplier = (multiplier * multiplier) % span
    offset = ((hi % span) * multiplier + lo % span) % span
    return (np.int64(low) + offset.astype(np.int64)).astype(np.int32)


def gumbel(k, shape, dtype):
    u = uniform(k, shape, dtype, np.finfo(dtype).tiny, 1.0).astype(np.float64)
    return (-np.log(-np.log(u))).astype(dtype)


def shuffle(k, x):
    rounds = math.ceil(3 * math.log(max(1, x.size)) / math.log(2**32 - 1))
    for _ in range(rounds):
        k, sub = split(k, (2,))
        x = x[np.argsort(bits32(sub, x.shape), kind="stable")]
    return x


def choice(k, n, shape, replace, p=None):
    draws = int(np.prod(shape))
    if p is None:
        return randint(k, shape, 0, n) if replace else shuffle(k, np.arange(n))[:draws].reshape(shape)
    p = np.array(p)
    if replace:
        c = np.cumsum(p)
        return np.searchsorted(c, c[-1] * (1 - uniform(k, shape, np.float64)))
    g = gumbel(k, (n,), np.float64) + np.log(p)
    return np.argsort(g)[::-1][:draws].reshape(shape)


known_answers()
first = uniform(key(0), (3,), np.float32)
assert abs(float(first[0]) - 0.947667) < 1e-6, first  # as JAX's documentation prints it
golden = {}
for seed in [0, 1, 42, 2**32 + 7, 2**53 - 1]:
    k = key(seed)
    golden[str(seed)] = {
        "key": list(k),
        "bits": bits32(k, (2, 3)).ravel().tolist(),
        "split": split(k, (3,)).tolist(),
        "foldIn": [fold_in(k, d) for d in [0, 1, 12345, 2**32 - 1]],
        "uniform32": [float(v) for v in uniform(k, (5,), np.float32)],
        "uniform64": [float(v) for v in uniform(k, (5,), np.float64)],
        "uniformBetween32": [float(v) for v in uniform(k, (5,), np.float32, -3.0, 7.0)],
        "normal32": [float(v) for v in normal(k, (5,), np.float32)],
        "normal64": [float(v) for v in normal(k, (5,), np.float64)],
        "gumbel64": [float(v) for v in gumbel(k, (5,), np.float64)],
        "exponential64": [float(v) for v in -np.log1p(-uniform(k, (5,), np.float64))],
        "bernoulli64": [bool(v) for v in uniform(k, (9,), np.float64) < 0.3],
        "randint": {f"{a},{b}": randint(k, (6,), a, b).tolist() for a, b in [(0, 10), (-5, 5), (0, 1), (3, 3), (5, 2), (-(2**31), 2**31 - 1), (0, 2**31 - 1), (-1000000, 1000000)]},
        "categorical64": np.argmax(gumbel(k, (6, 3), np.float64) + np.array([0.0, 1.0, 2.0]), -1).tolist(),
        "permutation": {str(n): shuffle(k, np.arange(n)).tolist() for n in [1, 5, 50, 2000]},
        "choice": choice(k, 10, (4,), True).tolist(),
        "choiceWithout": choice(k, 10, (4,), False).tolist(),
        "choiceWeighted": choice(k, 4, (6,), True, [0.1, 0.2, 0.3, 0.4]).tolist(),
        "choiceWeightedWithout": choice(k, 4, (3,), False, [0.1, 0.2, 0.3, 0.4]).tolist(),
    }
with open(os.path.join(OUT, "random.json"), "w") as f:
    f.write("{\n" + ",\n".join(f"{json.dumps(s)}: {json.dumps(v)}" for s, v in golden.items()) + "\n}\n")
