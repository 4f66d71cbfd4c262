#!/usr/bin/env python3
"""Times a training step of one process and of several that share its table, of SliceGrad and of PyTorch's
DistributedDataParallel in turn, and prints medians.

Each process has one thread, but the line that says otherwise. Needs mpirun, and PyTorch in this Python for its lines.
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
PACKAGE = HERE.parents[2]
BUILD = ["swift", "build", "-c", "release"]


def launcher():
    """The command that starts several processes: Open MPI's or MPICH's."""
    for name, options in (("mpirun.openmpi", ["--oversubscribe"]), ("mpirun.mpich", []), ("mpirun", [])):
        command = shutil.which(name)
        if command:
            return [command, *options]
    sys.exit("there is no mpirun: install Open MPI or MPICH")


def microseconds(command, threads):
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    environment = os.environ | root | {"SLICEGRAD_THREADS": str(threads)}
    run = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode != 0 or len(lines) != 1:
        sys.exit(f"{' '.join(map(str, command))}: status {run.returncode}\n{run.stdout}{run.stderr}")
    return json.loads(lines[0])["microseconds"]


def commands(program, o, texts):
    """What is timed: name, and command with the number of threads."""
    ours = [program, "--texts", texts, "--steps", max(o.all_texts // texts, 16)]
    lines = {"SliceGrad, 1 process, no parts": (ours, 1)}
    ours = [*ours, "--shards", o.shards]
    lines[f"SliceGrad, 1 process, {o.shards} parts"] = (ours, 1)
    lines[f"SliceGrad, 1 process, {o.shards} parts, 2 threads"] = (ours, 2)
    for ranks in o.ranks:
        lines[f"SliceGrad, {ranks} processes, {o.shards} parts"] = ([*launcher(), "-np", ranks, *ours], 1)
    if find_spec("torch"):
        for ranks in [1, *o.ranks]:
            steps = max(o.all_texts // texts // 4, 8)
            peer = [sys.executable, HERE / "ddp_peer.py", "--ranks", ranks, "--texts", texts, "--steps", steps]
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
