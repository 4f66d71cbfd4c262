"""What the peers that time single cases have in common: options, row numbers, the clock and the lines of JSON.

Row numbers come from a generator simple enough to be written again in any language:
  state = state * 6364136223846793005 + 1442695040888963407 (mod 2^64), from 42;  u = (state >> 40) / 2^24
  uniform: floor(u * rows)        logUniform: floor(exp(u * ln(rows + 1))) - 1, few rows being frequent, as words are
"""
import argparse
import json
import math
import statistics
import time


def parse_options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--threads", type=int, default=1, help="threads to compute with (1)")
    parser.add_argument("--case", default="", metavar="PREFIX", help="only the cases whose names begin so")
    return parser.parse_args()


def row_numbers(table_rows, count, distribution):
    state, numbers = 42, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        uniform = (state >> 40) / 2**24
        if distribution == "uniform":
            numbers.append(int(uniform * table_rows))
        else:
            numbers.append(min(table_rows - 1, int(math.exp(uniform * math.log(table_rows + 1))) - 1))
    return numbers


class CaseTimer:
    """Times steps, each the median of 7 blocks of about 0.15 s after a warm-up, and prints a line for each."""

    def __init__(self, peer, options):
        self.peer = peer
        self.options = options

    def wants(self, case):
        return case.startswith(self.options.case)

    def measure(self, case, step, **details):
        step()
        start = time.perf_counter()
        step()
        repetitions = max(1, int(0.15 / max(time.perf_counter() - start, 1e-7)))
        self._microseconds(step, min(repetitions, 50))
        times = [self._microseconds(step, repetitions) for _ in range(7)]
        result = {"case": case, **details, "peer": self.peer, "threads": self.options.threads}
        result |= {"microseconds": round(statistics.median(times), 2), "fastest": round(min(times), 2)}
        print(json.dumps(result), flush=True)

    @staticmethod
    def _microseconds(step, repetitions):
        start = time.perf_counter()
        for _ in range(repetitions):
            step()
        return (time.perf_counter() - start) / repetitions * 1e6
