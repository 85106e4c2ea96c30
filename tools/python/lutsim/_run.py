# SPDX-License-Identifier: Apache-2.0
"""One run."""
import json
import pathlib

from ._program import call

# Options of `lutsim run` that a keyword gives under another name.
_NAMES = {"gpus": "gpu"}
_FLAGS = ("functional", "exact")
# 1: functional mode ran and differs from the golden model; the result says so.
_ACCEPTED = (0, 1)


class Result(dict):
    """result.json (docs/result.md) as a dict that dotted paths open too: result["time_s.total"]."""

    def __getitem__(self, path):
        if dict.__contains__(self, path):
            return dict.__getitem__(self, path)
        value = self
        for key in str(path).split("."):
            if not isinstance(value, dict) or not dict.__contains__(value, key):
                raise KeyError(path)
            value = dict.__getitem__(value, key)
        return value

    def get(self, path, default=None):
        try:
            return self[path]
        except KeyError:
            return default

    def __contains__(self, path):
        return self.get(path) is not None


def run(arch="default", set=None, out=None, **options):  # pylint: disable=redefined-builtin
    """Runs a workload and returns its Result.

    `set` maps parameters to values ("matrix.mu": 2, "clock": "800 MHz"). Every other keyword is the option of `lutsim
    run` of that name with underscores: model, batch, weight_bits, workload, config, engine, gpus="a100-80gb" or a
    list, functional=True. `out` keeps the files of the run. Raises ConfigError, SimulationError.
    """
    arguments = ["run", "--json"]
    if "config" not in options:
        arguments += ["--arch", arch]
    for path, value in (set or {}).items():
        arguments += ["--set", f"{path}={_text(value)}"]
    for name, value in options.items():
        if value is None or value is False:
            continue
        option = "--" + _NAMES.get(name, name).replace("_", "-")
        if name in _FLAGS:
            arguments.append(option)
        else:
            arguments += [option, _text(value)]
    if out is not None:
        arguments += ["--out", out]
    return Result(json.loads(call(arguments, _ACCEPTED)[1]))


def load_result(folder):
    """The Result of a folder that `lutsim run --out` wrote, or of a result.json."""
    path = pathlib.Path(folder)
    return Result(json.loads((path / "result.json" if path.is_dir() else path).read_text(encoding="utf-8")))


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)
