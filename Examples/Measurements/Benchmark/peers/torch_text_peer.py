#!/usr/bin/env python3
"""Trains a bag of n-grams in PyTorch on lines `label TAB text` and prints its accuracy on others.

The model and the training of SliceGrad's TextClassifier: EmbeddingBag(mean, sparse) by SparseAdam with β₁ = 0, but with
a second moment for each number and not for each row, a linear layer by Adam, rates that fall to 0 on a line, batches of
64. Words have rows of their own, character n-grams share hashed ones. Reading and features are not in the seconds.
needs: pip install torch==2.13.0+cpu numpy
"""
import random
import time
import zlib

import torch
import torch.nn.functional as F
from text_peer import option_parser, print_result, read
from torch import nn


class Features:
    """Row numbers of a text: known words, and the hashed n-grams of each word between its borders < and >."""

    def __init__(self, texts, options):
        words = sorted({word for _, text in texts for word in text})
        self.words = {word: row for row, word in enumerate(words)}
        self.shortest, self.longest = options.char_ngrams
        self.buckets = options.buckets
        self.row_count = len(words) + options.buckets
        self.rows_of_word = {}

    def rows(self, text):
        return torch.tensor([row for word in text for row in self._rows(word)], dtype=torch.int64)

    def _rows(self, word):
        if word not in self.rows_of_word:
            bordered = f"<{word}>"
            grams = [
                bordered[start : start + length]
                for length in range(self.shortest, self.longest + 1)
                for start in range(len(bordered) - length + 1)
            ]
            rows = [len(self.words) + zlib.crc32(gram.encode()) % self.buckets for gram in grams]
            self.rows_of_word[word] = ([self.words[word]] if word in self.words else []) + rows
        return self.rows_of_word[word]


def batch(examples):
    rows = [rows for rows, _ in examples]
    lengths = torch.tensor([0] + [len(part) for part in rows[:-1]])
    return torch.cat(rows), lengths.cumsum(0), torch.tensor([label for _, label in examples])


def main():
    parser = option_parser(__doc__, learning_rate=0.02, epochs=2)
    parser.add_argument("--dense-learning-rate", type=float, default=0.01)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    random.seed(1)
    train, test = list(read(options.train)), list(read(options.test))
    features = Features(train, options)
    labels = {label: number for number, label in enumerate(sorted({label for label, _ in train}))}
    examples = [(features.rows(text), labels[label]) for label, text in train]

    bag = nn.EmbeddingBag(features.row_count, options.dimensions, mode="mean", sparse=True)
    nn.init.uniform_(bag.weight, -1 / options.dimensions, 1 / options.dimensions)
    output = nn.Linear(options.dimensions, len(labels))
    rules = [torch.optim.SparseAdam(bag.parameters(), lr=options.learning_rate, betas=(0, 0.999))]
    rules.append(torch.optim.Adam(output.parameters(), lr=options.dense_learning_rate, fused=True))
    steps = options.epochs * -(-len(examples) // 64)
    schedules = [torch.optim.lr_scheduler.LambdaLR(rule, lambda step: 1 - step / steps) for rule in rules]
    start = time.perf_counter()
    for _ in range(options.epochs):
        random.shuffle(examples)
        for first in range(0, len(examples), 64):
            rows, offsets, targets = batch(examples[first : first + 64])
            for rule in rules:
                rule.zero_grad()
            F.cross_entropy(output(bag(rows, offsets)), targets).backward()
            for rule, schedule in zip(rules, schedules):
                rule.step()
                schedule.step()
    seconds = time.perf_counter() - start

    right = 0
    with torch.no_grad():
        for first in range(0, len(test), 64):
            texts = [(features.rows(text), labels.get(label, -1)) for label, text in test[first : first + 64]]
            rows, offsets, targets = batch(texts)
            right += int((output(bag(rows, offsets)).argmax(1) == targets).sum())
    print_result("PyTorch " + torch.__version__, options, len(test), right, stepSeconds=seconds)


if __name__ == "__main__":
    main()
