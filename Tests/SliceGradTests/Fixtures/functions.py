#!/usr/bin/env python3
"""Writes functions.json: functions and losses in the form of operations.json, computed by PyTorch in float64.

    pip install torch==2.13.0+cpu numpy
    python3 functions.py > functions.json
"""
import json

import torch
from torch.nn import functional

from cases import add, cases, numbers

torch.manual_seed(20261127)


def leaf(*shape):
    return (2 * torch.randn(shape)).requires_grad_()


for name in ("abs", "sin", "cos"):
    x = leaf(3, 4)
    add(name, getattr(x, name)(), {"x": x})

for axis in (0, -1):
    x = leaf(2, 3, 4)
    add("logSumExp", x.logsumexp(axis), {"x": x}, axis=axis)
    x = leaf(2, 3, 4)
    add("cumulativeSum", x.cumsum(axis), {"x": x}, axis=axis)

x = leaf(3, 4)
add("unitRows", functional.normalize(x, dim=-1), {"x": x})
a, b = leaf(3, 4), leaf(3, 4)
add("cosineSimilarity", functional.cosine_similarity(a, b, dim=-1), {"a": a, "b": b})

for reduction in ("mean", "sum", "none"):
    x, targets = leaf(3, 4), torch.randn(3, 4)
    add("meanAbsoluteError", functional.l1_loss(x, targets, reduction=reduction), {"x": x},
        targets=numbers(targets), reduction=reduction)
    x = leaf(3, 4)
    add("huber", functional.huber_loss(x, targets, delta=0.7, reduction=reduction), {"x": x},
        targets=numbers(targets), reduction=reduction, delta=0.7)
    a, p, n = leaf(5, 4), leaf(5, 4), leaf(5, 4)
    add("tripletMargin", functional.triplet_margin_loss(a, p, n, margin=1.5, eps=0, reduction=reduction),
        {"a": a, "p": p, "n": n}, reduction=reduction, margin=1.5)

for reduction in ("mean", "sum", "none"):
    logits, targets, weights = leaf(5, 3), (torch.rand(5, 3) < 0.4).to(torch.float64), torch.rand(3) * 4 + 0.1
    targets[4, 0] = 0.3  # neither of both
    loss = functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights, reduction=reduction)
    add("sigmoidCrossEntropy", loss, {"logits": logits}, targets=numbers(targets), reduction=reduction,
        positiveWeights=numbers(weights))

print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")
