#!/usr/bin/env python3
"""Writes attention.json: MultiheadAttention and TransformerEncoderLayer of PyTorch, in float64, on sequences of different
lengths, which it takes padded and under masks.

    pip install torch==2.13.0+cpu numpy
    python3 attention.py > attention.json
"""
import json

import torch
from torch import nn

from cases import add, cases

torch.manual_seed(20261129)

COLUMNS = 4


def padded(elements, lengths):
    """[n, d] as [b, longest, d], and what of it is padding."""
    sequences = nn.utils.rnn.pad_sequence(elements.split(lengths), batch_first=True)
    return sequences, torch.arange(sequences.shape[1]) >= torch.tensor(lengths)[:, None]


def causal_mask(queries, keys):
    return torch.ones(queries, keys, dtype=torch.bool).triu(1)


def splits(lengths):
    return [sum(lengths[:i]) for i in range(len(lengths) + 1)]


def case(op, module, lengths, other_lengths=None, is_causal=False, **settings):
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    elements = torch.randn(sum(lengths), COLUMNS, requires_grad=True)
    inputs = {"elements": elements}
    x, padding = padded(elements, lengths)
    mask = causal_mask(x.shape[1], x.shape[1]) if is_causal else None
    if op == "block":
        y = module(x, src_mask=mask, src_key_padding_mask=padding)
    elif op == "self":
        y, _ = module(x, x, x, key_padding_mask=padding, attn_mask=mask, need_weights=False)
    else:
        inputs["others"] = torch.randn(sum(other_lengths), COLUMNS, requires_grad=True)
        others, other_padding = padded(inputs["others"], other_lengths)
        mask = causal_mask(x.shape[1], others.shape[1]) if is_causal else None
        y, _ = module(x, others, others, key_padding_mask=other_padding, attn_mask=mask, need_weights=False)
        settings["other_splits"] = splits(other_lengths)
    add(
        op, y[~padding], {**inputs, **dict(module.named_parameters())}, splits=splits(lengths), is_causal=is_causal,
        **settings)


for heads in (1, 2, 4):
    for is_causal in (False, True):
        module = nn.MultiheadAttention(COLUMNS, heads, batch_first=True)
        case("self", module, [3, 6, 1], is_causal=is_causal, heads=heads)
        # Other sequences that are longer and shorter.
        case("cross", module, [2, 4, 1, 3], [5, 1, 3, 3], is_causal=is_causal, heads=heads)

for activation in ("relu", "gelu"):
    for norm_first in (False, True):
        for is_causal in (False, True):
            module = nn.TransformerEncoderLayer(
                COLUMNS, 2, dim_feedforward=5, dropout=0, activation=activation, batch_first=True,
                norm_first=norm_first)
            case(
                "block", module, [3, 6, 1], is_causal=is_causal, heads=2, activation=activation,
                norm_first=norm_first)

# The inputs stand in a list, beside it the names of those that are parameters.
for case in cases:
    case["names"] = [name for name in case["inputs"] if name not in ("elements", "others")]
    for key in ("inputs", "gradients"):
        case[key] = list(case[key].values())
print(json.dumps(cases))
