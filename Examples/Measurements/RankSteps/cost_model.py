#!/usr/bin/env python3
"""What a training step of many ranks costs, by a model: computation, messages and bytes; and up to how many ranks more of
them are worth it.

A text is a bag of row numbers that follow Zipf's law: row r has a share of r^-s / H. The table's rows are shared by the
ranks. "Bags" sends each text's bag to the owners of its rows, and sums of rows back; "rows" sends each distinct row of a
rank's texts. The times of one thread are measured ones of the text classifier, on an EPYC of 2025 without load: see
--help for each, and give your own.

usage: cost_model.py [--network 100Gb|10Gb] [--texts 512] [--rows 1e8] [--columns 64] …
"""
import argparse
import math

RANKS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
NETWORKS = {"100Gb": (2e-6, 0.09e-9), "10Gb": (25e-6, 0.9e-9)}  # seconds a message, seconds a byte
FLOAT = 4


def distinct_rows(positions, rows, exponent):
    """How many rows are expected among so many draws of Zipf's law: the sum of 1 - exp(-positions p_r)."""
    bands = 2000
    edges = [math.exp(math.log(rows + 1) * i / bands) for i in range(bands + 1)]
    middles = [(math.sqrt(a * b), b - a) for a, b in zip(edges, edges[1:])]
    total = sum(width * row**-exponent for row, width in middles)
    return sum(width * -math.expm1(-positions * row**-exponent / total) for row, width in middles)


def steps(o, ranks):
    """Seconds and bytes that a rank sends in a step, of both ways."""
    n, t, d = ranks, o.texts, o.columns * FLOAT
    latency, byte = NETWORKS[o.network]
    others = n - 1
    all_rows = distinct_rows(n * t * o.length, o.rows, o.zipf)
    own_rows = distinct_rows(t * o.length, o.rows, o.zipf)
    # Each rank adds up a slice of the dense gradients of all, or for two ranks all of them.
    dense = 0 if n == 1 else FLOAT * o.dense if n == 2 else 2 * others / n * FLOAT * o.dense
    update = o.update * all_rows / n
    messages = 6 * min(others, 64) * latency
    bags = dense + others * (8 + 4 * t) + 4 * t * o.length * others / n + 2 * others * t * d
    rows = dense + others * 8 + own_rows * others / n * (4 + 1 + 2 * d)
    return {
        "bags": ((o.text + (o.deal if n > 1 else 0)) * t + update + messages + bags * byte, bags),
        "rows": (o.text * t + update + (messages + o.move * own_rows if n > 1 else 0) + rows * byte, rows),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=NETWORKS, default="100Gb", help="2 µs and 0.09 ns a byte; 25 µs and 0.9 ns")
    parser.add_argument("--texts", type=int, default=512, help="a rank and step")
    parser.add_argument("--length", type=float, default=130, help="row numbers of a text")
    parser.add_argument("--columns", type=int, default=64)
    parser.add_argument("--rows", type=float, default=5e5, help="of the table")
    parser.add_argument("--zipf", type=float, default=1.1, help="the exponent s")
    parser.add_argument("--dense", type=int, default=7410, help="dense parameters")
    parser.add_argument("--text", type=float, default=5.3e-6, help="seconds of a text without its rows' update")
    parser.add_argument("--deal", type=float, default=0.45e-6, help="seconds to deal out a text's rows to their owners")
    parser.add_argument("--update", type=float, default=0.16e-6, help="seconds to update a row")
    parser.add_argument("--move", type=float, default=0.165e-6, help="seconds to number, send and merge a row")
    o = parser.parse_args()

    alone = steps(o, 1)["bags"][0]
    print(f"{o.texts} texts a rank and step, {o.rows:.0e} rows of {o.columns}, {o.network}; one rank: {alone * 1e3:.2f} ms")
    print("ranks    bags: ms   times    MB    rows: ms   times    MB    table a rank: GB, with state")
    speeds = {"bags": {}, "rows": {}}
    for n in RANKS:
        line = f"{n:5}"
        for way, (seconds, sent) in steps(o, n).items():
            # One rank would make the same step of all texts.
            whole = o.text * o.texts * n + o.update * distinct_rows(n * o.texts * o.length, o.rows, o.zipf)
            speeds[way][n] = whole / seconds
            line += f"  {seconds * 1e3:8.2f}  {speeds[way][n]:6.1f}  {sent / 1e6:6.2f}  "
        table = o.rows / n * FLOAT * o.columns
        state = o.rows / n * (8 + 2 * FLOAT * o.columns)
        print(line + f"  {table / 1e9:8.2f}  {(table + state) / 1e9:8.2f}")
    for way, speed in speeds.items():
        best = max((n for n in RANKS[1:] if speed[n] >= 1.4 * speed[n // 2]), default=1)
        print(f"{way}: doubling the ranks is worth it (1.4 times as fast or more) up to {best}")


if __name__ == "__main__":
    main()
