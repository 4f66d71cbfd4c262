#!/usr/bin/env python3
"""Trains fastText on lines `label TAB text` and prints its accuracy on others.    needs: pip install fasttext-wheel"""
import tempfile
import time
from pathlib import Path

import fasttext
from text_peer import option_parser, print_result, read


def write_labelled(source, destination):
    """Returns how many lines there are."""
    count = 0
    with open(destination, "w", encoding="utf-8") as labelled:
        for label, words in read(source):
            labelled.write(f"__label__{label.replace(' ', '_')} {' '.join(words)}\n")
            count += 1
    return count


def main():
    parser = option_parser(__doc__, learning_rate=0.5, epochs=5)
    parser.add_argument("--word-ngrams", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        train, test = Path(folder, "train.txt"), Path(folder, "test.txt")
        write_labelled(options.train, train)
        test_examples = write_labelled(options.test, test)
        start = time.perf_counter()
        model = fasttext.train_supervised(
            str(train), dim=options.dimensions, lr=options.learning_rate, epoch=options.epochs,
            wordNgrams=options.word_ngrams, minn=options.char_ngrams[0], maxn=options.char_ngrams[1],
            bucket=options.buckets, thread=options.threads, verbose=0,
        )
        seconds = time.perf_counter() - start
        # It leaves out lines without a known word or label, which the other programs count as wrong if they are.
        tested, precision, _ = model.test(str(test))
    print_result("fastText", options, test_examples, round(tested * precision), trainSeconds=seconds)


if __name__ == "__main__":
    main()
