"""What the peers that train text classifiers have in common: options, lines `label TAB text`, and the line of JSON.

Texts are lower-cased, and punctuation stands alone, as SliceGrad's TextClassifier reads them.
"""
import argparse
import json
import re


def option_parser(description, learning_rate, epochs):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("train", help="the file to learn from")
    parser.add_argument("test", help="the file to measure the accuracy on")
    parser.add_argument("--dimensions", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=learning_rate)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--char-ngrams", type=int, nargs=2, default=(1, 4), metavar=("MIN", "MAX"), help="0 0: none")
    parser.add_argument("--buckets", type=int, default=500_000)
    parser.add_argument("--threads", type=int, default=1)
    return parser


def read(path):
    """The label and the words of each line."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            label, text = line.rstrip("\n").split("\t", 1)
            yield label, re.findall(r"\w+|[^\w\s]", text.lower())


def print_result(peer, options, test_examples, right, **seconds):
    """`right` of all lines of the test file were. Seconds as SliceGrad's TextClassifier names them: stepSeconds are
    those of the training steps alone, trainSeconds those of reading and features as well.
    """
    print(json.dumps({
        "case": "textClassification", "peer": peer, "threads": options.threads, "testExamples": test_examples,
        "testAccuracy": round(right / test_examples, 4), "epochs": options.epochs,
        **{name: round(value, 2) for name, value in seconds.items()},
    }))
