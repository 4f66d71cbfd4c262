#!/usr/bin/env python3
"""Times a training step of one process and of several that share its table, of SliceGrad and of PyTorch's
DistributedDataParallel in turn, and prints medians.

Each process has one thread, except where a line says otherwise. Needs mpirun, and for PyTorch's lines torch and numpy in
this Python. PyTorch makes a quarter of the steps.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).absolute().parent
PACKAGE = HERE.parents[3]
BUILD = ["swift", "build", "-c", "release"]
ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}  # Open MPI wants to be asked twice.


def launcher():
    """The command that starts several processes: Open MPI's, which may be more than the processors, or MPICH's."""
    command = shutil.which("mpirun") or sys.exit("there is no mpirun: install Open MPI or MPICH")
    version = subprocess.run([command, "--version"], env=os.environ | ROOT, capture_output=True, text=True).stdout
    return [command, *(["--oversubscribe"] if "Open MPI" in version else [])]


def microseconds(command, threads):
    environment = os.environ | ROOT | {"SLICEGRAD_THREADS": str(threads)}
    run = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode != 0 or len(lines) != 1:
        sys.exit(f"{' '.join(map(str, command))}: status {run.returncode}\n{run.stdout}{run.stderr}")
    return json.loads(lines[0])["microseconds"]


def commands(program, o, texts):
    """What is timed: name, and command with the number of threads."""
    def steps(count):  # Each of the eight batches is as often among them.
        return ["--texts", texts, "--steps", max(count // texts // 8, 2) * 8]

    ours = [program, *steps(o.all_texts)]
    lines = {"SliceGrad, 1 process, no parts": (ours, 1), "SliceGrad, 1 process, no parts, 2 threads": (ours, 2)}
    ours = [*ours, "--shards", o.shards]
    for threads in (1, 2):
        lines[f"SliceGrad, 1 process, {o.shards} parts, no ranks, {threads} thread{'s' * (threads > 1)}"] = (
            [*ours, "--alone"], threads)
    lines[f"SliceGrad, 1 process, {o.shards} parts"] = (ours, 1)
    lines[f"SliceGrad, 1 process, {o.shards} parts, 2 threads"] = (ours, 2)
    for ranks in o.ranks:
        lines[f"SliceGrad, {ranks} processes, {o.shards} parts"] = ([*launcher(), "-np", ranks, *ours], 1)
    missing = [module for module in ("torch", "numpy") if not find_spec(module)]
    if missing:
        print(f"PyTorch is not measured: this Python has no module {' and '.join(missing)}", file=sys.stderr)
        return lines
    for ranks in [1, *o.ranks]:
        peer = [sys.executable, HERE / "ddp_peer.py", "--ranks", ranks, *steps(o.all_texts // 4)]
        lines[f"PyTorch, {ranks} process{'es' * (ranks > 1)}"] = (peer, 1)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, nargs="+", default=[64, 512, 2048], help="a step (64 512 2048)")
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4], help="numbers of processes (2 4)")
    parser.add_argument("--shards", type=int, default=8, help="parts of a step (8)")
    parser.add_argument("--all-texts", type=int, default=100_000, help="texts of all steps of a run (100,000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed (5)")
    o = parser.parse_args()

    subprocess.run([*BUILD, "--product", "RankSteps"], cwd=PACKAGE, check=True, stdout=sys.stderr)
    folder = subprocess.run([*BUILD, "--show-bin-path"], cwd=PACKAGE, check=True, capture_output=True, text=True)
    program = Path(folder.stdout.strip(), "RankSteps")
    print(f"Medians of {o.rounds} rounds, milliseconds a step, {platform.platform()}, {date.today()}\n")
    print("| program | " + " | ".join(f"{texts} texts" for texts in o.texts) + " |")
    print("|---" + "|---:" * len(o.texts) + "|")
    columns = []
    for texts in o.texts:
        lines = commands(program, o, texts)
        times = {name: [] for name in lines}
        for number in range(1, o.rounds + 1):
            print(f"{texts} texts, round {number} of {o.rounds}", file=sys.stderr)
            for name, (command, threads) in lines.items():
                times[name].append(microseconds(command, threads))
        columns.append({name: statistics.median(values) for name, values in times.items()})
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(f"{column[name] / 1000:.2f}" for column in columns) + " |")


if __name__ == "__main__":
    main()
