# SPDX-License-Identifier: Apache-2.0
"""`lutsim gpu`, asked for many points at once."""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

COLUMNS = ("gpu", "tensor_parallel", "gemm", "model", "phase", "batch", "context", "format", "line")


class Lutsim:
    """The command line tool."""

    def __init__(self, program):
        self.program = program

    def ask(self, points, kernels=False):
        """Results of dictionaries with keys of COLUMNS, in their order."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "points.csv"
            with open(file, "w", newline="", encoding="utf-8") as out:
                writer = csv.DictWriter(out, COLUMNS)
                writer.writeheader()
                writer.writerows(points)
            command = [self.program, "gpu", "--points", str(file)]
            done = subprocess.run(command + ["--kernels"] * kernels, capture_output=True, text=True,
                                  check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)

    @staticmethod
    def capacity(gpu):
        """Bytes of memory of a named GPU."""
        from catalogue import SHEETS  # pylint: disable=import-outside-toplevel
        return SHEETS[gpu].sheet.capacity
