# SPDX-License-Identifier: Apache-2.0
"""CSV files that grow while the measurement runs, and the log of what was left out."""

import csv
import time

COLUMNS = {
    "gemm": ("model", "matrix", "format", "m", "n", "k", "weight_copies", "samples", "q1_us",
             "median_us", "q3_us", "gbytes_per_s", "tflops", "sm_mhz", "flags"),
    "attention": ("model", "phase", "batch", "context", "backend", "cache_copies", "samples",
                  "q1_us", "median_us", "q3_us", "gbytes_per_s", "tflops", "flags"),
    "elementwise": ("model", "operator", "rows", "width", "copies", "samples", "q1_us",
                    "median_us", "q3_us", "gbytes_per_s"),
    "decode": ("model", "format", "batch", "context", "layers", "layers_measured", "backend",
               "steps", "q1_ms", "median_ms", "q3_ms", "mean_ms", "window_s", "watts",
               "watts_reading", "joules_per_step", "joules_per_token", "sm_mhz", "memory_mhz",
               "celsius", "gbytes_per_s", "tflops", "flags"),
    "energy": ("load", "what", "window_s", "watts", "watts_reading", "gbytes_per_s", "tflops",
               "joules_per_gbyte", "picojoules_per_flop", "sm_mhz", "memory_mhz", "celsius",
               "flags"),
    "log": ("second", "measurement", "outcome", "detail"),
}


def text_of(value):
    return f"{value:.5g}" if isinstance(value, float) else str(value)


class Records:
    """One CSV file a table under `folder`, each with the same comment on top.

    Tables are opened when their first row comes, so a file without rows does not exist.
    """

    def __init__(self, folder, comment):
        self.folder = folder
        self.comment = comment
        self.start = time.monotonic()
        self.files = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, table, **values):
        """Appends a row and flushes it; every column must be given and no other."""
        columns = COLUMNS[table]
        if set(values) != set(columns):
            raise ValueError(f"{table}: wrong columns {sorted(set(values) ^ set(columns))}")
        if table not in self.files:
            path = self.folder / f"{table}.csv"
            self.files[table] = path.open("w", newline="", encoding="utf-8")
            for key, value in self.comment.items():
                self.files[table].write(f"# {key}: {value}\n")
            csv.writer(self.files[table], lineterminator="\n").writerow(columns)
        writer = csv.writer(self.files[table], lineterminator="\n")
        writer.writerow([text_of(values[column]) for column in columns])
        self.files[table].flush()

    def close(self):
        for file in self.files.values():
            file.close()

    def log(self, measurement, outcome, detail=""):
        second = round(time.monotonic() - self.start, 1)
        self.add("log", second=second, measurement=measurement, outcome=outcome, detail=detail)
        print(f"{second:7.1f} {measurement}: {outcome} {detail}", flush=True)


def read_table(path):
    """(comment, rows) of a file that Records wrote."""
    comment, lines = {}, []
    with open(path, newline="", encoding="utf-8") as file:
        for line in file:
            if line.startswith("# "):
                key, _, value = line[2:].rstrip("\n").partition(": ")
                comment[key] = value
            else:
                lines.append(line)
    return comment, list(csv.DictReader(lines))
