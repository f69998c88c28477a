"""Golden iterates of PyTorch's optimizers: packages/optimization/golden/optimizers.json.

    python3 tools/oracle/optimizers.py

The problem is smooth, coupled and not quadratic, in float64: f(w, b) = sum log cosh(A w + b - y) + 0.05 |w|^2 with A [4, 3], y [4] below,
from w = (1, -2, 0.5), b = 0. For each optimizer: its settings, the loss before every step, and [w1, w2, w3, b] after chosen steps.
"""

import json
import os

import torch

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packages", "optimization", "golden", "optimizers.json")
torch.set_default_dtype(torch.float64)

A = torch.tensor([[1.0, 0.5, -0.25], [0.0, 2.0, 1.0], [-1.5, 0.25, 0.75], [0.5, -1.0, 3.0]])
Y = torch.tensor([0.5, -1.0, 2.0, 0.25])
STEPS = [1, 2, 3, 10, 50]


def run(make):
    w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    optimizer = make([w, b])
    losses, iterates = [], {}
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        loss = torch.log(torch.cosh(A @ w + b - Y)).sum() + 0.05 * (w * w).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step in STEPS:
            iterates[step] = [*w.tolist(), b.item()]
    return {"losses": losses, "iterates": iterates}


CASES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "sgd with momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
    "sgd with Nesterov momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adam with other constants": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-8),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.5, eps=1e-10),
    "adagrad with an initial sum": lambda p: torch.optim.Adagrad(p, lr=0.5, initial_accumulator_value=0.1, eps=1e-10),
}

with open(OUT, "w") as f:
    json.dump({"torch": torch.__version__.split("a")[0], "A": A.tolist(), "y": Y.tolist(), "steps": STEPS,
               "cases": {name: run(make) for name, make in CASES.items()}}, f, indent=1)
    f.write("\n")
