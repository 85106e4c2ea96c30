# SPDX-License-Identifier: Apache-2.0
"""Sweeps: run a space, load its results, answer an optimiser."""
import csv
import json
import pathlib
import subprocess
import tempfile

from ._program import BAD_INPUT, call, program, raise_for

SCHEMA = "lutsim.sweep/1"
POINTS_FAILED, INTERRUPTED = 4, 130
_ASKED_TOGETHER = 32
_CONVERSIONS = {"true": True, "false": False, "": None}


class Sweep:
    """Results of a sweep (docs/sweep.md): `folder`, `summary` (summary.json)."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.summary = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))

    def records(self):
        """One dict a point, as in results.jsonl."""
        with open(self.folder / "results.jsonl", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def table(self, front=False):
        """results.csv, or front.csv: a DataFrame where pandas is installed, otherwise rows()."""
        try:
            import pandas  # pylint: disable=import-outside-toplevel
        except ImportError:
            return self.rows(front)
        return pandas.read_csv(self._csv(front))

    def rows(self, front=False):
        """The same as a list of dicts: numbers, texts, bools, and None where a point has no value."""
        with open(self._csv(front), encoding="utf-8", newline="") as file:
            return [{key: _value(cell) for key, cell in row.items()} for row in csv.DictReader(file)]

    def front(self):
        return self.table(front=True)

    @property
    def failures(self):
        return self.summary["failures"]

    def config_of(self, key):
        """The configuration of a point, by the begin of its key, as lutsim.run(config=FILE) takes it."""
        return call(["sweep", "--merge", self.folder, "--config-of", key])[1]

    def _csv(self, front):
        return self.folder / ("front.csv" if front else "results.csv")


def space_text(space):
    """A space given as a dict, as the text of its file: JSON is YAML."""
    return json.dumps({"schema": SCHEMA, **space}, indent=1) + "\n"


def sweep(space, out, jobs=None, resume=False, retry_failed=False, shard=None, reuse=()):
    """Runs a space, given as a file or as a dict of its keys, and returns the Sweep; of a shard None.

    Points that fail are records of the Sweep, no exception. Raises ConfigError for a wrong space, KeyboardInterrupt
    when lutsim was interrupted (go on with resume=True).
    """
    with tempfile.TemporaryDirectory(prefix="lutsim-") as folder:
        file = space
        if isinstance(space, dict):
            file = pathlib.Path(folder, "space.yaml")
            file.write_text(space_text(space), encoding="utf-8")
        arguments = ["sweep", file, "--out", out, "--json"]
        arguments += ["--jobs", jobs] if jobs else []
        arguments += ["--resume"] if resume else []
        arguments += ["--retry-failed"] if retry_failed else []
        arguments += ["--shard", shard] if shard else []
        for other in reuse:
            arguments += ["--reuse", other]
        status, _ = call(arguments, (0, POINTS_FAILED, INTERRUPTED))
    if status == INTERRUPTED:
        raise KeyboardInterrupt("the sweep was interrupted; resume=True goes on")
    return None if shard else Sweep(out)


def merge(folder):
    """Joins the shards of a folder and returns the Sweep; its summary says whether it is complete."""
    call(["sweep", "--merge", folder, "--json"], (0, POINTS_FAILED))
    return Sweep(folder)


def load(folder):
    """The Sweep of a folder."""
    return Sweep(folder)


class AskTell:
    """The door for an optimiser: a space of strategy ask-tell, evaluated point by point.

        with lutsim.AskTell("space.yaml", out="runs/mine") as door:
            answer = door.evaluate({"matrix.mu": 2, "memory.channels": 8})
            answer["objectives"], answer["feasible"]

    `axes` and `objectives` are those of the space. Raises ConfigError for a wrong space.
    """

    def __init__(self, space, out, jobs=None, resume=False):
        arguments = [program(), "sweep", str(space), "--out", str(out)]
        arguments += ["--jobs", str(jobs)] if jobs else []
        arguments += ["--resume"] if resume else []
        self._out, self._asked = out, 0
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # pylint: disable=consider-using-with
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True)
        greeting = self._process.stdout.readline()
        if not greeting:
            self._fail()
        self.space = json.loads(greeting)
        self.axes, self.objectives = self.space["axes"], self.space["objectives"]

    def evaluate_all(self, points):
        """Answers of several points, run together as far as there are jobs, in their order."""
        points, answers = list(points), []
        while len(answers) < len(points):
            # No more at a time than both pipes hold, and in one write, so that lutsim sees them together.
            asked = points[len(answers):len(answers) + _ASKED_TOGETHER]
            self._process.stdin.write("".join(
                json.dumps({"id": self._asked + i, "point": point}) + "\n" for i, point in enumerate(asked)))
            self._process.stdin.flush()
            self._asked += len(asked)
            for _ in asked:
                line = self._process.stdout.readline()
                if not line:
                    self._fail()
                answers.append(json.loads(line))
        return answers

    def evaluate(self, point):
        return self.evaluate_all([point])[0]

    def close(self):
        """Ends the sweep and returns it."""
        if self._process.stdin.closed:
            return Sweep(self._out)
        self._process.stdin.close()
        status = self._process.wait()
        if status not in (0, POINTS_FAILED):
            self._fail()
        self._close_files()
        return Sweep(self._out)

    def _fail(self):
        status = self._process.wait()
        self._errors.seek(0)
        text = self._errors.read()
        self._close_files()
        raise_for(status or BAD_INPUT, text)

    def _close_files(self):
        for file in (self._process.stdin, self._process.stdout, self._errors):
            file.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.close()
        else:
            self._process.kill()
            self._process.wait()
            self._close_files()


def _value(cell):
    if cell in _CONVERSIONS:
        return _CONVERSIONS[cell]
    for convert in (int, float):
        try:
            return convert(cell)
        except ValueError:
            continue
    return cell
