# SPDX-License-Identifier: Apache-2.0
"""Data-sheet figures of GPUs, and what is assumed of those that no measurement fits."""

from dataclasses import dataclass

import numpy as np

from gpu_model import DataSheet

VENDOR = ("vendor data sheet, dense rates without 2:4 sparsity; memory capacity, FP8 rate, "
          "multiprocessors and link recalled, not read again")


@dataclass(frozen=True)
class Entry:
    """One GPU: full name, FP16 figures, FP8 and INT8 dense peaks (0: the part has none)."""

    title: str
    sheet: DataSheet
    fp8: float
    int8: float
    source: str = VENDOR


NVLINK3, NVLINK4, NVLINK5 = 300, 450, 900  # GB/s, one direction, all links of a GPU
PCIE4, PCIE5 = 32, 64  # GB/s, one direction, 16 lanes


def entry(title, bandwidth_gb, fp16_tflops, capacity_gb, watts, fp8_tflops, int8_tops, processors,
          link_gb, source=VENDOR):
    sheet = DataSheet(bandwidth_gb * 1e9, fp16_tflops * 1e12, capacity_gb * 1e9, watts, processors,
                      link_gb * 1e9)
    return Entry(title, sheet, fp8_tflops, int8_tops, source)


# FP16 is the tensor-core rate with FP32 accumulation.
SHEETS = {
    "a100-80gb": entry("NVIDIA A100 SXM 80 GB", 2039, 312, 80, 400, 0, 624, 108, NVLINK3),
    "a100-40gb": entry("NVIDIA A100 SXM 40 GB", 1555, 312, 40, 400, 0, 624, 108, NVLINK3),
    "h100-sxm": entry("NVIDIA H100 SXM", 3350, 989.4, 80, 700, 1979, 1979, 132, NVLINK4),
    "b200-sxm": entry("NVIDIA B200 SXM", 7700, 2250, 180, 1000, 4500, 4500, 148, NVLINK5,
                      VENDOR + "; sources give 7700 to 8000 GB/s"),
    "rtx-4090": entry("NVIDIA GeForce RTX 4090", 1008, 165, 24, 450, 330, 661, 128, PCIE4),
    "h100-pcie": entry("NVIDIA H100 PCIe", 2000, 756, 80, 350, 1513, 1513, 114, PCIE5),
    "h200-sxm": entry("NVIDIA H200 SXM", 4800, 989.4, 141, 700, 1979, 1979, 132, NVLINK4),
    "a40": entry("NVIDIA A40", 696, 149.7, 48, 300, 0, 299, 84, PCIE4),
    "l40s": entry("NVIDIA L40S", 864, 362, 48, 350, 733, 733, 142, PCIE4),
    "l4": entry("NVIDIA L4", 300, 121, 24, 72, 242, 242, 58, PCIE4),
    "rtx-3090": entry("NVIDIA GeForce RTX 3090", 936, 71, 24, 350, 0, 284, 82, PCIE4),
    "jetson-agx-orin": entry("NVIDIA Jetson AGX Orin 64 GB", 204.8, 42, 64, 60, 0, 85, 16, PCIE4,
                             VENDOR + ", GPU without the DLA; shared memory; no link to another"),
}

# Laboratories differ by 30 % in compute-bound efficiency and by 10 % in power for the same part. A
# part that nobody fitted is at least as uncertain, its power more so.
UNFITTED = {"kernel_time": (0.7, 1.3), "served_time": (0.7, 1.3), "power": (0.7, 1.3)}


def moved_power(parameters, sheet, to):
    """Power of one part taken over by another, as shares of the power limit: of the base, of full
    bandwidth, of full FP16 rate, of weights unpacked at full bandwidth."""
    limit = to.tdp / sheet.tdp
    bandwidth = to.bandwidth / sheet.bandwidth
    scale = {"power.base": limit, "power.per_byte": limit / bandwidth,
             "power.per_flop": limit / (to.peak_fp16 / sheet.peak_fp16),
             "unpacking": limit / bandwidth}
    return {key: parameters[key] * factor for key, factor in scale.items()}


def moved_attention(parameters, sheet, to):
    """The bandwidth of one KV head grows with that of a multiprocessor's share of the memory."""
    key = "attention.stream_bandwidth"
    share = (to.bandwidth / to.processors) / (sheet.bandwidth / sheet.processors)
    return {key: parameters[key] * share}


def typical(name, fits):
    """Parameters of a GPU of which nothing is known: the mean of those of `fits`, {name:
    parameters}. Efficiencies, launch costs and overheads are taken over as they are, power and the
    bandwidth of a KV head in proportion."""
    to = SHEETS[name].sheet
    moved = [{**p, **moved_power(p, SHEETS[of].sheet, to),
              **moved_attention(p, SHEETS[of].sheet, to)} for of, p in fits.items()]
    keys = set.intersection(*(set(p) for p in moved))
    return {key: float(np.mean([p[key] for p in moved])) for key in keys}
