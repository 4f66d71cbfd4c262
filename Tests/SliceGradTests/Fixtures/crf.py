#!/usr/bin/env python3
"""Writes crf.json: losses of linear-chain conditional random fields, in the form of operations.json. The forward algorithm
is composed of PyTorch's logsumexp in float64, and PyTorch differentiates it.

    pip install torch==2.13.0+cpu numpy
    python3 crf.py > crf.json
"""
import json

import torch

from cases import add, cases, numbers

torch.manual_seed(20261129)


def log_sum(emissions, transitions, start, end):
    """log Σ e^score over all tags of one sequence, [n, k]."""
    scores = start + emissions[0]
    for emission in emissions[1:]:
        scores = (scores[:, None] + transitions).logsumexp(0) + emission
    return (scores + end).logsumexp(0)


def loss(emissions, tags, transitions, start, end):
    if not len(tags):
        return emissions.sum()
    score = start[tags[0]] + emissions[range(len(tags)), tags].sum() + transitions[tags[:-1], tags[1:]].sum()
    return log_sum(emissions, transitions, start, end) - score - end[tags[-1]]


for lengths, k in [([4, 0, 1, 7], 5), ([1], 4), ([3, 2], 2), ([40], 3), ([2, 6, 5, 0], 19)]:
    for reduction in ("mean", "sum", "none"):
        x, transitions, start, end = (
            torch.randn(shape, requires_grad=True) for shape in [(sum(lengths), k), (k, k), (k,), (k,)])
        tags = torch.randint(0, k, (sum(lengths),))
        parts = list(zip(x.split(lengths), tags.split(lengths)))
        losses = torch.stack([loss(emissions, own, transitions, start, end) for emissions, own in parts])
        total = sum(log_sum(emissions, transitions, start, end) for emissions, own in parts if len(own))
        output = {"mean": losses.mean, "sum": losses.sum, "none": lambda: losses}[reduction]()
        add(
            "conditionalRandomField", output, {"emissions": x, "transitions": transitions, "start": start, "end": end},
            reduction=reduction, lengths=lengths, tags=tags.tolist(),
            marginals=numbers(torch.autograd.grad(total, x, retain_graph=True)[0]))

# The inputs stand in a list.
for case in cases:
    for key in ("inputs", "gradients"):
        case[key] = list(case[key].values())
print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")
