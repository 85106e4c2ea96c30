# SPDX-License-Identifier: Apache-2.0
"""lutsim's GPU model as it stands: through the command line, and, for kernels that it does not
describe on their own, through the fit's form of the same law (tools/fit_gpu, needs numpy)."""

import json
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from shapes import FP16_BYTES

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "fit_gpu"))

import gpu_model  # noqa: E402  pylint: disable=wrong-import-position

FORMATS = {"bf16": "fp16"}  # formats that the model does not tell apart
SCALES = {"us": 1e-6, "GB/s": 1e9, "GB": 1e9, "ms": 1e-3, "ns": 1e-9, "pJ": 1e-12, "W": 1}


class Lutsim:
    """The command line tool."""

    def __init__(self, program, gpu):
        self.program, self.gpu = program, gpu

    @lru_cache(maxsize=None)
    def ask(self, *options):
        """The result, or None when lutsim does not describe the model."""
        command = [self.program, "gpu", "--gpu", self.gpu, "--json", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def gemm(self, form, m, n, k, line="kernel"):
        return self.ask("--gemm", f"{m},{n},{k}", "--format", FORMATS.get(form, form), "--line",
                        line)

    def step(self, model, form, batch, context, line="kernel"):
        return self.ask("--model", model, "--format", FORMATS.get(form, form), "--batch",
                        str(batch), "--context", str(context), "--line", line, "--kernels")

    def step_by_kind(self, model, batch, context):
        """Seconds of an FP16 decode step in the kernels of each kind, and in the LM head."""
        found = {"head": 0.0}
        for kernel in self.step(model, "fp16", batch, context)["kernels"]:
            seconds = kernel["count"] * kernel["time_s"]
            found[kernel["kind"]] = found.get(kernel["kind"], 0.0) + seconds
            if kernel["name"] == "lm_head":
                found["head"] += seconds
        return found


class Fit:
    """Parameters of one GPU's file, in base units, for the law of tools/fit_gpu/gpu_model.py."""

    def __init__(self, path):
        values, section = {}, ""
        for line in path.read_text(encoding="utf-8").splitlines():
            found = re.match(r"( *)(\w+): *(?:([-+.0-9e]+) *(\S*))?$", line)
            if found is None:
                continue
            indent, key, value, unit = found.groups()
            if not indent:
                section = key
            if value:
                values[f"{section}.{key}" if indent else key] = float(value) * SCALES.get(unit, 1)
        self.parameters = values
        self.sheet = gpu_model.DataSheet(values["memory_bandwidth"],
                                         values["peak_fp16_tflops"] * 1e12,
                                         values["memory_capacity"], values["power_limit"],
                                         int(values["multiprocessors"]), values["link.bandwidth"])

    def kernel(self, kind, **columns):
        """Seconds of one kernel without a matrix."""
        kernels = gpu_model.plain_kernels(kind, [columns])
        return float(gpu_model.kernel_seconds(self.parameters, self.sheet, kernels)[0])

    def attention(self, phase, shape, batch, context):
        """Seconds of the attention of one layer: a decode step, or a prompt of one sequence."""
        rows = batch if phase == "decode" else context
        pairs = batch * context if phase == "decode" else context * (context + 1) / 2
        return self.kernel("attention", kv_bytes=shape.cache_bytes(batch, context, 1),
                           streams=rows * shape.kv_heads,
                           activation_bytes=2 * FP16_BYTES * rows * shape.q_dim,
                           flops=4.0 * pairs * shape.q_dim)

    def small(self, operator, shape, rows):
        """Seconds of a kernel of fused.py. Rotation and cache are two kernels in the model."""
        elements = {
            "add_norm": [4 * shape.hidden],
            "silu_product": [3 * shape.ffn],
            "rotate_append": [2 * (shape.q_dim + shape.kv_dim), 4 * shape.kv_dim],
        }[operator]
        return sum(self.kernel("elementwise", activation_bytes=FP16_BYTES * rows * e)
                   for e in elements)
