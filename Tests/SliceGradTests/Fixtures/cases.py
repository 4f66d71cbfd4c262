"""What the scripts beside it have in common: cases of operations that PyTorch computes in float64."""
import torch

torch.set_default_dtype(torch.float64)
cases = []


def numbers(tensor):
    return tensor.detach().tolist()


def add(op, output, inputs, **settings):
    """Notes an output, and the gradients of its inputs, given by their names, when its own is `upstream`."""
    upstream = torch.randn(output.shape)
    gradients = torch.autograd.grad(output, list(inputs.values()), upstream, retain_graph=True)
    cases.append({
        "op": op, **settings, "inputs": {name: numbers(x) for name, x in inputs.items()}, "output": numbers(output),
        "upstream": numbers(upstream), "gradients": dict(zip(inputs, map(numbers, gradients))),
    })
