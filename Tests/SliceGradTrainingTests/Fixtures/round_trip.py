"""Prints what is in a safetensors file, and writes another one with the same numbers, each with the other sign."""

import json
import struct
import sys

import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

source, target = sys.argv[1:]
tensors = load_file(source)
contents = {
    name: {
        "dtype": str(array.dtype),
        "shape": list(array.shape),
        "numbers": [struct.pack(">d", number).hex() for number in array.flatten().tolist()],
    }
    for name, array in tensors.items()
}
with safe_open(source, framework="numpy") as file:
    metadata = file.metadata()
del metadata["SliceGrad checksum"]  # of other numbers
save_file({name: numpy.asarray(-array) for name, array in tensors.items()}, target, metadata)
print(json.dumps(contents))
