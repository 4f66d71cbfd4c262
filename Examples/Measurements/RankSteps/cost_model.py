#!/usr/bin/env python3
"""What a training step of many ranks costs, by a model: computation, messages and bytes; and up to how many ranks more of
them are worth it.

A text is a bag of row numbers that follow Zipf's law: row r has a share of r^-s / H. A row that a text has several times
stands in its bag once, with a count. The table's rows are shared by the ranks. "Bags" sends each text's bag to the owners
of its rows, and sums of rows back; "rows" sends each distinct row of a rank's texts.

The times of one thread are those of RankSteps with 512 texts, in the table of the article What ranks cost: 3.54 ms a whole
step, of which 32 % update 25,500 rows, by a profile. That a step of fewer texts takes less time for each, as more of it
lies in the caches, is left out. --deal and --move are of an earlier prototype. Give your own.

usage: cost_model.py [--network 100Gb|10Gb] [--texts 512] [--rows 1e8] [--columns 64] …
       cost_model.py --check ARTICLE    whether the table in the article What ranks cost is what comes out here
"""
import argparse
import math
import sys
from pathlib import Path

RANKS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
NETWORKS = {"100Gb": (2e-6, 0.09e-9), "10Gb": (25e-6, 0.9e-9)}  # seconds a message, seconds a byte
FLOAT = 4
# Those of RankSteps. What all ranks add up is whether parts failed, the loss, the dense layer, and how often the table,
# its bags and each of the layer's parameters are used.
COLUMNS, CLASSES = 64, 114


def summed(columns):
    return 2 + (columns + 1) * CLASSES + 2 + 2


def distinct_rows(positions, rows, exponent):
    """How many rows are expected among so many draws of Zipf's law: the sum of 1 - exp(-positions p_r)."""
    bands = 2000
    edges = [math.exp(math.log(rows + 1) * i / bands) for i in range(bands + 1)]
    middles = [(math.sqrt(a * b), b - a) for a, b in zip(edges, edges[1:])]
    total = sum(width * row**-exponent for row, width in middles)
    return sum(width * -math.expm1(-positions * row**-exponent / total) for row, width in middles)


def bytes_of_sum(ranks, length):
    """What rank 0 of so many, a power of 2, sends for the sum of an array of each rank."""
    if ranks <= 2 or FLOAT * length <= 16 << 10:
        return (ranks - 1) * FLOAT * length
    # Each rank adds up a slice of all arrays.
    own = length // ranks
    return FLOAT * (length - own + (ranks - 1) * own)


def bytes_of_bags(ranks, texts, numbers, columns, length):
    """What rank 0 of so many, a power of 2, sends in a step, to the byte, as Tests/MPI/run checks.

    texts: of this rank; numbers: how many of the row numbers in their bags belong to other ranks; length: of the array
    that all ranks add up.
    """
    others = ranks - 1
    bags = others * (24 + 4 * texts) + 4 * numbers
    counts = 4 * numbers
    sums_and_gradients = 2 * others * texts * FLOAT * columns
    return bytes_of_sum(ranks, length) + bags + counts + sums_and_gradients


def steps(o, ranks):
    """Seconds and bytes that a rank sends in a step, of both ways."""
    n, t = ranks, o.texts
    latency, byte = NETWORKS[o.network]
    others = n - 1
    all_rows = distinct_rows(n * t * o.length, o.rows, o.zipf)
    own_rows = distinct_rows(t * o.length, o.rows, o.zipf)
    rows_of_text = distinct_rows(o.length, o.rows, o.zipf)
    update = o.update * all_rows / n
    messages = 6 * min(others, 64) * latency
    bags = bytes_of_bags(n, t, t * rows_of_text * others / n, o.columns, o.summed)
    rows = bytes_of_sum(n, o.summed) + others * 24 + own_rows * others / n * (4 + 1 + 2 * FLOAT * o.columns)
    return {
        "bags": ((o.text + (o.deal if n > 1 else 0)) * t + update + messages + bags * byte, bags),
        "rows": (o.text * t + update + (messages + o.move * own_rows if n > 1 else 0) + rows * byte, rows),
    }


def speeds(o, ranks):
    """How many times as fast as one rank they are, which would make the same step of all texts."""
    whole = o.text * o.texts * ranks + o.update * distinct_rows(ranks * o.texts * o.length, o.rows, o.zipf)
    return {way: whole / seconds for way, (seconds, _) in steps(o, ranks).items()}


def bytes_of_table(o, ranks):
    """The bytes of a rank's rows, and of their state if all have one: besides its numbers 12 bytes a row."""
    return o.rows / ranks * FLOAT * o.columns, o.rows / ranks * (12 + FLOAT * o.state)


def article_table(o):
    """The lines of the table in the article What ranks cost, without its head."""
    def speed(value):
        return f"{value:.0f}" if value >= 20 else f"{value:.1f}"

    def size(value):
        return f"{value / 1e6:.0f} MB" if value < 1e8 else f"{value / 1e9:.{0 if value >= 1e10 else 1}f} GB"

    def other(**changes):
        return argparse.Namespace(**vars(o) | changes)

    for n in [2, 8, 64, 1024]:
        cells = [f"{n:,}"]
        for network, rows in [("100Gb", 5e5), ("10Gb", 1e9)]:
            cells += map(speed, speeds(other(network=network, rows=rows), n).values())
        cells += [size(sum(bytes_of_table(other(rows=rows), n))) for rows in (1e8, 1e9)]
        yield "| " + " | ".join(cells) + " |"


def check(o, article):
    lines = article.read_text(encoding="utf8").splitlines()
    missing = [line for line in article_table(o) if line not in lines]
    if missing:
        sys.exit("\n".join([f"{article}: these lines come out of cost_model.py, but are not there:", *missing]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=NETWORKS, default="100Gb", help="2 µs and 0.09 ns a byte; 25 µs and 0.9 ns")
    parser.add_argument("--texts", type=int, default=512, help="a rank and step")
    parser.add_argument("--length", type=float, default=130, help="row numbers of a text, with repeats")
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--rows", type=float, default=5e5, help="of the table")
    parser.add_argument("--zipf", type=float, default=1.1, help="the exponent s")
    parser.add_argument(
        "--summed", type=int, help="numbers that all ranks add up: dense parameters, and a few more")
    parser.add_argument(
        "--state", type=int, default=1, help="numbers that a rule remembers of a row; 128 for two moments of 64 columns")
    parser.add_argument("--text", type=float, default=4.7e-6, help="seconds of a text without its rows' update")
    parser.add_argument("--deal", type=float, default=0.45e-6, help="seconds to deal out a text's rows to their owners")
    parser.add_argument("--update", type=float, default=0.044e-6, help="seconds to update a row")
    parser.add_argument("--move", type=float, default=0.165e-6, help="seconds to number, send and merge a row")
    parser.add_argument("--check", type=Path, metavar="ARTICLE", help="compare with its table")
    o = parser.parse_args()
    if o.summed is None:
        o.summed = summed(o.columns)
    if o.check:
        return check(o, o.check)

    alone = steps(o, 1)["bags"][0]
    print(f"{o.texts} texts a rank and step, {o.rows:.0e} rows of {o.columns}, {o.network}; one rank: {alone * 1e3:.2f} ms")
    print("ranks    bags: ms   times    MB    rows: ms   times    MB    table a rank: GB, with state")
    times = {n: speeds(o, n) for n in RANKS}
    for n in RANKS:
        line = f"{n:5}"
        for way, (seconds, sent) in steps(o, n).items():
            line += f"  {seconds * 1e3:8.2f}  {times[n][way]:6.1f}  {sent / 1e6:6.2f}  "
        table, state = bytes_of_table(o, n)
        print(line + f"  {table / 1e9:8.2f}  {(table + state) / 1e9:8.2f}")
    for way in times[1]:
        best = max((n for n in RANKS[1:] if times[n][way] >= 1.4 * times[n // 2][way]), default=1)
        print(f"{way}: doubling the ranks is worth it (1.4 times as fast or more) up to {best}")


if __name__ == "__main__":
    main()
