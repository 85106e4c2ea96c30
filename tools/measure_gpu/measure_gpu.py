#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures kernels, decode steps and energy of an NVIDIA GPU; README.md beside it says how."""

import argparse
import datetime
import sys
import time
from pathlib import Path

from plan import Budget, first_line, run, tasks
from records import Records
from sheet import PARTS, read_sheet
from shapes import read_shapes

ROOT = Path(__file__).resolve().parents[2]
PREFLIGHT_FAILED = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("gpu_measurement"), help="folder of CSVs")
    parser.add_argument("--seconds", type=float, default=420, help="time budget of the whole run")
    parser.add_argument("--window", type=float, default=5, help="seconds of an energy window")
    parser.add_argument("--gpu", help="data sheet in models/hardware/gpu; default: by the part")
    parser.add_argument("--only", help="tasks whose name contains this text")
    parser.add_argument("--dry-run", action="store_true", help="print the plan; needs no GPU")
    parser.add_argument("--keep-going", action="store_true",
                        help="measure although a preflight check failed")
    return parser.parse_args()


def planned(options):
    return [task for task in tasks(options.window)
            if options.only is None or options.only in task.name()]


def dry_run(plan, seconds):
    """Prints what a run of `seconds` would reach if every task took its expected time."""
    total = 0.0
    for task in plan:
        total += task.seconds
        print(f"{total:7.1f} s  {'run ' if total <= seconds else 'skip'}  {task.name()}")


def depths(plan, shapes):
    """Layers to build of each (model, form): the most that a task asks for."""
    found = {}
    for task in plan:
        if task.kind == "decode":
            a = task.arguments
            key = a["model"], a["form"]
            found[key] = max(found.get(key, 0), a["layers"] or shapes[a["model"]].layers)
    return found


def preflight(records):
    """Number of failed checks."""
    import preflight as checks
    failed = 0
    for name, error, limit in checks.gpu_checks():
        good = limit is not None and error <= limit
        failed += not good
        detail = f"{error:.2e}, limit {limit:.0e}" if limit is not None else (
            f"{type(error).__name__}: {first_line(error)}")
        records.log(f"check {name}", "good" if good else "failed", detail)
    return failed


def main():
    options = arguments()
    plan = planned(options)
    if options.dry_run:
        dry_run(plan, options.seconds)
        return 0
    budget = Budget(options.seconds, time.monotonic)
    import torch

    import power
    gpu = power.Gpu()
    facts = gpu.facts()
    name = options.gpu or PARTS.get(facts["part"])
    if name is None:
        sys.exit(f"measure_gpu: no data sheet for '{facts['part']}'; name one with --gpu")
    properties = torch.cuda.get_device_properties(0)
    facts |= {
        "data_sheet": name, "cuda": torch.version.cuda, "pytorch": torch.__version__,
        "date": datetime.date.today().isoformat(), "sm_mhz_at_start": gpu.sm_clock(),
        "memory_mhz_at_start": gpu.memory_clock(), "celsius_at_start": gpu.celsius(),
        "multiprocessors": properties.multi_processor_count, "l2_bytes": properties.L2_cache_size,
        "memory_bytes": properties.total_memory,
    }
    shapes = read_shapes(ROOT / "workloads" / "llm" / "models.csv")
    records = Records(options.out, facts)
    for key, value in facts.items():
        print(f"{key}: {value}")
    if preflight(records) and not options.keep_going:
        return PREFLIGHT_FAILED
    from bench import Bench
    bench = Bench(read_sheet(ROOT / "models" / "hardware" / "gpu", name), shapes, records,
                  depths(plan, shapes))
    failures = run(plan, budget, bench.measure, records.log)
    records.log("run", "done", f"{failures} of {len(plan)} tasks failed")
    records.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
