# SPDX-License-Identifier: Apache-2.0
"""Writes what was fitted: one YAML file a GPU, and docs/gpu_baseline.md."""

import textwrap
from pathlib import Path

import numpy as np

from catalogue import SHEETS, UNFITTED

HEAD = Path(__file__).parent / "gpu_baseline.head.md"

# Weight-only kernels, as shares of the peak bandwidth that they reach on the stored weights. Stored
# bits are q + 32 / 128: FP16 scale and zero point per group of 128.
WEIGHT_ONLY = {
    "int4": (
        4.25, 0.6, 0.486, 0.82,
        "0.6 gives the 1.9x over FP16 that a 7B model shows on an A100 at batch 1; low: AWQ, "
        "0.324 ms for a 12288 x 49152 layer on an A100 (LUT-GEMM, Table 1); high: no worse than "
        "FP16 kernels"),
    "int3": (
        3.25, 0.535, 0.334, 0.82,
        "LUT-GEMM INT3, 0.225 ms for a 12288 x 49152 layer on an A100 (LUT-GEMM, Table 1); "
        "low: OPTQ, 0.360 ms, same table; high: no worse than FP16 kernels"),
}


def number(value):
    return f"{value:.4g}"


# Keys of a GPU's file with the unit that they are written in.
UNITS = {
    "gemm": {"launch": (1e6, " us"), "bandwidth_efficiency": (1, ""), "compute_efficiency": (1, ""),
             "tile_overhead": (1, ""), "grouped_efficiency": (1, "")},
    "attention": {"launch": (1e6, " us"), "bandwidth_efficiency": (1, ""),
                  "compute_efficiency": (1, ""), "stream_bandwidth": (1e-9, " GB/s")},
    "elementwise": {"launch": (1e6, " us"), "bandwidth_efficiency": (1, "")},
    "link": {"efficiency": (1, ""), "latency": (1e6, " us")},
    "serving": {"step": (1e3, " ms"), "group": (1e3, " ms"), "sequence": (1e6, " us"),
                "logit": (1e9, " ns")},
    "power": {"base": (1, " W"), "per_byte": (1e12, " pJ"), "per_flop": (1e12, " pJ")},
}


def section_lines(kind, parameters):
    lines = [f"{kind}:"]
    for key, (scale, unit) in UNITS[kind].items():
        lines.append(f"  {key}: {number(parameters[f'{kind}.{key}'] * scale)}{unit}")
    return lines


def text_lines(key, text, indent=""):
    wrapped = textwrap.wrap(text, width=98 - len(indent), break_on_hyphens=False)
    return [f"{indent}{key}: >-", *(f"{indent}  {line}" for line in wrapped)]


def describe(gpu):
    if gpu.same_as:
        return f"Same chip as {gpu.same_as}, whose fit it uses; its own memory."
    fitted = [part for part, is_fitted in gpu.parts.items() if is_fitted]
    assumed = [part for part, is_fitted in gpu.parts.items() if not is_fitted]
    if not fitted:
        return ("Data sheet only, not fitted: efficiencies, overheads and shares of power are the "
                "mean of the A100's and the H100's.")
    text = f"Fitted to measurements: {', '.join(fitted)} (docs/gpu_baseline.md)."
    if not assumed:
        return text
    whose = "the H100's" if gpu.name == "b200-sxm" else "the mean of the A100's and the H100's"
    return f"{text} Assumed, {whose}: {', '.join(assumed)}."


def yaml_lines(gpu):
    entry = SHEETS[gpu.name]
    sheet = entry.sheet
    lines = [
        "# SPDX-License-Identifier: Apache-2.0",
        "# yaml-language-server: $schema=../../../docs/schema/gpu.schema.json",
        "# Written by tools/fit_gpu/fit_gpu.py; docs/gpu_baseline.md says from which points.",
        "schema: lutsim.gpu/1",
        f"name: {gpu.name}",
        f"title: {entry.title}",
        *text_lines("description", describe(gpu)),
        *text_lines("source", entry.source),
        f"fitted: {'true' if gpu.is_fitted else 'false'}",
        f"multiprocessors: {sheet.processors}",
        f"memory_bandwidth: {sheet.bandwidth / 1e9:g} GB/s",
        f"memory_capacity: {sheet.capacity / 1e9:g} GB",
        f"power_limit: {sheet.tdp:g} W",
        f"peak_fp16_tflops: {sheet.peak_fp16 / 1e12:g}",
        f"peak_fp8_tflops: {entry.fp8:g}",
        f"peak_int8_tops: {entry.int8:g}",
    ]
    p = gpu.parameters
    for kind in ("gemm", "attention"):
        lines += section_lines(kind, p)
    lines += [*section_lines("elementwise", p), "  compute_efficiency: 1"]
    for name, (bits, value, low, high, source) in WEIGHT_ONLY.items():
        lines += [
            f"{name}:", f"  bits_per_weight: {bits:g}", f"  bandwidth_efficiency: {value:g}",
            f"  low: {low:g}", f"  high: {high:g}",
            f"  unpacking: {number(p['unpacking'] * 1e12)} pJ"
        ]
        lines += text_lines("source", source, "  ")
    lines += ["link:", f"  bandwidth: {sheet.link / 1e9:g} GB/s", *section_lines("link", p)[1:]]
    for kind in ("serving", "power"):
        lines += section_lines(kind, p)
    for quantity, (low, high) in gpu.intervals.items():
        lines += [f"{quantity}_interval:", f"  low: {number(low)}", f"  high: {number(high)}"]
    return lines


def write_yaml(gpu, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{gpu.name}.yaml").write_text("\n".join(yaml_lines(gpu)) + "\n", encoding="utf-8")


def check_table(gpu):
    lines = [
        "| quantity | points | used for | number | median error | bias |",
        "|---|---|---|---|---|---|"
    ]
    for check in gpu.checks:
        use = "fit" if check.fitted else "**judging**"
        bias = sorted(check.relative)[len(check.relative) // 2]
        lines.append(f"| {check.quantity} | {check.points} | {use} | {len(check.relative)} | "
                     f"{100 * check.median:.1f} % | {100 * bias:+.1f} % |")
    return lines


# What the lines of the summary put together; engines on the kernel line are listed, not summed.
SUMMARY = {
    "kernels": ("GEMM time", "attention of a decode step", "attention of a prompt"),
    "steps and requests, served": ("decode step time", "request time"),
    "steps in a CUDA graph": ("decode step time",),
    "power": ("power", "power at the measured time"),
    "joules per token": ("energy per token",),
}


def is_summed(check, line):
    if check.fitted or check.quantity not in SUMMARY[line] or "TensorRT" in check.points:
        return False
    if line == "steps and requests, served":
        return "measure_gpu" not in check.points
    return line != "steps in a CUDA graph" or "measure_gpu" in check.points


def summary_lines(gpus):
    """Median errors over all points that were not fitted; each group of points counts with its
    number, mixtures of experts included."""
    lines = ["| held-out points | " + " | ".join(gpu.name for gpu in gpus) + " |",
             "|---" * (1 + len(gpus)) + "|"]
    for line in SUMMARY:
        cells = []
        for gpu in gpus:
            errors = [c.relative for c in gpu.checks if is_summed(c, line)]
            joined = np.abs(np.concatenate(errors)) if errors else np.array([])
            cells.append(f"{100 * np.median(joined):.1f} % of {len(joined)}" if errors else "-")
        lines.append(f"| {line} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def dropped_lines(gpu):
    """What physics and the memory refused, counted by reason and model."""
    if not gpu.dropped:
        return []
    lines = ["Left out:", ""]
    parts = {}
    for run, reason in gpu.dropped:
        if reason.startswith("faster"):
            lines.append(f"- {run.name()}: {reason}")
        else:
            key = f"{run.laboratory} {run.engine}, {run.model}, {run.gpus} GPU", reason
            parts.setdefault(key, []).append(run)
    for (name, reason), runs in parts.items():
        lines.append(f"- {name}, {len(runs)} runs: {reason}")
    return lines + [""]


def write_report(gpus, path):
    lines = [HEAD.read_text(encoding="utf-8").rstrip(), ""]
    lines += summary_lines([gpu for gpu in gpus if gpu.checks and gpu.name != "l40s"])
    for gpu in gpus:
        if not gpu.checks:
            continue
        lines += [f"### {gpu.name}", "", describe(gpu), "", *check_table(gpu), ""]
        for quantity, (low, high) in gpu.intervals.items():
            assumed = " (assumed)" if gpu.intervals[quantity] == UNFITTED[quantity] else ""
            lines.append(f"- {quantity}: measured / modelled lies between {low:.2f} and {high:.2f}"
                         f"{assumed}")
        lines += ["", *dropped_lines(gpu)]
    lines += ["## All GPUs", "", "| name | part | kernels | serving | links | power |"]
    lines.append("|---|---|---|---|---|---|")
    for gpu in gpus:
        parts = " | ".join("fitted" if is_fitted else "assumed" for is_fitted in gpu.parts.values())
        lines.append(f"| `{gpu.name}` | {SHEETS[gpu.name].title} | {parts} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
