#!/usr/bin/env python3
"""Trains fastText on lines `label TAB text` and prints its accuracy on others.    needs: pip install fasttext-wheel

Texts are lower-cased, and punctuation stands alone, as SliceGrad's TextClassifier reads them.
"""
import argparse
import json
import re
import tempfile
import time
from pathlib import Path

import fasttext


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", help="the file to learn from")
    parser.add_argument("test", help="the file to measure the accuracy on")
    parser.add_argument("--dimensions", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--word-ngrams", type=int, default=1)
    parser.add_argument("--char-ngrams", type=int, nargs=2, default=(1, 4), metavar=("MIN", "MAX"), help="0 0: none")
    parser.add_argument("--buckets", type=int, default=500_000)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def write_labelled(source, destination):
    with open(source, encoding="utf-8") as lines, open(destination, "w", encoding="utf-8") as labelled:
        for line in lines:
            label, text = line.rstrip("\n").split("\t", 1)
            words = " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))
            labelled.write(f"__label__{label.replace(' ', '_')} {words}\n")


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as folder:
        train, test = Path(folder, "train.txt"), Path(folder, "test.txt")
        write_labelled(options.train, train)
        write_labelled(options.test, test)
        start = time.perf_counter()
        model = fasttext.train_supervised(
            str(train), dim=options.dimensions, lr=options.learning_rate, epoch=options.epochs,
            wordNgrams=options.word_ngrams, minn=options.char_ngrams[0], maxn=options.char_ngrams[1],
            bucket=options.buckets, thread=options.threads, verbose=0,
        )
        seconds = time.perf_counter() - start
        count, accuracy, _ = model.test(str(test))
    print(json.dumps({
        "case": "textClassification", "peer": "fastText", "threads": options.threads, "testExamples": count,
        "testAccuracy": round(accuracy, 4), "trainSeconds": round(seconds, 2),
    }))


if __name__ == "__main__":
    main()
