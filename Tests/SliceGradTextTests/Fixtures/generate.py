"""Trains tiny models with fastText and writes, in fasttext.json, what it predicts with them.

usage: generate.py FASTTEXT, the program built from https://github.com/facebookresearch/fastText
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

FASTTEXT = pathlib.Path(sys.argv[1]).resolve()
HERE = pathlib.Path(__file__).parent

LINES = """
__label__tea I pour the green tea into a small cup
__label__tea black tea with milk , please
__label__tea the tea is too hot to drink
__label__tea čaj s medem a citronem
__label__tea eine Tasse Tee für Jürgen
__label__rain the rain falls on the roof
__label__rain grey clouds bring rain again
__label__rain Regen über der Stadt
__label__train the train to the coast is late
__label__train our train stops at every village
__label__cat the cat sleeps on the roof
__label__owl an owl calls at night 🦉
""".strip().splitlines()

TEXTS = [
    "the tea is hot",
    "  the\ttrain \v stops\f at night ",
    "Regen, über Zürich",
    "čaj 🦉🦉 owl",
    "",
    "__label__tea the roof",
    "__label__unknown clouds",
    "rain rain rain </s> tea tea tea",
    "<milk>",
    "ü",
    "e\u0301te\u0301 日本語のお茶",
    "unheard of nonsense",
    "y x",
]
WORDS = ["tea", "roof", "rainy", "Zürich", "🦉", "</s>", "q"]

CLASSIFIERS = {
    "softmax.bin": "-minn 1 -maxn 3 -bucket 50",
    "one-vs-all.bin": "-loss ova -wordNgrams 2 -bucket 40",
    "hierarchical.bin": "-loss hs -wordNgrams 1",
    "negative.bin": "-loss ns -neg 2 -minn 2 -maxn 2 -wordNgrams 3 -bucket 50",
}


# With one thread, fastText leaves nine tenths of the table as the memory was. glibc makes that zeros.
ENVIRONMENT = os.environ | {"MALLOC_PERTURB_": "255"}


def run(*arguments, **options):
    command = [str(argument) for argument in (FASTTEXT, *arguments)]
    return subprocess.run(
        command, check=True, capture_output=True, encoding="utf8", env=ENVIRONMENT, **options).stdout


def train(command, lines, output, options, ending="\n"):
    with tempfile.NamedTemporaryFile("w", encoding="utf8") as file:
        file.write("\n".join(lines) + ending)
        file.flush()
        every = "-dim 4 -lr 1 -epoch 100 -minCount 1 -thread 1 -verbose 0"
        run(command, "-input", file.name, "-output", output, *every.split(), *options.split())


def predictions(model):
    """For each text the labels and their probabilities."""
    # One at a time: what follows “</s>” would be a line of its own.
    lines = [run("predict-prob", model, "-", 5, input=text + "\n").split("\n")[0].split() for text in TEXTS]
    return [[[label, float(number)] for label, number in zip(line[::2], line[1::2])] for line in lines]


def main():
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        model = pathlib.Path(scratch) / "model"
        binary, quantized = model.with_suffix(".bin"), model.with_suffix(".ftz")

        def keep(name, file=binary):
            (HERE / name).write_bytes(file.read_bytes())
            results[name] = predictions(file)

        for name, options in CLASSIFIERS.items():
            train("supervised", LINES, model, options)
            keep(name)
        # One line without an end: the model knows no end of a line.
        train("supervised", ["__label__a __label__b x y"], model, "", ending="")
        keep("no-end.bin")

        train("supervised", LINES, model, "-minn 2 -maxn 4 -bucket 300")
        run("quantize", "-input", "-", "-output", model, "-qnorm", "-cutoff", 270, "-dsub", 3)
        keep("pruned.ftz", quantized)
        many = [f"__label__{number} {LINES[number % len(LINES)].split(' ', 1)[1]} {number}" for number in range(256)]
        train("supervised", many, model, "-epoch 20")
        run("quantize", "-input", "-", "-output", model, "-qout")
        keep("output.ftz", quantized)

        # A classifier of version 11 has no character n-grams.
        contents = bytearray((HERE / "softmax.bin").read_bytes())
        contents[4:8] = struct.pack("<i", 11)
        binary.write_bytes(contents)
        results["version 11"] = predictions(binary)

        train("skipgram", [line.split(" ", 1)[1] for line in LINES], model, "-minn 3 -maxn 4 -bucket 30")
        (HERE / "skipgram.bin").write_bytes(binary.read_bytes())
        lines = run("print-word-vectors", binary, input="\n".join(WORDS)).strip().split("\n")
        results["vectors"] = {line.split()[0]: [float(number) for number in line.split()[1:]] for line in lines}
    results["texts"] = TEXTS
    (HERE / "fasttext.json").write_text(
        "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in results.items()) + "\n}\n")


if __name__ == "__main__":
    main()
