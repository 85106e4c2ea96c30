# SPDX-License-Identifier: Apache-2.0
"""Data-sheet figures of GPUs, and what is assumed of those that no measurement fits."""

from dataclasses import dataclass

import numpy as np

from gpu_model import DataSheet
from results import Gpu

VENDOR = ("vendor data sheet, dense rates without 2:4 sparsity; memory capacity and FP8 rate "
          "recalled, not read again")


@dataclass(frozen=True)
class Entry:
    """One GPU: full name, FP16 figures, FP8 and INT8 dense peaks (0: the part has none)."""

    title: str
    sheet: DataSheet
    fp8: float
    int8: float
    source: str = VENDOR


def entry(title, bandwidth_gb, fp16_tflops, capacity_gb, watts, fp8_tflops, int8_tops,
          source=VENDOR):
    sheet = DataSheet(bandwidth_gb * 1e9, fp16_tflops * 1e12, capacity_gb * 1e9, watts)
    return Entry(title, sheet, fp8_tflops, int8_tops, source)


# FP16 is the tensor-core rate with FP32 accumulation.
SHEETS = {
    "a100-80gb": entry("NVIDIA A100 SXM 80 GB", 2039, 312, 80, 400, 0, 624),
    "a100-40gb": entry("NVIDIA A100 SXM 40 GB", 1555, 312, 40, 400, 0, 624),
    "h100-sxm": entry("NVIDIA H100 SXM", 3350, 989.4, 80, 700, 1979, 1979),
    "rtx-4090": entry("NVIDIA GeForce RTX 4090", 1008, 165, 24, 450, 330, 661),
    "h100-pcie": entry("NVIDIA H100 PCIe", 2000, 756, 80, 350, 1513, 1513),
    "h200-sxm": entry("NVIDIA H200 SXM", 4800, 989.4, 141, 700, 1979, 1979),
    "b200-sxm": entry("NVIDIA B200 SXM", 7700, 2250, 180, 1000, 4500, 4500,
                      VENDOR + "; sources give 7700 to 8000 GB/s"),
    "a40": entry("NVIDIA A40", 696, 149.7, 48, 300, 0, 299),
    "l40s": entry("NVIDIA L40S", 864, 362, 48, 350, 733, 733),
    "l4": entry("NVIDIA L4", 300, 121, 24, 72, 242, 242),
    "rtx-3090": entry("NVIDIA GeForce RTX 3090", 936, 71, 24, 350, 0, 284),
    "jetson-agx-orin": entry("NVIDIA Jetson AGX Orin 64 GB", 204.8, 42, 64, 60, 0, 85,
                             VENDOR + ", GPU without the DLA; shared memory"),
}

# Laboratories differ by 30 % in compute-bound efficiency and by 10 % in power for the same part. A
# part that nobody fitted is at least as uncertain, its power more so.
UNFITTED = {"kernel_time": (0.7, 1.3), "served_time": (0.7, 1.3), "power": (0.7, 1.3)}


def typical_gpu(name, a100, h100, kernels=None):
    """A GPU whose missing parameters are the mean of the A100's and the H100's.

    Efficiencies, launch costs and overheads are taken over as they are. Power is taken over as a
    share of the power limit: of the base, of full bandwidth, and of full FP16 rate.
    """
    sheet = SHEETS[name].sheet
    fits = ((a100, SHEETS["a100-80gb"].sheet), (h100, SHEETS["h100-sxm"].sheet))
    checks = []
    intervals = dict(UNFITTED)
    if kernels is None:
        fitted = {kind: tuple(np.mean([fit[0][kind] for fit, _ in fits], axis=0))
                  for kind in ("gemm", "attention", "elementwise")}
    else:
        fitted, intervals["kernel_time"], checks = kernels
    served = tuple(np.mean([fit[1] for fit, _ in fits], axis=0))
    shares = np.mean([(fit[2][0] / s.tdp, fit[2][1] * s.bandwidth / s.tdp,
                       fit[2][2] * s.peak_fp16 / s.tdp) for fit, s in fits], axis=0)
    power = (shares[0] * sheet.tdp, shares[1] * sheet.tdp / sheet.bandwidth,
             shares[2] * sheet.tdp / sheet.peak_fp16)
    return Gpu(name, fitted, served, power, intervals, checks, is_typical=True)
