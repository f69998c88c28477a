"""Golden values of PyTorch's activations, losses and layer norm, with gradients, in float64: packages/nn/golden/nn.json.

    python3 tools/oracle/nn.py

activations: name -> [y, dy/dx] on the grid x. losses: inputs, per-example values, and the gradient of their sum in the logits.
layerNorm: an input [3, 5], scale and offset, the output, and the gradients of sum(w * output) in input, scale and offset.
"""

import json
import os

import torch
import torch.nn.functional as F

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packages", "nn", "golden", "nn.json")
torch.set_default_dtype(torch.float64)
GRID = [-1000.0, -100.0, -40.5, -20.0, -8.0, -3.0, -1.0, -0.5, -1e-3, 0.0, 1e-3, 0.5, 1.0, 3.0, 8.0, 20.0, 100.0, 1000.0]


def with_gradient(f, *xs, weight=None):
    xs = [torch.tensor(x, requires_grad=True) for x in xs]
    y = f(*xs)
    (y.sum() if weight is None else (weight * y).sum()).backward()
    return [y.tolist(), *[x.grad.tolist() for x in xs]]


ACTIVATIONS = {
    "relu": F.relu,
    "leakyRelu": lambda x: F.leaky_relu(x, 0.1),
    "elu": lambda x: F.elu(x, 0.7),
    "silu": F.silu,
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
}

LOGITS = [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 999.0], [1e-3, -50.0, 50.0]]
LABELS = [2, 0, 1, 2, 0]
BINARY = [-1000.0, -40.0, -2.0, 0.0, 1.0, 40.0, 1000.0]
TARGETS = [0.0, 0.25, 1.0]
X = [[1.0, 2.0, 3.0, 4.0, -10.0], [0.0, 0.0, 1e-3, 0.0, 0.0], [5.0, 4.0, 3.0, 2.5, 7.0]]
SCALE, OFFSET = [1.0, 2.0, -1.0, 0.5, 0.0], [0.0, 1.0, 0.0, -1.0, 2.0]
W = [[0.3, -1.0, 2.0, 0.5, 1.0], [1.0, 1.0, 0.0, -2.0, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5]]

golden = {
    "grid": GRID,
    "activations": {name: with_gradient(f, GRID) for name, f in ACTIVATIONS.items()},
    "crossEntropy": {
        "logits": LOGITS,
        "labels": LABELS,
        "values": with_gradient(lambda z: F.cross_entropy(z, torch.tensor(LABELS), reduction="none"), LOGITS),
    },
    "binaryCrossEntropy": {
        "logits": BINARY,
        "targets": TARGETS,
        "values": [
            with_gradient(lambda z: F.binary_cross_entropy_with_logits(z, torch.full_like(z, y), reduction="none"), BINARY)
            for y in TARGETS
        ],
    },
    "layerNorm": {
        "x": X,
        "scale": SCALE,
        "offset": OFFSET,
        "w": W,
        "values": with_gradient(lambda x, s, o: F.layer_norm(x, [5], s, o, 1e-5), X, SCALE, OFFSET, weight=torch.tensor(W)),
    },
}
with open(OUT, "w") as f:
    json.dump(golden, f, indent=1)
    f.write("\n")
