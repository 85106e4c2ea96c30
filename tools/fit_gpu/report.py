# SPDX-License-Identifier: Apache-2.0
"""Writes what was fitted: one YAML file a GPU, and docs/gpu_baseline.md."""

import textwrap
from pathlib import Path

from catalogue import SHEETS

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


def kernel_lines(kind, parameters):
    launch, bandwidth, compute, *idle = parameters
    lines = [
        f"{kind}:",
        f"  launch: {number(launch * 1e6)} us",
        f"  bandwidth_efficiency: {number(bandwidth)}",
        f"  compute_efficiency: {number(compute)}",
    ]
    if idle:
        lines.append(f"  idle_outputs: {idle[0]:.0f}")
    return lines


def text_lines(key, text, indent=""):
    wrapped = textwrap.wrap(text, width=98 - len(indent), break_on_hyphens=False)
    return [f"{indent}{key}: >-", *(f"{indent}  {line}" for line in wrapped)]


def describe(gpu):
    if gpu.same_as:
        return f"Same chip as {gpu.same_as}, whose fit it uses; its own memory."
    if gpu.is_typical and gpu.checks:
        return ("Kernels fitted to measurements; serving overhead and power are assumed: the mean "
                "of the A100's and the H100's.")
    if gpu.is_typical:
        return ("Data sheet only, not fitted: efficiencies, overheads and shares of power are the "
                "mean of the A100's and the H100's.")
    return ("Kernels, serving overhead (vLLM) and power fitted to measurements: "
            "docs/gpu_baseline.md.")


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
        f"fitted: {'false' if gpu.is_typical else 'true'}",
        f"memory_bandwidth: {sheet.bandwidth / 1e9:g} GB/s",
        f"memory_capacity: {sheet.capacity / 1e9:g} GB",
        f"power_limit: {sheet.tdp:g} W",
        f"peak_fp16_tflops: {sheet.peak_fp16 / 1e12:g}",
        f"peak_fp8_tflops: {entry.fp8:g}",
        f"peak_int8_tops: {entry.int8:g}",
    ]
    for kind in ("gemm", "attention", "elementwise"):
        lines += kernel_lines(kind, gpu.kernels[kind])
    for name, (bits, value, low, high, source) in WEIGHT_ONLY.items():
        lines += [
            f"{name}:", f"  bits_per_weight: {bits:g}", f"  bandwidth_efficiency: {value:g}",
            f"  low: {low:g}", f"  high: {high:g}"
        ]
        lines += text_lines("source", source, "  ")
    lines += [
        "serving:",
        f"  step: {number(gpu.served[0] * 1e3)} ms",
        f"  sequence: {number(gpu.served[1] * 1e6)} us",
        "power:",
        f"  base: {number(gpu.power[0])} W",
        f"  per_byte: {number(gpu.power[1] * 1e12)} pJ",
        f"  per_flop: {number(gpu.power[2] * 1e12)} pJ",
    ]
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


def write_report(gpus, path):
    lines = [HEAD.read_text(encoding="utf-8").rstrip(), ""]
    for gpu in gpus:
        if not gpu.checks:
            continue
        lines += [f"### {gpu.name}", "", describe(gpu), "", *check_table(gpu), ""]
        for quantity, (low, high) in gpu.intervals.items():
            lines.append(f"- {quantity}: measured / modelled lies between {low:.2f} and {high:.2f}"
                         f"{' (assumed)' if gpu.is_typical and quantity != 'kernel_time' else ''}")
        lines.append("")
    lines += ["## All GPUs", "", "| name | part | kernels | serving | power |"]
    lines.append("|---|---|---|---|---|")
    for gpu in gpus:
        kernels = "fitted" if gpu.checks or gpu.same_as else "assumed"
        rest = "assumed" if gpu.is_typical else "fitted"
        lines.append(f"| `{gpu.name}` | {SHEETS[gpu.name].title} | {kernels} | {rest} | {rest} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
