# SPDX-License-Identifier: Apache-2.0
"""Data-sheet limits of a GPU, out of models/hardware/gpu/, and the check that nothing beats them."""

import re
from dataclasses import dataclass

# What the driver calls a part, and its file.
PARTS = {
    "NVIDIA H100 80GB HBM3": "h100-sxm",
    "NVIDIA H100 PCIe": "h100-pcie",
    "NVIDIA H200": "h200-sxm",
    "NVIDIA B200": "b200-sxm",
    "NVIDIA A100-SXM4-80GB": "a100-80gb",
    "NVIDIA A100-SXM4-40GB": "a100-40gb",
    "NVIDIA A40": "a40",
    "NVIDIA L40S": "l40s",
    "NVIDIA L4": "l4",
    "NVIDIA GeForce RTX 3090": "rtx-3090",
    "NVIDIA GeForce RTX 4090": "rtx-4090",
}


@dataclass(frozen=True)
class Sheet:
    """Bytes/s, and operations/s by format."""

    name: str
    bandwidth: float
    peaks: dict

    def peak(self, form):
        return self.peaks["fp16" if form in ("bf16", "int4") else form]

    def flags(self, seconds, compulsory_bytes, flops, form):
        """Why a point cannot be true; empty when it can.

        `compulsory_bytes` are those that no cache can hold: weights and KV cache, not activations.
        """
        found = []
        if compulsory_bytes / seconds > self.bandwidth:
            found.append("faster_than_memory")
        peak = self.peak(form)
        if peak and flops / seconds > peak:
            found.append("faster_than_peak")
        return " ".join(found)


def number_of(text, key):
    found = re.search(rf"^{key}: ([0-9.]+)", text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def read_sheet(folder, name):
    """The sheet of models/hardware/gpu/<name>.yaml."""
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    peaks = {
        "fp16": 1e12 * number_of(text, "peak_fp16_tflops"),
        "fp8": 1e12 * number_of(text, "peak_fp8_tflops"),
        "int8": 1e12 * number_of(text, "peak_int8_tops"),
    }
    return Sheet(name, 1e9 * number_of(text, "memory_bandwidth"), peaks)
