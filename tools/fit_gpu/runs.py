# SPDX-License-Identifier: Apache-2.0
"""Runs as lutsim sees them: the kernels of their passes for the fit, its answers for the report."""

import numpy as np

from gpu_model import FP16, Kernels, kernel_seconds, loads, watts


def line_of(run):
    """vLLM is what users see; TensorRT-LLM and a CUDA graph are the strongest engines."""
    return "served" if run.engine == "vLLM" else "kernel"


def points_of(runs, gpu, line=None):
    """What to ask lutsim for: one point a pass."""
    return [{"gpu": gpu, "tensor_parallel": run.gpus, "model": run.model, "phase": phase,
             "batch": run.batch, "context": context, "format": run.form,
             "line": line or line_of(run)}
            for run in runs for phase, context, _ in run.passes]


class Runs:
    """Kernels of all passes of some runs at one precision."""

    def __init__(self, lutsim, gpu, runs, arithmetic=FP16):
        self.runs, self.arithmetic = runs, arithmetic
        answers = lutsim.ask(points_of(runs, gpu), kernels=True)
        self.kernels = Kernels([answer["kernels"] for answer in answers])
        self.logits = np.array([answer["logits"] for answer in answers])
        passes = [(number, times, run.batch, line_of(run) == "served",
                   run.engine == "TensorRT-LLM")
                  for number, run in enumerate(runs) for _, _, times in run.passes]
        self.run, self.times, self.batch, self.served, self.tensorrt = (
            np.array(c) for c in zip(*passes))
        _, moved, unpacked = loads(self.kernels, arithmetic)
        self.moved, self.flops = self.kernels.sums(moved), self.kernels.sums(self.kernels.flops)
        self.unpacked = self.kernels.sums(unpacked)
        self.gpus = np.array([run.gpus for run in runs])

    def column(self, name):
        return np.array([getattr(run, name) for run in self.runs])

    def _sum(self, values):
        return np.bincount(self.run, self.times * values, len(self.runs))

    def pass_seconds(self, p, sheet):
        seconds = self.kernels.sums(kernel_seconds(p, sheet, self.kernels, self.arithmetic))
        overhead = (p.get("serving.step", 0) +
                    p.get("serving.group", 0) * (self.gpus[self.run] > 1) +
                    np.maximum(p.get("serving.sequence", 0) * self.batch,
                               p.get("serving.logit", 0) * self.logits))
        # Of TensorRT-LLM, while links are fitted to it: no part of a GPU's file.
        other = p.get("tensorrt.step", 0) + p.get("tensorrt.sequence", 0) * self.batch
        return seconds + np.where(self.served, overhead, 0) + np.where(self.tensorrt, other, 0)

    def seconds(self, p, sheet):
        return self._sum(self.pass_seconds(p, sheet))

    def watts(self, p, sheet, seconds=None):
        """Of all GPUs; `seconds` of the passes, if they are known already."""
        seconds = self.pass_seconds(p, sheet) if seconds is None else seconds
        unpacking = self.unpacked * p.get("unpacking", 0.0) if self.arithmetic.unpacks else 0.0
        each = watts(p, sheet, self.moved, self.flops, unpacking, seconds)
        return self.gpus * self._sum(each * seconds) / self._sum(seconds)


def answers(lutsim, gpu, runs, line=None):
    """(seconds, watts of all GPUs, joules a generated token) of each run, from lutsim itself."""
    results = iter(lutsim.ask(points_of(runs, gpu, line)))
    found = []
    for run in runs:
        seconds = joules = generated = 0.0
        for phase, _, times in run.passes:
            result = next(results)
            seconds += times * result["time_s"]
            joules += times * result["energy_j"]
            generated += run.batch * (1 if phase == "prefill" else times)
        found.append((seconds, joules / seconds, joules / generated))
    return np.array(found).reshape(-1, 3)


def screen(lutsim, gpu, runs, usable=0.9):
    """(runs that can be true and that one batch ran, what was dropped and why).

    Physics: no run is faster than the ideal line. And a batch whose weights and cache exceed the
    share of the memory that vLLM uses is worked through in parts, which is not what is modelled.
    """
    ideal = answers(lutsim, gpu, runs, "ideal")[:, 0]
    ends = lutsim.ask([{"gpu": gpu, "tensor_parallel": run.gpus, "model": run.model,
                        "phase": "decode", "batch": run.batch, "context": run.longest,
                        "format": run.form} for run in runs])
    capacity = lutsim.capacity(gpu)
    kept, dropped = [], []
    for run, least, end in zip(runs, ideal, ends):
        if run.seconds < least:
            dropped.append((run, f"faster than physics: {run.seconds / least:.2f} of the time that "
                                 "weights, cache and operations need at the data sheet's rates"))
        elif end["stored_bytes_per_gpu"] > usable * capacity:
            dropped.append((run, "weights and cache do not fit: worked through in parts"))
        else:
            kept.append(run)
    return kept, dropped
