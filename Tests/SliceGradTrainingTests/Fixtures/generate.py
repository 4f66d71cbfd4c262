"""Writes pytorch.safetensors and, in pytorch.json, what is in it; run with torch 2.13.0 and safetensors 0.8.0."""

import json
import math
import pathlib
import struct

import torch
from safetensors.torch import save_file

torch.manual_seed(20261121)
special = [0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan]


def numbers(dtype, shape):
    """Random numbers of the type, the last ones replaced by special ones and the smallest and largest."""
    tensor = torch.randn(shape, dtype=torch.float64).to(dtype).flatten()
    limits = torch.finfo(dtype)
    subnormal = limits.tiny * limits.eps
    extremes = special + [limits.max, limits.min, limits.tiny, subnormal, -3 * subnormal]
    tensor[-len(extremes) :] = torch.tensor(extremes, dtype=torch.float64).to(dtype)
    return tensor.reshape(shape)


tensors = {
    "half": numbers(torch.float16, (3, 5)),
    "brain": numbers(torch.bfloat16, (13,)),
    "float": numbers(torch.float32, (2, 3, 4)),
    "double": numbers(torch.float64, (4, 4)),
    "scalar": torch.tensor(0.1),
    "empty": torch.zeros(2, 0),
    "int": torch.tensor([[0, -1], [2**31 - 1, -(2**31)]], dtype=torch.int32),
    "long": torch.tensor([0, -1, 2**63 - 1, -(2**63)]),
    "byte": torch.tensor([1, 2, 255], dtype=torch.uint8),
}
folder = pathlib.Path(__file__).parent
save_file(tensors, folder / "pytorch.safetensors", metadata={"format": "pt", "note": "ä \"quoted\" \\ line\nend"})


def text(tensor):
    """Integers as decimals, floating-point numbers as the bits of a float64, so that nothing is rounded."""
    if not tensor.dtype.is_floating_point:
        return [str(number) for number in tensor.flatten().tolist()]
    return [struct.pack(">d", number).hex() for number in tensor.double().flatten().tolist()]


expected = [
    {"name": name, "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "numbers": text(tensor)}
    for name, tensor in tensors.items()
]
(folder / "pytorch.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in expected) + "\n]\n")
