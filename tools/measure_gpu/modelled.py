# SPDX-License-Identifier: Apache-2.0
"""lutsim's GPU model as it stands: through the command line, and, for what that does not describe,
through the fit's own form of the same model (tools/fit_gpu, needs numpy)."""

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
                        str(batch), "--context", str(context), "--line", line)


class Fit:
    """The fitted parameters of one GPU in the form of tools/fit_gpu/gpu_model.py."""

    def __init__(self, path):
        self.values, section = {}, ""
        for line in path.read_text(encoding="utf-8").splitlines():
            found = re.match(r"( *)(\w+): *([-+.0-9e]*)", line)
            if found is None:
                continue
            indent, key, value = found.groups()
            if not indent:
                section = key
            if value not in ("", "-"):
                self.values[f"{section}.{key}" if indent else key] = float(value)
        get = self.values.__getitem__
        self.sheet = gpu_model.DataSheet(get("memory_bandwidth") * 1e9,
                                         get("peak_fp16_tflops") * 1e12,
                                         get("memory_capacity") * 1e9, get("power_limit"))
        self.kernels = {
            kind: tuple([get(f"{kind}.launch") * 1e-6, get(f"{kind}.bandwidth_efficiency"),
                         get(f"{kind}.compute_efficiency")])
            for kind in ("gemm", "attention", "elementwise")
        }
        self.kernels["gemm"] += (get("gemm.idle_outputs"),)
        self.power = (get("power.base"), get("power.per_byte") * 1e-12,
                      get("power.per_flop") * 1e-12)

    def kernel(self, kind, moved, flops=0.0):
        return gpu_model.kernel_time(self.kernels, self.sheet,
                                     gpu_model.Kernel(kind, moved, flops))

    def gemm(self, m, n, k):
        """Seconds of an FP16 GEMM."""
        return gpu_model.kernel_time(self.kernels, self.sheet, gpu_model.gemm(m, n, k))

    def kernels_of(self, shape, batch, context):
        return gpu_model.step_kernels(
            gpu_model.Shape(shape.layers, shape.hidden, shape.heads, shape.kv_heads,
                            shape.head_dim, shape.ffn, shape.vocab, shape.gated), batch, 1,
            context - 1)

    def step(self, shape, batch, context):
        """(seconds, watts) of an FP16 decode step."""
        kernels = self.kernels_of(shape, batch, context)
        seconds = gpu_model.kernels_time(self.kernels, self.sheet, kernels)
        moved, flops = gpu_model.totals(kernels)
        return seconds, gpu_model.power(self.power, self.sheet, moved, flops, seconds)

    def step_by_kind(self, shape, batch, context):
        """Seconds of an FP16 decode step in the kernels of each kind."""
        found = {}
        for kernel in self.kernels_of(shape, batch, context):
            seconds = kernel.count * gpu_model.kernel_time(self.kernels, self.sheet, kernel)
            found[kernel.kind] = found.get(kernel.kind, 0.0) + seconds
        return found

    def attention(self, phase, shape, batch, context):
        """Seconds of the attention of one layer: a decode step, or a prompt of one sequence."""
        if phase == "decode":
            moved = shape.cache_bytes(batch, context, 1) + 2 * FP16_BYTES * batch * shape.q_dim
            flops = 4.0 * batch * context * shape.q_dim
        else:
            moved = 2 * FP16_BYTES * context * (shape.q_dim + shape.kv_dim)
            flops = 2.0 * context * (context + 1) * shape.q_dim
        return self.kernel("attention", moved, flops)

    def small(self, operator, shape, rows):
        """Seconds of a kernel of fused.py. Rotation and cache are two kernels in the model."""
        elements = {
            "add_norm": [4 * shape.hidden],
            "silu_product": [3 * shape.ffn],
            "rotate_append": [2 * (shape.q_dim + shape.kv_dim), 4 * shape.kv_dim],
        }[operator]
        return sum(self.kernel("elementwise", FP16_BYTES * rows * e) for e in elements)
