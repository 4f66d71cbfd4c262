#!/usr/bin/env python3
"""Times SliceGrad and its peers in turn, several rounds in one run, and prints medians and ratios (peer / SliceGrad).

Peers that this Python doesn't have are named and left out.
"""
import argparse
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

PEERS = Path(__file__).absolute().parent
PACKAGE = PEERS.parents[2]
SWIFT_RUN = ["swift", "run", "-c", "release", "--skip-build", "Benchmark", "--json"]

# What each program can measure.
SLICEGRAD_CASES = (
    "embeddingStep", "sparseAdam", "denseAdam", "matmul", "classifierStep", "mlpStep", "softmaxCrossEntropy",
    "layerNorm",
)
PEER_CASES = {
    "torch": ("PyTorch", "torch_peer.py", SLICEGRAD_CASES),
    "jax": ("JAX", "jax_peer.py", ("classifierStep", "mlpStep", "softmaxCrossEntropy")),
}
# What tells apart two cases of one name.
DETAILS = (
    "rows", "columns", "hidden", "classes", "batch", "tokens", "indices", "distribution", "layers", "m", "n", "k"
)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="threads of every program (1)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each case is timed by each program (3)")
    parser.add_argument("--case", default="", metavar="PREFIX", help="only the cases whose names begin so")
    return parser.parse_args()


def available_peers():
    found = {}
    for module, (peer, script, cases) in PEER_CASES.items():
        if importlib.util.find_spec(module):
            found[peer] = (script, cases)
        else:
            print(f"{peer} is not measured: this Python has no module “{module}”", file=sys.stderr)
    if not importlib.util.find_spec("fasttext"):
        print("fasttext_peer.py would not run: this Python has no module “fasttext”", file=sys.stderr)
    return found


def results(program, command):
    """The lines of JSON that a program prints, by case; none if it fails, after saying why."""
    run = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True)
    if run.returncode != 0:
        reason = (run.stderr.strip().splitlines() or [f"status {run.returncode}"])[-1]
        print(f"{program} failed: {reason}", file=sys.stderr)
    for line in run.stdout.splitlines():
        result = json.loads(line)
        details = tuple((name, str(result[name])) for name in DETAILS if name in result)
        yield (result["case"], details), result


def measure(options, peers):
    """The times of each case by program, and what SliceGrad said last about each case."""
    times, described = {}, {}
    for round_number in range(1, options.rounds + 1):
        for case in (case for case in SLICEGRAD_CASES if case.startswith(options.case)):
            print(f"round {round_number} of {options.rounds}: {case}", file=sys.stderr)
            arguments = ["--case", case, "--threads", str(options.threads)]
            commands = {"SliceGrad": SWIFT_RUN + arguments}
            for peer, (script, cases) in peers.items():
                if case in cases:
                    commands[peer] = [sys.executable, str(PEERS / script)] + arguments
            for program, command in commands.items():
                for key, result in results(program, command):
                    times.setdefault(key, {}).setdefault(program, []).append(result["microseconds"])
                    if program == "SliceGrad":
                        described[key] = result
    return times, described


def describe(key):
    case, details = key
    shape = {name: value for name, value in details}
    if case == "matmul":
        return f"{case} {shape['m']} × {shape['n']} × {shape['k']}"
    return case + " " + ", ".join(
        value if name in ("distribution", "layers") else f"{name} {value}" for name, value in details
    )


def print_table(times, described, peers):
    """A Markdown table; a ratio above 1 says that the peer takes longer."""
    columns = ["case", "SliceGrad µs"]
    for peer in peers:
        columns += [f"{peer} µs", "ratio"]
    columns += ["peak MB", "state MB"]
    print("| " + " | ".join(columns) + " |")
    print("|---" + "|---:" * (len(columns) - 1) + "|")
    for key, programs in sorted(times.items(), key=lambda item: SLICEGRAD_CASES.index(item[0][0])):
        medians = {program: statistics.median(values) for program, values in programs.items()}
        ours = medians.get("SliceGrad")
        row = [describe(key), f"{ours:.2f}" if ours else "–"]
        for peer in peers:
            theirs = medians.get(peer)
            row += [f"{theirs:.2f}" if theirs else "–", f"{theirs / ours:.2f}" if theirs and ours else "–"]
        for memory in ("peakBytes", "stateBytes"):
            count = described.get(key, {}).get(memory)
            row.append("–" if count is None else f"{count / 1e6:.1f}")
        print("| " + " | ".join(row) + " |")


def main():
    options = parse_options()
    peers = available_peers()
    build = ["swift", "build", "-c", "release", "--product", "Benchmark"]
    subprocess.run(build, cwd=PACKAGE, check=True, stdout=sys.stderr)
    times, described = measure(options, peers)
    print(f"Medians of {options.rounds} rounds, threads: {options.threads}, {platform.platform()}, {date.today()}\n")
    print_table(times, described, peers)


if __name__ == "__main__":
    main()
