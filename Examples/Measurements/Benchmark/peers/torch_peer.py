#!/usr/bin/env python3
"""Times PyTorch on the CPU, one JSON line a case.        needs: pip install torch==2.13.0+cpu numpy"""
from case_timer import CaseTimer, parse_options, row_numbers

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

COLUMNS = 64
INDICES = 4096
TABLE_ROWS = (10_000, 100_000, 1_000_000)
DISTRIBUTIONS = ("uniform", "logUniform")


def rows_tensor(table_rows, count, distribution):
    return torch.tensor(row_numbers(table_rows, count, distribution))


def measure_tables(timer):
    """embeddingStep: look-up, sum of squares, backward, update. sparseAdam: merging and update alone."""
    for table_rows in TABLE_ROWS:
        for distribution in DISTRIBUTIONS:
            indices = rows_tensor(table_rows, INDICES, distribution)
            details = dict(rows=table_rows, columns=COLUMNS, indices=INDICES, distribution=distribution)
            details["uniqueRows"] = len(indices.unique())
            table = nn.Embedding(table_rows, COLUMNS, sparse=True)
            optimizer = torch.optim.SparseAdam(table.parameters(), lr=0.01)

            def backward():
                optimizer.zero_grad()
                table(indices).pow(2).sum().backward()

            def whole_step():
                backward()
                optimizer.step()

            if timer.wants("embeddingStep"):
                timer.measure("embeddingStep", whole_step, **details)
            if timer.wants("sparseAdam"):
                backward()
                gradient = table.weight.grad

                def update():
                    table.weight.grad = gradient
                    optimizer.step()

                timer.measure("sparseAdam", update, **details)


def measure_dense_adam(timer):
    for rows in TABLE_ROWS:
        parameter = nn.Parameter(torch.randn(rows, COLUMNS))
        parameter.grad = torch.randn(rows, COLUMNS)
        optimizer = torch.optim.Adam([parameter], lr=0.01, fused=True)
        timer.measure("denseAdam", optimizer.step, rows=rows, columns=COLUMNS, note="fused=True")


def measure_matmul(timer):
    squares = [(size, size, size) for size in (32, 64, 128, 256, 512, 1024)]
    for m, n, k in squares + [(64, 4, 64), (64, 1000, 128), (2560, 64, 64)]:
        left, right, product = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
        timer.measure("matmul", lambda: torch.mm(left, right, out=product), m=m, n=n, k=k)


class Classifier(nn.Module):
    def __init__(self, rows, columns, hidden, classes):
        super().__init__()
        self.embedding = nn.EmbeddingBag(rows, columns, sparse=True, mode="mean")
        self.hidden = nn.Linear(columns, hidden)
        self.output = nn.Linear(hidden, classes)

    def forward(self, indices, offsets):
        return self.output(torch.relu(self.hidden(self.embedding(indices, offsets))))


def measure_classifier(timer):
    hidden, batch = 64, 64
    for table_rows, classes, tokens, distribution in (
        (50_000, 4, 40, "uniform"),
        (50_000, 4, 40, "logUniform"),
        (1_000_000, 100, 200, "logUniform"),
    ):
        model = Classifier(table_rows, COLUMNS, hidden, classes)
        sparse = torch.optim.SparseAdam(model.embedding.parameters(), lr=1e-3)
        dense = torch.optim.Adam([*model.hidden.parameters(), *model.output.parameters()], lr=1e-3, fused=True)
        indices = rows_tensor(table_rows, batch * tokens, distribution)
        offsets = torch.arange(0, batch * tokens, tokens)
        labels = torch.arange(batch) % classes

        def step():
            sparse.zero_grad()
            dense.zero_grad()
            functional.cross_entropy(model(indices, offsets), labels).backward()
            sparse.step()
            dense.step()

        details = dict(rows=table_rows, columns=COLUMNS, hidden=hidden, classes=classes, batch=batch, tokens=tokens)
        timer.measure("classifierStep", step, **details, distribution=distribution)


def measure_mlp(timer):
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs, labels = torch.randn(32, 64), torch.arange(32) % 10

    def step():
        optimizer.zero_grad()
        functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()

    timer.measure("mlpStep", step, layers=[64, 64, 10], batch=32, optimizer="SGD")


def measure_softmax_cross_entropy(timer):
    logits, labels = torch.randn(256, 10_000, requires_grad=True), torch.arange(256)

    def step():
        logits.grad = None
        functional.cross_entropy(logits, labels).backward()

    timer.measure("softmaxCrossEntropy", step, batch=256, classes=10_000)


def measure_layer_norm(timer):
    inputs = torch.randn(256, 512, requires_grad=True)
    weight, bias = torch.ones(512, requires_grad=True), torch.zeros(512, requires_grad=True)

    def step():
        inputs.grad = None
        functional.layer_norm(inputs, (512,), weight, bias).sum().backward()

    timer.measure("layerNorm", step, batch=256, columns=512)


def measure_scores(timer):
    """Gathered rows and einsum: PyTorch has no other way to score some rows of a table.

    The gradient of the table has a row for each use. SliceGrad's is merged, each row once, as `coalesce` makes it.
    """
    batch, candidates, table_rows, columns = 512, 64, 100_000, 100
    indices = rows_tensor(table_rows, batch * candidates, "uniform").reshape(batch, candidates)
    table = nn.Embedding(table_rows, columns, sparse=True)
    vectors = torch.randn(batch, columns, requires_grad=True)

    details = dict(rows=table_rows, columns=columns, batch=batch, candidates=candidates)

    def step():
        table.weight.grad = vectors.grad = None
        torch.einsum("bd,bkd->bk", vectors, table(indices)).pow(2).sum().backward()

    def step_and_merge():
        step()
        table.weight.grad = table.weight.grad.coalesce()

    timer.measure("scores", step, **details)
    timer.measure("scores", step_and_merge, **details, variant="merged")


def measure_attention_block(timer):
    batch, tokens, columns, heads, hidden = 32, 64, 128, 4, 512
    block = nn.TransformerEncoderLayer(columns, heads, hidden, dropout=0, batch_first=True)
    optimizer = torch.optim.Adam(block.parameters(), lr=1e-3, fused=True)
    inputs, targets = torch.randn(batch, tokens, columns), torch.randn(batch, tokens, columns)

    def step():
        optimizer.zero_grad()
        functional.mse_loss(block(inputs), targets).backward()
        optimizer.step()

    timer.measure("attentionBlock", step, batch=batch, tokens=tokens, columns=columns, heads=heads, hidden=hidden)


def measure_recurrent(timer):
    """Layers of which every sequence has 64 elements, or 5 to 64 and is packed; then Adam for the layer and its input."""
    inputs, hidden, batch, longest = 64, 128, 32, 64
    ragged = [5 + i * 37 % 60 for i in range(batch)]
    for lengths in ([longest] * batch, ragged):
        for name, layer in (("gru", nn.GRU), ("lstm", nn.LSTM)):
            if not timer.wants(name):
                continue
            network = layer(inputs, hidden, batch_first=True)
            x = nn.Parameter(torch.randn(batch, longest, inputs))
            optimizer = torch.optim.Adam([*network.parameters(), x], lr=1e-3, fused=True)

            def step():
                optimizer.zero_grad()
                if lengths is ragged:
                    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                    outputs = network(packed)[0].data
                else:
                    outputs = network(x)[0]
                (outputs.pow(2).sum() * 0.5).backward()
                optimizer.step()

            timer.measure(name, step, batch=batch, elements=sum(lengths), inputs=inputs, hidden=hidden)


def measure_gru_step(timer):
    """The cell as one writes it, and the fastest of what else was tried.

    `torch.gru_cell` is what the cell calls. With weights stored transposed, its products read them in a better order.
    The equations by hand, in place and into memory that is there already, are faster yet. The cell itself with such
    weights, traced and frozen, optimized for inference or compiled, and torch.nn.GRU were all slower.
    """
    cell, x, state = nn.GRUCell(64, 128), torch.randn(1, 64), torch.randn(1, 128)
    details = dict(batch=1, inputs=64, hidden=128)
    from_input, from_state, input_bias, state_bias = (parameter.detach() for parameter in cell.parameters())
    from_input, from_state = (weight.t().contiguous().t() for weight in (from_input, from_state))

    def function():
        torch.gru_cell(x, state, from_input, from_state, input_bias, state_bias)

    row, carried = x[0], state[0].clone()
    gates, recurrent = torch.empty(3 * 128), torch.empty(3 * 128)
    reset, update, new = gates.split(128)
    both, recurrent_both, candidate = gates[:256], recurrent[:256], recurrent[256:]

    def by_hand():
        torch.addmv(input_bias, from_input, row, out=gates)
        torch.addmv(state_bias, from_state, carried, out=recurrent)
        both.add_(recurrent_both).sigmoid_()
        new.addcmul_(reset, candidate).tanh_()
        torch.lerp(new, carried, update, out=carried)

    with torch.inference_mode():
        expected = cell(x, state)
        by_hand()
        assert torch.allclose(carried, expected[0], atol=1e-5)
        timer.measure("gruStep", lambda: cell(x, state), **details)
        timer.measure("gruStep", function, **details, variant="gru_cell, weights transposed")
        timer.measure("gruStep", by_hand, **details, variant="by hand")


def measure_text_convolution(timer):
    batch, length, inputs, filters, lengths = 64, 50, 100, 100, [3, 4, 5]
    layers = nn.ModuleList([nn.Conv1d(inputs, filters, n) for n in lengths])
    x = nn.Parameter(torch.randn(batch, length, inputs))
    optimizer = torch.optim.Adam([*layers.parameters(), x], lr=1e-3, fused=True)

    def step():
        optimizer.zero_grad()
        columns = x.transpose(1, 2)
        maxima = torch.cat([layer(columns).amax(2) for layer in layers], 1)
        (maxima.pow(2).sum() * 0.5).backward()
        optimizer.step()

    timer.measure("textConvolution", step, batch=batch, length=length, inputs=inputs, filters=filters, lengths=lengths)


def measure_batch_norm(timer):
    layer, x = nn.BatchNorm1d(200), nn.Parameter(torch.randn(256, 200))
    optimizer = torch.optim.Adam([*layer.parameters(), x], lr=1e-3, fused=True)

    def step():
        optimizer.zero_grad()
        (layer(x).pow(2).sum() * 0.5).backward()
        optimizer.step()

    timer.measure("batchNorm", step, batch=256, columns=200)


def main():
    options = parse_options(__doc__)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    timer = CaseTimer("PyTorch " + torch.__version__, options)
    if timer.wants("embeddingStep") or timer.wants("sparseAdam"):
        measure_tables(timer)
    for case, measure in (
        ("denseAdam", measure_dense_adam),
        ("matmul", measure_matmul),
        ("classifierStep", measure_classifier),
        ("mlpStep", measure_mlp),
        ("softmaxCrossEntropy", measure_softmax_cross_entropy),
        ("layerNorm", measure_layer_norm),
        ("scores", measure_scores),
        ("attentionBlock", measure_attention_block),
        ("gruStep", measure_gru_step),
        ("textConvolution", measure_text_convolution),
        ("batchNorm", measure_batch_norm),
    ):
        if timer.wants(case):
            measure(timer)
    measure_recurrent(timer)


if __name__ == "__main__":
    main()
