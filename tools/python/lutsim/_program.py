# SPDX-License-Identifier: Apache-2.0
"""Finds and starts the program."""
import os
import pathlib
import re
import shutil
import subprocess

BAD_INPUT, SIMULATION_FAILED = 2, 3
_DIAGNOSTIC = re.compile(r"^(?P<file>.*?)(?::(?P<line>\d+):(?P<column>\d+))?: error: (?P<message>.*)$")
_HINT = re.compile(r"^  hint: (?P<hint>.*)$")


class LutsimError(RuntimeError):
    """The program ended with another status than the call can use; `status` and `text` say which and why."""

    def __init__(self, status, text):
        super().__init__(text.strip() or f"lutsim ended with status {status}")
        self.status, self.text = status, text


class ConfigError(LutsimError):
    """The input is wrong. `diagnostics` is a list of dicts: file, line, column, message, hint; line and column are
    None where the input has no lines."""

    def __init__(self, status, text):
        super().__init__(status, text)
        self.diagnostics = []
        for line in text.splitlines():
            found = _DIAGNOSTIC.match(line)
            if found:
                entry = found.groupdict()
                for key in ("line", "column"):
                    entry[key] = int(entry[key]) if entry[key] else None
                self.diagnostics.append({**entry, "hint": ""})
            elif self.diagnostics and _HINT.match(line):
                self.diagnostics[-1]["hint"] = _HINT.match(line)["hint"]


class SimulationError(LutsimError):
    """The simulation failed: a deadlock, a broken protocol."""


def program():
    """Path of the program. Raises FileNotFoundError."""
    given = os.environ.get("LUTSIM")
    tree = pathlib.Path(__file__).resolve().parents[3] / "build" / "release" / "lutsim"
    for candidate in (given, tree if tree.is_file() else None, shutil.which("lutsim")):
        if candidate:
            return str(candidate)
    raise FileNotFoundError("no lutsim: build it, put it into PATH, or name it in $LUTSIM")


def raise_for(status, text):
    kind = {BAD_INPUT: ConfigError, SIMULATION_FAILED: SimulationError}.get(status, LutsimError)
    raise kind(status, text)


def call(arguments, accepted=(0,)):
    """Runs the program; returns (status, standard output). Standard error becomes the text of an exception."""
    done = subprocess.run([program(), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode not in accepted:
        raise_for(done.returncode, done.stderr)
    return done.returncode, done.stdout


def version():
    return call(["--version"])[1].split()[-1]
