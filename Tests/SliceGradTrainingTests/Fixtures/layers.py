"""Writes the `state_dict` of layers as a user of PyTorch does, one file each, and in layers.json an input and what the
layer makes of it, computed in float64; run with torch 2.13.0 and safetensors 0.8.0."""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(20261130)
folder = pathlib.Path(__file__).parent
x = torch.randn(2, 5, 3)


def note(name, layer, x):
    """Writes the file and returns the output, of the numbers of the file in float64."""
    save_file(layer.state_dict(), folder / f"{name}.safetensors")
    return layer.double().eval()(x.double())


def recurrent(kind):
    layer = getattr(nn, kind)(3, 4, num_layers=2, bidirectional=True, batch_first=True)
    output, final = note(kind.lower(), layer, x)
    return [output, *(final if kind == "LSTM" else [final])]


norm = nn.BatchNorm1d(3)
with torch.no_grad():
    norm.weight.copy_(torch.randn(3))
    norm.bias.copy_(torch.randn(3))
for _ in range(4):
    norm(3 + 2 * torch.randn(6, 3))

results = {"gru": recurrent("GRU"), "lstm": recurrent("LSTM"), "batch_norm": [note("batch_norm", norm, x[0])]}
contents = {"x": x.tolist()} | {name: [tensor.tolist() for tensor in tensors] for name, tensors in results.items()}
lines = [f'"{name}": {json.dumps(numbers)}' for name, numbers in contents.items()]
(folder / "layers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
