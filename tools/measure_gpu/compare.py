#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares a measurement with lutsim's GPU model as it stands, and writes comparison.md beside it.

    python3 compare.py results/h100-sxm --lutsim ../../build/release/lutsim

GEMMs and steps come from `lutsim gpu`; attention and small kernels on their own from the fit's form
of the same law. Nothing is fitted here.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from modelled import ROOT, Fit, Lutsim
from records import read_table
from samples import quantile, quartiles
from shapes import read_shapes

LATENCY_BOUND = 8192  # cached positions of a batch, up to which attention is short of work


class Errors:
    """modelled / measured - 1, by group, in the order in which the groups came."""

    def __init__(self):
        self.groups = defaultdict(list)

    def add(self, group, modelled, measured):
        self.groups[group].append(modelled / measured - 1)

    def table(self):
        lines = ["| quantity | points | number | median of the absolute error | first quartile | "
                 "median | third quartile |", "|---|---|---|---|---|---|---|"]
        for (quantity, points), errors in self.groups.items():
            q1, median, q3 = (f"{100 * value:+.1f} %" for value in quartiles(errors))
            size = 100 * quantile([abs(error) for error in errors], 0.5)
            lines.append(f"| {quantity} | {points} | {len(errors)} | {size:.1f} % | {q1} | "
                         f"{median} | {q3} |")
        return lines


def rows_group(form, m):
    if form == "int4" and m <= 16:
        return "m = 1, 2" if m <= 2 else "m = 4" if m == 4 else "m = 8, 16"
    if m <= 16:
        return "m = 1..16"
    if m <= 64:
        return "m = 32, 64"
    return "m = 128..512" if m <= 512 else "m = 1024..4096"


def compare_gemms(rows, lutsim, errors, ideals):
    order = {"fp16": 0, "bf16": 1, "fp8": 2, "int8": 3, "int4": 4}
    for row in sorted(rows, key=lambda r: (order[r["format"]], int(r["m"]))):
        form, m, n, k = row["format"], *(int(row[key]) for key in ("m", "n", "k"))
        seconds = float(row["median_us"]) * 1e-6
        errors.add((f"GEMM time, {form}", rows_group(form, m)), lutsim.gemm(form, m, n, k)["time_s"],
                   seconds)
        ideals.append((seconds / lutsim.gemm(form, m, n, k, "ideal")["time_s"],
                       f"GEMM {form} {m},{n},{k}"))


def fastest_attention(rows):
    """(model, phase, batch, context) -> seconds of the fastest backend."""
    best = {}
    for row in rows:
        key = row["model"], row["phase"], int(row["batch"]), int(row["context"])
        best[key] = min(best.get(key, float("inf")), float(row["median_us"]) * 1e-6)
    return best


def compare_attention(rows, shapes, fit, errors):
    for (model, phase, batch, context), seconds in fastest_attention(rows).items():
        s = shapes[model]
        if phase == "prefill":
            points = f"{context} tokens"
        else:
            points = "grouped queries" if s.kv_heads < s.heads else "as many key as query heads"
            small = batch * context <= LATENCY_BOUND
            points += f", batch * context {'up to' if small else 'above'} {LATENCY_BOUND}"
        errors.add((f"attention time, {phase}", points),
                   fit.attention(phase, s, batch, context), seconds)


def compare_small(rows, shapes, fit, errors):
    for row in rows:
        count = int(row["rows"])
        errors.add((f"{row['operator']} time", "1..64 rows" if count <= 64 else "256..4096 rows"),
                   fit.small(row["operator"], shapes[row["model"]], count),
                   float(row["median_us"]) * 1e-6)


def compare_loads(rows, lutsim, errors):
    """Large GEMMs for seconds, at the power limit."""
    for row in rows:
        if row["load"] != "gemm":
            continue
        form, size = row["what"].split()[:2]
        result = lutsim.gemm(form, *[int(size)] * 3)
        points = f"{row['what']} for {float(row['window_s']):.0f} s"
        errors.add(("GEMM time", points), result["time_s"],
                   2.0 * int(size)**3 / float(row["tflops"]) * 1e-12)
        errors.add(("GEMM power", points), result["power_w"], float(row["watts"]))


def whole_steps(rows):
    """(model, format, batch, context) -> (seconds, joules), steps of all layers.

    Where two depths were measured, the difference is the price of the layers that are missing.
    """
    found, depths = {}, defaultdict(dict)
    for row in rows:
        key = row["model"], row["format"], int(row["batch"]), int(row["context"])
        value = float(row["median_ms"]) * 1e-3, float(row["joules_per_step"])
        layers, measured = int(row["layers"]), int(row["layers_measured"])
        if measured == layers:
            found[key] = value
        else:
            depths[key, layers][measured] = value
    for (key, layers), points in depths.items():
        (shallow, a), (deep, b) = sorted(points.items())
        more = (layers - deep) / (deep - shallow)
        found[key] = tuple(y + more * (y - x) for x, y in zip(a, b))
    return found


def modelled_step(key, lutsim):
    """(seconds, watts, ideal seconds)"""
    model, form, batch, context = key
    result = lutsim.step(model, form, batch, context)
    if result is None:
        sys.exit(f"lutsim does not know the model {model}")
    ideal = lutsim.step(model, form, batch, context, "ideal")["time_s"]
    return result["time_s"], result["power_w"], ideal


def compare_steps(rows, lutsim, errors, ideals):
    """Adds the groups; returns a table of all steps."""
    lines = ["| model | format | batch | context | step, ms | modelled | power, W | modelled | "
             "J a token | modelled |", "|---|---|---|---|---|---|---|---|---|---|"]
    depth = {row["model"]: (row["layers_measured"], row["layers"]) for row in rows}
    steps = whole_steps(rows)
    modelled = {key: modelled_step(key, lutsim) for key in steps}
    for quantity in ("time", "power", "energy"):
        for key, (seconds, joules) in steps.items():
            model, form, batch, _ = key
            time, watts, _ = modelled[key]
            pair = {"time": (time, seconds), "power": (watts, joules / seconds),
                    "energy": (time * watts, joules)}[quantity]
            if form == "int4":
                group = f"int4, batch {batch}"
            else:
                group = f"{form}, {model}" + ("" if depth[model][0] == depth[model][1] else
                                              ", extrapolated in depth")
            errors.add((f"decode step {quantity}", group), *pair)
    for key, (seconds, joules) in steps.items():
        time, watts, ideal = modelled[key]
        ideals.append((seconds / ideal, "decode step " + " ".join(map(str, key))))
        model, form, batch, context = key
        lines.append(f"| {model} | {form} | {batch} | {context} | {1e3 * seconds:.2f} | "
                     f"{1e3 * time:.2f} | {joules / seconds:.0f} | {watts:.0f} | "
                     f"{joules / batch:.3g} | {time * watts / batch:.3g} |")
    return lines


def part_lines(tables, shapes, lutsim, fit):
    """Where the time of an FP16 step goes: kernels measured on their own, and modelled.

    The LM head, the gather and the sampler were not measured on their own: their modelled time
    stands in both columns.
    """
    gemms = {tuple(row[key] for key in ("format", "m", "n", "k")): float(row["median_us"]) * 1e-3
             for row in tables["gemm"]}
    small = {(row["model"], row["operator"], int(row["rows"])): float(row["median_us"]) * 1e-3
             for row in tables["elementwise"]}
    attention = fastest_attention(tables["attention"])
    lines = ["| model | batch | context | GEMMs, ms | modelled | attention, ms | modelled | "
             "small kernels, ms | modelled | sum, ms | step, ms |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    ratios = []
    for (model, form, batch, context), (seconds, _) in whole_steps(tables["decode"]).items():
        s = shapes[model]
        if form != "fp16" or (model, "add_norm", batch) not in small:
            continue
        by_kind = {kind: 1e3 * value for kind, value in
                   lutsim.step_by_kind(model, batch, context).items()}
        layer = sum(fit.small(o, s, batch) * n for o, n in
                    (("add_norm", 2), ("silu_product", 1), ("rotate_append", 1)))
        outside = by_kind["elementwise"] - 1e3 * s.layers * layer
        head = by_kind["head"]
        parts = {
            "gemm": head + s.layers * sum(gemms["fp16", str(batch), str(n), str(k)]
                                          for n, k in s.matrices().values()),
            "attention": 1e3 * s.layers * attention[model, "decode", batch, context],
            "elementwise": outside + s.layers * (2 * small[model, "add_norm", batch] +
                                                 small[model, "silu_product", batch] +
                                                 small[model, "rotate_append", batch]),
        }
        total = sum(parts.values())
        ratios.append(1e3 * seconds / total)
        pairs = " | ".join(f"{parts[kind]:.2f} | {by_kind[kind]:.2f}" for kind in parts)
        lines.append(f"| {model} | {batch} | {context} | {pairs} | {total:.2f} | "
                     f"{1e3 * seconds:.2f} |")
    q1, median, q3 = quartiles(ratios)
    return lines + ["", f"A step takes {min(ratios):.3f} to {max(ratios):.3f} times the sum of its "
                    f"kernels: quartiles {q1:.3f}, {median:.3f}, {q3:.3f}."]


def repeat_lines(folder):
    """How far a second run on the same machine lies from the first, table by table."""
    lines = []
    for table, keys, value in (("gemm", ("format", "m", "n", "k"), "median_us"),
                               ("decode", ("model", "format", "batch", "context",
                                           "layers_measured"), "median_ms"),
                               ("decode", ("model", "format", "batch", "context",
                                           "layers_measured"), "watts")):
        first, second = (
            {tuple(row[k] for k in keys): float(row[value]) for row in read_table(path)[1]}
            for path in (folder / f"{table}.csv", folder / "repeat" / f"{table}.csv"))
        changes = [abs(second[key] / first[key] - 1) for key in first.keys() & second.keys()]
        lines.append(f"- {table}.csv, `{value}`: {len(changes)} points, median change "
                     f"{100 * quantile(changes, 0.5):.2f} %, 95 % of them below "
                     f"{100 * quantile(changes, 0.95):.2f} %, largest "
                     f"{100 * max(changes):.1f} %")
    return lines


def flag_lines(folder):
    counts = []
    for table in ("gemm", "attention", "decode", "energy"):
        rows = read_table(folder / f"{table}.csv")[1]
        flagged = [row for row in rows if row["flags"]]
        counts.append(f"- {table}.csv: {len(flagged)} of {len(rows)} points")
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lutsim", default=str(ROOT / "build" / "release" / "lutsim"))
    options = parser.parse_args()
    folder = options.folder
    comment = read_table(folder / "gemm.csv")[0]
    tables = {name: read_table(folder / f"{name}.csv")[1]
              for name in ("gemm", "attention", "elementwise", "decode", "energy")}
    gpu = comment["data_sheet"]
    lutsim = Lutsim(options.lutsim, gpu)
    fit = Fit(ROOT / "models" / "hardware" / "gpu" / f"{gpu}.yaml")
    shapes = read_shapes(ROOT / "workloads" / "llm" / "models.csv")
    errors, ideals = Errors(), []
    steps = compare_steps(tables["decode"], lutsim, errors, ideals)
    compare_gemms(tables["gemm"], lutsim, errors, ideals)
    compare_loads(tables["energy"], lutsim, errors)
    compare_attention(tables["attention"], shapes, fit, errors)
    compare_small(tables["elementwise"], shapes, fit, errors)
    ratio, which = min(ideals)
    text = [
        f"# lutsim's `{gpu}` against {comment['part']}, {comment['date']}", "",
        "Written by `tools/measure_gpu/compare.py`. Error = modelled / measured - 1 on the "
        "`kernel` line;", "quartiles are of the signed error. docs/gpu_baseline.md says which of these points took "
        "part in the fit.", "",
        *errors.table(), "", "## The ideal line", "",
        f"Of {len(ideals)} GEMMs and steps, {sum(r < 1 for r, _ in ideals)} were faster than the "
        f"ideal line. Closest: {which}, measured / ideal = {ratio:.3f}.", "",
        "## Points that beat the data sheet", "", *flag_lines(folder), ""]
    if (folder / "repeat").is_dir():
        text += ["## A second run on the same machine", "", *repeat_lines(folder), ""]
    text += ["## Decode steps", "", *steps, "", "## What a step is made of", "",
             *part_lines(tables, shapes, lutsim, fit), ""]
    (folder / "comparison.md").write_text("\n".join(text), encoding="utf-8")
    print("\n".join(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
