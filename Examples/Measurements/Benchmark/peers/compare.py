#!/usr/bin/env python3
"""Times SliceGrad and its peers in turn, several rounds in one run, and prints medians and ratios (peer / SliceGrad).

Peers that this Python doesn't have are named and left out. With --text it also trains text classifiers, from the file
to the accuracy.
"""
import argparse
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

PEERS = Path(__file__).absolute().parent
PACKAGE = PEERS.parents[3]
SWIFT_BUILD = ["swift", "build", "-c", "release"]

# What each program can measure.
SLICEGRAD_CASES = (
    "embeddingStep", "sparseAdam", "denseAdam", "matmul", "classifierStep", "mlpStep", "softmaxCrossEntropy",
    "layerNorm", "scores", "attentionBlock", "gru", "lstm", "gruStep", "textConvolution", "batchNorm",
)
PEER_CASES = {
    "torch": ("PyTorch", "torch_peer.py", SLICEGRAD_CASES),
    "jax": ("JAX", "jax_peer.py", ("classifierStep", "mlpStep", "softmaxCrossEntropy")),
}
TEXT_PEERS = {"torch": ("PyTorch", "torch_text_peer.py", 2), "fasttext": ("fastText", "fasttext_peer.py", 5)}  # epochs
# The plain C loop, with its tables from malloc and in the pages that SliceGrad's are in.
C_LOOPS = {"C loop": [], "C loop, 2 MiB pages": ["--huge-pages"]}
# What tells apart two cases of one name.
DETAILS = (
    "rows", "columns", "hidden", "classes", "batch", "tokens", "candidates", "indices", "distribution", "layers", "m",
    "n", "k", "elements", "inputs", "length", "lengths", "filters",
)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="threads of every program but the plain C loop (1)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each case is timed by each program (3)")
    parser.add_argument("--case", default="", metavar="PREFIX", help="only the cases whose names begin so")
    parser.add_argument(
        "--large", action="store_true", help="also a table of 10,000,000 rows beside one of 100,000 (3 GB)"
    )
    parser.add_argument(
        "--text", nargs=2, metavar=("TRAIN", "TEST"), help="train classifiers on files of lines label TAB text instead"
    )
    options = parser.parse_args()
    options.cases = [case for case in SLICEGRAD_CASES if case.startswith(options.case)]
    if options.large and "scaling".startswith(options.case):
        options.cases.append("scaling")
    if not options.cases:
        parser.error(f"no case begins with “{options.case}”: {', '.join(SLICEGRAD_CASES)}, with --large scaling")
    return options


def is_installed(module, peer):
    if importlib.util.find_spec(module):
        return True
    print(f"{peer} is not measured: this Python has no module “{module}”", file=sys.stderr)
    return False


def compiled_loop(folder):
    """The program that only reads and writes the rows, or None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if not compiler:
        print("the plain C loop is not measured: there is no C compiler", file=sys.stderr)
        return None
    program = str(Path(folder, "plain_loop"))
    command = [compiler, "-O3", "-march=native", str(PEERS / "plain_loop.c"), "-o", program, "-lm"]
    if subprocess.run(command, check=False).returncode != 0:
        print("the plain C loop is not measured: it doesn't compile", file=sys.stderr)
        return None
    return program


failed_programs = set()


def results(program, command, environment=None):
    """What the lines of JSON say that a program prints; nothing if it fails, after saying why."""
    run = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, env=environment)
    if run.returncode != 0:
        reason = (run.stderr.strip().splitlines() or [f"status {run.returncode}"])[-1]
        print(f"{program} failed: {reason}", file=sys.stderr)
        failed_programs.add(program)
        return []
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


# MARK: Cases


def measure(options, benchmark, folder):
    """The times of each case by program or its variant, what SliceGrad said last about each case, and all peers."""
    peers = {
        peer: (script, cases) for module, (peer, script, cases) in PEER_CASES.items() if is_installed(module, peer)
    }
    loop = compiled_loop(folder) if "sparseAdam" in options.cases else None
    times, described = {}, {}
    for round_number in range(1, options.rounds + 1):
        for case in options.cases:
            print(f"round {round_number} of {options.rounds}: {case}", file=sys.stderr)
            arguments = ["--case", case, "--threads", str(options.threads)]
            commands = {"SliceGrad": [benchmark, "--json"] + arguments + (["--large"] if options.large else [])}
            for peer, (script, peer_cases) in peers.items():
                if case in peer_cases:
                    commands[peer] = [sys.executable, str(PEERS / script)] + arguments
            if loop and case == "sparseAdam":
                commands |= {name: [loop] + flags for name, flags in C_LOOPS.items()}
            for program, command in commands.items():
                for result in results(program, command):
                    column = f"{program}, {result['variant']}" if "variant" in result else program
                    details = tuple((name, str(result[name])) for name in DETAILS if name in result)
                    key = (result["case"], details)
                    times.setdefault(key, {}).setdefault(column, []).append(result["microseconds"])
                    if program == "SliceGrad":
                        described[key] = result
    columns = list(dict.fromkeys(column for programs in times.values() for column in programs))
    return times, described, [column for column in columns if column != "SliceGrad"]


def describe(key):
    case, details = key
    shape = {name: value for name, value in details}
    if case == "matmul":
        return f"{case} {shape['m']} × {shape['n']} × {shape['k']}"
    return case + " " + ", ".join(
        value if name in ("distribution", "layers") else f"{name} {value}" for name, value in details
    )


def print_row(cells):
    print("| " + " | ".join(cells) + " |")


def print_cases(times, described, peers):
    """A Markdown table; a ratio above 1 says that the peer takes longer."""
    columns = ["case", "SliceGrad µs"]
    for peer in peers:
        columns += [f"{peer} µs", "ratio"]
    columns += ["peak MB", "state MB", "allocations"]
    print_row(columns)
    print("|---" + "|---:" * (len(columns) - 1) + "|")
    for key, programs in times.items():
        medians = {program: statistics.median(values) for program, values in programs.items()}
        ours = medians.get("SliceGrad")
        row = [describe(key), f"{ours:.2f}" if ours else "–"]
        for peer in peers:
            theirs = medians.get(peer)
            row += [f"{theirs:.2f}" if theirs else "–", f"{theirs / ours:.2f}" if theirs and ours else "–"]
        about = described.get(key, {})
        for memory in ("peakBytes", "stateBytes"):
            row.append(f"{about[memory] / 1e6:.1f}" if memory in about else "–")
        row.append(f"{about['allocations']:.0f}" if "allocations" in about else "–")
        print_row(row)


def print_start(benchmark, threads, repetitions=20):
    """How long a process takes that makes one training step and ends."""
    command = [benchmark, "--first-step", "--threads", str(threads)]
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    print(f"\nA process that makes one mlpStep, from its start to its end: {1000 * statistics.median(seconds):.1f} ms")


# MARK: Text classifiers


def print_text(options, classifier):
    train, test = (str(Path(path).absolute()) for path in options.text)
    commands = {}

    def add(program, epochs, command):
        commands[f"{program}, {epochs} epochs"] = command + ["--epochs", str(epochs)]

    for epochs in (2, 5):
        add("SliceGrad", epochs, [classifier, "--train", train, "--test", test, "--quiet", "--json"])
    for module, (peer, script, epochs) in TEXT_PEERS.items():
        if is_installed(module, peer):
            add(peer, epochs, [sys.executable, str(PEERS / script), train, test, "--threads", str(options.threads)])
    environment = os.environ | {"SLICEGRAD_THREADS": str(options.threads)}
    print_row(["program", "accuracy", "training steps s", "whole program s"])
    print("|---|---:|---:|---:|")
    for program, command in commands.items():
        steps, whole, accuracy = [], [], None
        for _ in range(options.rounds):
            start = time.perf_counter()
            for result in results(program, command, environment):
                whole.append(time.perf_counter() - start)
                accuracy = result["testAccuracy"]
                if "stepSeconds" in result:  # fastText's clock doesn't tell the steps from reading the file
                    steps.append(result["stepSeconds"])
        if whole:
            times = [f"{statistics.median(seconds):.2f}" if seconds else "–" for seconds in (steps, whole)]
            print_row([program, f"{accuracy:.4f}"] + times)


def main():
    options = parse_options()
    product = "TextClassifier" if options.text else "Benchmark"
    subprocess.run(SWIFT_BUILD + ["--product", product], cwd=PACKAGE, check=True, stdout=sys.stderr)
    folder = subprocess.run(
        SWIFT_BUILD + ["--show-bin-path"], cwd=PACKAGE, check=True, capture_output=True, text=True
    ).stdout.strip()
    program = str(Path(folder, product))
    about = f"Medians of {options.rounds} rounds, threads: {options.threads}, {platform.platform()}, {date.today()}\n"
    if options.text:
        print(about)
        print_text(options, program)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            times, described, peers = measure(options, program, temporary)
        print(about)
        print_cases(times, described, peers)
        if "mlpStep" in options.cases:
            print_start(program, options.threads)
    if failed_programs:
        return f"failed: {', '.join(sorted(failed_programs))}"


if __name__ == "__main__":
    sys.exit(main())
