#!/usr/bin/env python3
"""Writes candidates.json: scores, distances and losses of candidates, composed of PyTorch's operations in float64.

    pip install torch==2.13.0+cpu numpy
    python3 candidates.py > candidates.json
"""
import json
import math

import torch
from torch.nn import functional

from cases import add, cases

torch.manual_seed(20261126)


def leaf(*shape):
    return torch.randn(shape, requires_grad=True)


def distance(kind, x, rows):
    """Of x [..., d] and rows [..., d], which broadcast."""
    difference = x - rows
    if kind == "complexL1":
        half = difference.shape[-1] // 2
        return torch.complex(difference[..., :half], difference[..., half:]).abs().sum(-1)
    return {
        "dot": lambda: (x * rows).sum(-1),
        "l1": lambda: difference.abs().sum(-1),
        "l2": lambda: difference.norm(dim=-1),
        "squaredL2": lambda: difference.square().sum(-1),
    }[kind]()


# Comparisons with rows of a table [7, 6]: lists of 4 with repeats, bags, a shared list, all rows.
lists = torch.tensor([[3, 0, 3, 6], [1, 1, 1, 5], [6, 2, 0, 4]])
bags = [[2, 2, 5], [], [0, 6, 1, 0]]
shared = torch.tensor([4, 0, 4, 1, 6])
for kind in ("dot", "l1", "l2", "squaredL2", "complexL1"):
    table, x = leaf(7, 6), leaf(3, 6)
    inputs = {"table": table, "x": x}
    add("lists", distance(kind, x[:, None], table[lists]), inputs, kind=kind, rows=lists.flatten().tolist())
    members = torch.tensor([bag for bag, rows in enumerate(bags) for _ in rows])
    values = [row for rows in bags for row in rows]
    add("bags", distance(kind, x[members], table[values]), inputs, kind=kind, rows=values, splits=[0, 3, 3, 7])
    add("shared", distance(kind, x[:, None], table[shared]), inputs, kind=kind, rows=shared.tolist())
    add("all", distance(kind, x[:, None], table), inputs, kind=kind)
    # Read and scored against in one step: three uses of one table.
    looked_up = table[torch.tensor([5, 1, 5])]
    own = distance(kind, looked_up, table[torch.tensor([0, 1, 2])])
    tied = distance(kind, looked_up[:, None], table) + own[:, None]
    add("tied", tied, {"table": table}, kind=kind)

for reduction in ("mean", "sum", "none"):
    positives, negatives = leaf(4), leaf(4, 5)
    inputs = {"positives": positives, "negatives": negatives}
    column = positives[:, None]

    def reduced(losses):
        return {"mean": losses.mean, "sum": losses.sum, "none": lambda: losses}[reduction]()

    sampling = -functional.logsigmoid(positives) - functional.logsigmoid(-negatives).sum(1)
    add("negativeSampling", reduced(sampling), inputs, reduction=reduction)
    margins = functional.margin_ranking_loss(
        column.expand(4, 5), negatives, torch.ones(4, 5), margin=0.7, reduction=reduction)
    add("marginRanking", margins, inputs, reduction=reduction, margin=0.7)
    add("bayesianPersonalizedRanking", reduced(-functional.logsigmoid(column - negatives)), inputs, reduction=reduction)

    # The classes 0 ... 5 are drawn with these probabilities; a drawn class that is the true one is left out.
    frequencies = torch.tensor([5.0, 1, 3, 2, 8, 1])
    logs = (frequencies / frequencies.sum()).log()
    classes = torch.tensor([4, 0, 2, 5])
    for drawn in (torch.tensor([4, 1, 0, 4, 3]), torch.randint(0, 6, (4, 5))):
        corrected = negatives - logs[drawn] - math.log(5)
        corrected = corrected.masked_fill(drawn.expand(4, 5) == classes[:, None], float("-inf"))
        logits = torch.cat([positives[:, None], corrected], 1)
        loss = functional.cross_entropy(logits, torch.zeros(4, dtype=torch.long), reduction=reduction)
        add(
            "sampledSoftmaxCrossEntropy", loss, inputs, reduction=reduction, classes=classes.tolist(),
            rows=drawn.flatten().tolist(), frequencies=frequencies.tolist())

    queries, keys = leaf(4, 3), leaf(4, 3)
    inputs = {"queries": queries, "keys": keys}
    groups, log_probabilities = torch.tensor([1, 2, 1, 3]), torch.tensor([-1.0, -2, -1, -3])
    scores = queries @ keys.T * 3
    own = torch.arange(4)
    add("batchSoftmax", functional.cross_entropy(scores, own, reduction=reduction), inputs, reduction=reduction)
    others = (groups[:, None] == groups) & ~torch.eye(4, dtype=torch.bool)
    masked = scores.masked_fill(others, float("-inf"))
    ways = [functional.cross_entropy(s, own, reduction=reduction) for s in (masked - log_probabilities, masked.T)]
    add(
        "batchSoftmaxBothWays", (ways[0] + ways[1]) / 2, inputs, reduction=reduction, groups=groups.tolist(),
        log_probabilities=log_probabilities.tolist())

# The inputs stand in a list.
for case in cases:
    for key in ("inputs", "gradients"):
        case[key] = list(case[key].values())
print(json.dumps(cases))
