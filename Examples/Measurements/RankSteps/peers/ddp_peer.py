#!/usr/bin/env python3
"""Times the steps of RankSteps in PyTorch: DistributedDataParallel over gloo, or one process, and prints a line of JSON.

PyTorch's bags have no counts: a row that comes again in a text has a weight instead, which takes less time than the row
repeated. Its SparseAdam has no second moment that is one number a row: it keeps both moments of each number.

needs: pip install torch==2.13.0+cpu numpy
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path

import torch
import torch.distributed
import torch.multiprocessing
import torch.nn.functional as F
from torch import nn

sys.path.append(str(Path(__file__).absolute().parents[2] / "Benchmark/peers"))
from case_timer import row_numbers

ROWS, COLUMNS, CLASSES, LENGTH = 500_000, 64, 114, 130


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(ROWS, COLUMNS, mode="sum", sparse=True)
        self.output = nn.Linear(COLUMNS, CLASSES)

    def forward(self, rows, offsets, weights):
        return self.output(self.embedding(rows, offsets, per_sample_weights=weights))


def bags(texts):
    """The different rows of each text, where each text begins, and weights with which their sum is the text's mean."""
    rows, counts = zip(*(torch.unique(text, return_counts=True) for text in texts))
    ends = torch.tensor([len(rows_of_text) for rows_of_text in rows]).cumsum(0)
    return torch.cat(rows), torch.cat([torch.tensor([0]), ends[:-1]]), torch.cat(counts) / LENGTH


def time_steps(rank, options, rows):
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    classifier = model = Classifier()
    if options.ranks > 1:
        os.environ |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(options.port)}
        torch.distributed.init_process_group("gloo", rank=rank, world_size=options.ranks)
        model = nn.parallel.DistributedDataParallel(classifier)
    rules = [
        torch.optim.SparseAdam(classifier.embedding.parameters(), lr=0.02, betas=(0.0, 0.999)),
        torch.optim.Adam(classifier.output.parameters(), lr=0.01, fused=True),
    ]
    own = slice(rank * options.texts // options.ranks, (rank + 1) * options.texts // options.ranks)
    batches = [
        (bags(rows[batch][own]), torch.arange(batch * options.texts, (batch + 1) * options.texts)[own] % CLASSES)
        for batch in range(8)
    ]

    def make_steps(count):
        for step in range(count):
            texts, labels = batches[step % 8]
            for rule in rules:
                rule.zero_grad()
            F.cross_entropy(model(*texts), labels).backward()
            for rule in rules:
                rule.step()

    make_steps(16)
    start = time.perf_counter()
    make_steps(options.steps)
    if rank == 0:
        print(json.dumps({"microseconds": (time.perf_counter() - start) / options.steps * 1e6}), flush=True)
    if options.ranks > 1:
        torch.distributed.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, default=1, help="processes (1)")
    parser.add_argument("--threads", type=int, default=1, help="of each process (1)")
    parser.add_argument("--texts", type=int, default=512, help="texts a step, of all processes together (512)")
    parser.add_argument("--steps", type=int, default=200, help="how many steps to time, after 16 that are not (200)")
    parser.add_argument("--port", type=int, default=29511, help="by which processes find one another (29511)")
    options = parser.parse_args()
    rows = torch.tensor(row_numbers(ROWS, 8 * options.texts * LENGTH, "logUniform")).reshape(8, -1, LENGTH)
    if options.ranks == 1:
        time_steps(0, options, rows)
    else:
        torch.multiprocessing.spawn(time_steps, (options, rows), options.ranks)


if __name__ == "__main__":
    main()
