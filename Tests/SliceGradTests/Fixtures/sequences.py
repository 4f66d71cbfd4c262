#!/usr/bin/env python3
"""Writes sequences.json: layers over sequences and pooling over time, computed by PyTorch in float64.

    pip install torch==2.13.0+cpu numpy
    python3 sequences.py > sequences.json

Each case has the layer's settings, its parameters by their names, padded inputs [b, t, d] with the sequences' lengths,
the outputs, padded with zeros, an upstream gradient of each, and the gradients of parameters and inputs.
"""
import json

import torch
from torch import nn
from torch.nn.functional import pad
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from cases import numbers

torch.manual_seed(20261128)
cases = []


def note(layer, parameters, inputs, outputs, **settings):
    upstream = [torch.randn(output.shape) for output in outputs.values()]
    leaves = {**parameters, **inputs}
    total = sum((output * weight).sum() for output, weight in zip(outputs.values(), upstream))
    gradients = torch.autograd.grad(total, list(leaves.values()))
    cases.append({
        "layer": layer, **settings,
        "parameters": {name: numbers(x) for name, x in parameters.items()},
        "inputs": {name: numbers(x) for name, x in inputs.items()},
        "outputs": {name: numbers(x) for name, x in outputs.items()},
        "upstream": dict(zip(outputs, map(numbers, upstream))),
        "gradients": dict(zip(leaves, map(numbers, gradients))),
    })


def leaf(*shape):
    return torch.randn(shape).requires_grad_()


def recurrent(kind, lengths, layers=1, bidirectional=False, initial=False):
    """pack_padded_sequence needs lengths of 1 or more."""
    inputs, hidden, batch = 3, 4, len(lengths)
    layer = getattr(nn, kind)(inputs, hidden, layers, bidirectional=bidirectional, batch_first=True)
    x = leaf(batch, max(lengths), inputs)
    given = {"x": x}
    state = None
    if initial:
        names = ("hidden", "cell") if kind == "LSTM" else ("hidden",)
        state = [leaf(layers * (2 if bidirectional else 1), batch, hidden) for _ in names]
        given.update(zip(names, state))
        state = tuple(state) if kind == "LSTM" else state[0]
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    packed_output, final = layer(packed, state)
    outputs = {"output": pad_packed_sequence(packed_output, batch_first=True)[0]}
    outputs.update({"hidden": final[0], "cell": final[1]} if kind == "LSTM" else {"hidden": final})
    note(kind, dict(layer.named_parameters()), given, outputs, lengths=lengths, layers=layers,
         isBidirectional=bidirectional)


for kind in ("GRU", "LSTM"):
    recurrent(kind, [5])
    recurrent(kind, [3, 1, 5, 5, 2])
    recurrent(kind, [4, 4, 4], initial=True)
    recurrent(kind, [2, 6, 1], layers=2, bidirectional=True)
    recurrent(kind, [1, 1], layers=2, initial=True)
    recurrent(kind, [3, 2, 4, 1], layers=2, bidirectional=True, initial=True)

for length, stride, dilation, padding in [(3, 1, 1, 0), (2, 1, 1, 0), (3, 2, 1, 0), (3, 1, 2, 0), (3, 1, 1, "same"),
                                          (4, 1, 1, "same"), (3, 1, 2, "same"), (3, 2, 2, 3)]:
    layer = nn.Conv1d(2, 3, length, stride=stride, dilation=dilation, padding=padding)
    x = leaf(2, 7, 2)
    note("Conv1D", dict(layer.named_parameters()), {"x": x}, {"output": layer(x.transpose(1, 2)).transpose(1, 2)},
         lengths=[7, 7], length=length, stride=stride, dilation=dilation, padding=str(padding))

for rows in (2, 7):
    layer = nn.BatchNorm1d(5, momentum=0.3)
    with torch.no_grad():
        layer.weight.copy_(torch.randn(5))
        layer.bias.copy_(torch.randn(5))
    x = (3 + 2 * torch.randn(1, rows, 5)).requires_grad_()
    output = layer(x[0])[None]
    running = {"running_mean": layer.running_mean.tolist(), "running_var": layer.running_var.tolist()}
    layer.eval()
    note("BatchNorm", dict(layer.named_parameters()), {"x": x}, {"output": output}, lengths=[rows], **running,
         evaluated=layer(x[0]).tolist())

layer = nn.RMSNorm(5, eps=1e-6)
with torch.no_grad():
    layer.weight.copy_(torch.randn(5))
x = leaf(2, 3, 5)
note("RMSNorm", dict(layer.named_parameters()), {"x": x}, {"output": layer(x)}, lengths=[3, 3])

lengths = [4, 0, 7, 1, 3]


def parts(x, lengths):
    """The elements of each sequence, [l, d]."""
    return [x[i, :length] for i, length in enumerate(lengths)]


def convolved(layer, sequence, zeros):
    """Elements [l, d] to [windows, outputs]. An empty sequence has no windows, nor has one that they don't fit in."""
    before, after = zeros
    reach = layer.dilation[0] * (layer.kernel_size[0] - 1) + 1
    if len(sequence) == 0 or len(sequence) + before + after < reach:
        return torch.zeros(0, layer.out_channels)
    return layer(pad(sequence.T, (before, after))[None])[0].T


for length, stride, dilation, padding in [(3, 1, 1, 0), (2, 2, 1, 1), (3, 2, 2, 2), (3, 1, 2, "same"),
                                          (4, 1, 1, "same"), (3, 1, 1, "causal"), (2, 2, 1, "causal"),
                                          (3, 1, 2, "causal")]:
    reach = dilation * (length - 1) + 1
    zeros = {"same": ((reach - 1) // 2, reach // 2), "causal": (reach - 1, 0)}.get(padding, (padding, padding))
    for output in ("output", "maximum"):
        layer = nn.Conv1d(2, 3, length, stride=stride, dilation=dilation)
        x = leaf(len(lengths), max(lengths), 2)
        results = [convolved(layer, part, zeros) for part in parts(x, lengths)]
        if output == "output":
            result = pad_sequence(results, batch_first=True)
        else:
            result = torch.stack([part.amax(0) if len(part) else torch.zeros(3) for part in results])
        note("Conv1D", dict(layer.named_parameters()), {"x": x}, {output: result}, lengths=lengths, length=length,
             stride=stride, dilation=dilation, padding=str(padding))

for lengths in ([4, 0, 5, 1, 3], [3, 3], [1]):
    score = nn.Linear(3, 1, bias=False)
    x = leaf(len(lengths), max(lengths), 3)
    nothing = torch.zeros(3)
    results = {
        "sum": [part.sum(0) for part in parts(x, lengths)],
        "mean": [part.mean(0) if len(part) else nothing for part in parts(x, lengths)],
        "max": [part.amax(0) if len(part) else nothing for part in parts(x, lengths)],
        "attention": [score(part).softmax(0).T.matmul(part)[0] for part in parts(x, lengths)],
    }
    note("pooling", dict(score.named_parameters()), {"x": x},
         {name: torch.stack(vectors) for name, vectors in results.items()}, lengths=lengths)

print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")
