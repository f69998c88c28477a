"""Golden distances between samples: packages/generative-models/golden/distances.json.

    python3 tools/oracle/distances.py

line: pairs of samples on the line, with SciPy's energy distance (the root of ours) and Wasserstein-1 distance, and W2 by sorting.
plane: a pair of samples of the plane with the energy distance by brute force.
"""

import json
import os

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import energy_distance, wasserstein_distance

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packages", "generative-models", "golden", "distances.json")
rng = np.random.default_rng(7)


def line(x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    row = {"x": x.tolist(), "y": y.tolist(), "energy": float(energy_distance(x, y))}
    if len(x) == len(y):
        row["w1"] = float(wasserstein_distance(x, y))
        row["w2"] = float(np.sqrt(np.mean((np.sort(x) - np.sort(y)) ** 2)))
    return row


def plane(x, y):
    return {"x": x.tolist(), "y": y.tolist(),
            "energy": float(2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean())}


r = lambda *shape: np.round(rng.normal(size=shape), 4)
golden = {
    "line": [line([0, 1, 3], [5, 6, 8]), line([0.0], [2.0]), line(r(7), 2 * r(7) + 1), line(r(5), r(9)), line([1, 1, 2], [2, 1, 1])],
    "plane": [plane(r(6, 2), r(4, 2) + 0.5), plane(r(5, 3), 3 * r(5, 3))],
}
with open(OUT, "w") as f:
    json.dump(golden, f, indent=1)
    f.write("\n")
