"""Golden convolutions and their gradients by PyTorch: packages/autodiff/golden/convolution.json.

    python3 tools/oracle/convolution.py

Inputs are multiples of 1/8 by a rule that the test repeats, so every sum is exact in float64 and results are compared for equality.
`cotangent` likewise; dx and dk are the gradients of Σ cotangent · y.
"""

import json
import os

import torch

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packages", "autodiff", "golden", "convolution.json")


def eighths(shape, k):
    n = 1
    for d in shape:
        n *= d
    return (((torch.arange(n, dtype=torch.float64) * 37 + 11 * k) % 19) / 8 - 1).reshape(shape)


cases = [
    # input, kernel, strides, padding, dilation, groups
    ([2, 4, 9, 8], [6, 4, 3, 3], [1, 1], [1, 1], [1, 1], 1),
    ([2, 4, 9, 8], [6, 4, 3, 2], [2, 3], [1, 0], [1, 1], 1),
    ([2, 6, 9, 8], [4, 3, 3, 3], [1, 2], [2, 1], [2, 1], 2),
    ([3, 5, 8, 8], [7, 5, 6, 7], [1, 1], [0, 1], [1, 1], 1),
    ([3, 6, 31], [4, 6, 5], [2], [3], [2], 1),
    ([2, 8, 12, 12], [8, 1, 5, 5], [1, 1], [2, 2], [1, 1], 8),
]

golden = []
for shape, kernel, strides, padding, dilation, groups in cases:
    x, k = eighths(shape, 0).requires_grad_(), eighths(kernel, 1).requires_grad_()
    f = torch.nn.functional.conv2d if len(shape) == 4 else torch.nn.functional.conv1d
    y = f(x, k, stride=strides, padding=padding, dilation=dilation, groups=groups)
    dx, dk = torch.autograd.grad(y, (x, k), eighths(y.shape, 2))
    golden.append({"input": shape, "kernel": kernel, "strides": strides, "padding": padding, "dilation": dilation, "groups": groups,
                   "shape": list(y.shape), "y": y.ravel().tolist(), "dx": dx.ravel().tolist(), "dk": dk.ravel().tolist()})

os.makedirs(os.path.dirname(OUT), exist_ok=True)
with open(OUT, "w") as f:
    json.dump(golden, f)
    f.write("\n")
