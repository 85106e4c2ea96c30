# SPDX-License-Identifier: Apache-2.0
"""Fits the GPU baseline to measurements and judges it on points that the fit did not see.

    /usr/bin/python3 tools/fit_gpu/fit_gpu.py [--data FOLDER] [--lutsim PROGRAM]

reads FOLDER/gpu and the tables of tools/measure_gpu/results, and writes models/hardware/gpu/*.yaml
and docs/gpu_baseline.md. Needs python3-numpy, python3-scipy and a build. FOLDER is $LUTSIM_DATA, or
shared/data beside the source tree.
"""

import argparse
import csv
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import robust
from catalogue import SHEETS, UNFITTED, moved_attention, moved_power, typical
from fit_kernels import fit_gemms_h100, fit_gemms_vidur, fit_rtx4090, fit_small_kernels, judge_own
from lutsim import Lutsim
from measured import (measured_steps, read_chat, read_requests, read_splitwise, read_vendor,
                      rows_of)
from report import write_report, write_yaml
from results import Check, Gpu
from runs import Runs, answers, screen

ROOT = Path(__file__).resolve().parents[2]
GPUS = ROOT / "models" / "hardware" / "gpu"
OWN = ROOT / "tools" / "measure_gpu" / "results" / "h100-sxm"

# Took part in the fit of the links only, with an overhead of its own that no file holds.
LINKS_ONLY = "Argonne TensorRT-LLM on the kernel line"

SMALL = "Llama-2-7b-hf"
FIT_LENGTHS = (0, 128, 512, 2048)


@dataclass(frozen=True)
class Shape:
    """Widths of a decoder that the tables of measure_gpu need."""

    hidden: int
    ffn: int
    q_dim: int
    kv_dim: int
    kv_heads: int


def read_shapes(path):
    shapes = {}
    for row in rows_of(path):
        head = int(row["head_dim"])
        shapes[row["model"]] = Shape(int(row["hidden"]), int(row["ffn"]), int(row["heads"]) * head,
                                     int(row["kv_heads"]) * head, int(row["kv_heads"]))
    return shapes


class Source:
    """Runs of one laboratory and engine, with the rule that says which of them are fitted."""

    def __init__(self, label, runs, is_fitted):
        self.label = label
        groups = {}
        for run in runs:
            groups.setdefault((run.model, run.gpus, run.form), []).append(run)
        self.groups = {key: ([r for i, r in enumerate(group) if is_fitted(r, i)],
                             [r for i, r in enumerate(group) if not is_fitted(r, i)])
                       for key, group in groups.items()}

    def fitted(self):
        return [run for fit, _ in self.groups.values() for run in fit]

    def parts(self):
        """(label, fitted, runs)"""
        for (model, gpus, form), (fit, held) in self.groups.items():
            name = f"{self.label}, {model}" + (f", {gpus} GPUs" if gpus > 1 else "")
            name += f", {form.upper()}" if form != "fp16" else ""
            if fit:
                yield name, True, fit
            if held:
                yield name + (", the rest" if fit else ""), False, held


def judge(lutsim, gpu, source, checks, quantity):
    """Checks of time, power and energy per token, from lutsim's own answers."""
    for label, is_fitted, runs in source.parts():
        seconds, watts, joules = answers(lutsim, gpu, runs).T
        checks.append(Check(quantity, label, is_fitted,
                            robust.errors(seconds, [r.seconds for r in runs])))
        measured = np.array([r.watts for r in runs])
        if np.isfinite(measured).any() and source.label != "Splitwise":
            checks.append(Check("power", label, is_fitted, robust.errors(watts, measured)))
        measured = np.array([r.joules_per_token for r in runs])
        if np.isfinite(measured).any():
            checks.append(Check("energy per token", label, is_fitted,
                                robust.errors(joules, measured)))


def fit_steps(lutsim, gpu, parameters, runs, free):
    """`parameters` with those of `free` fitted to the times of runs; every laboratory, model and
    number of GPUs has the same weight."""
    sheet = SHEETS[gpu].sheet
    data = Runs(lutsim, gpu, runs)
    weights = robust.equal_weight_per_group([(r.laboratory, r.engine, r.model, r.gpus)
                                             for r in runs])
    fitted = robust.fit_named(lambda p: data.seconds(p, sheet), data.column("seconds"), parameters,
                              free, weights)
    return {key: value for key, value in fitted.items() if not key.startswith("tensorrt.")}


def measured_watts(data, parameters, sheet):
    """Watts at the measured time, shared out to the passes as the model shares it."""
    seconds = data.pass_seconds(parameters, sheet)
    stretch = data.column("seconds") / data.seconds(parameters, sheet)
    return data.watts(parameters, sheet, seconds * stretch[data.run])


# Laboratories disagree by 10 to 20 %: squares up to there stand in the middle of them, absolute
# values would take one side.
LABORATORIES_DIFFER = 0.2

POWER = {"power.base": (100.0, 50.0, 250.0), "power.per_byte": (1e-10, 0, 1e-9),
         "power.per_flop": (5e-13, 0, 1e-11)}


def fit_power(lutsim, gpu, parameters, runs):
    """Power from runs of several laboratories with equal weight."""
    sheet = SHEETS[gpu].sheet
    data = Runs(lutsim, gpu, runs)
    weights = robust.equal_weight_per_group([r.laboratory for r in runs])
    return robust.fit_named(lambda p: measured_watts(data, p, sheet),
                            data.column("watts"), parameters, POWER, weights,
                            LABORATORIES_DIFFER)


# All-reduces of a few megabytes do not reach more; left free, modern vLLM on four H100 asks for
# links without a cost at all, against everything that TensorRT-LLM and Argonne measured.
MOST_OF_LINK = 0.5

SERVING = {"serving.step": (1.5e-3, 0, 1e-2), "serving.group": (1e-3, 0, 1e-2),
           "serving.sequence": (5e-5, 0, 1e-3), "serving.logit": (3.9e-10, 0, 1e-8),
           "link.latency": (1e-5, 0, 1e-4), "link.efficiency": (0.3, 0.02, MOST_OF_LINK),
           "tensorrt.step": (5e-4, 0, 1e-2), "tensorrt.sequence": (1e-6, 0, 1e-3)}


def is_fit_request(run, _):
    return run.model == SMALL and run.length in FIT_LENGTHS


def is_fit_chat(run, number):
    return run.model in ("Qwen3-8B", "Qwen3-14B", "Gemma-3-12b", "Llama-3.1-70B") and \
        run.form == "fp16" and number % 2 == 0


EXPERTS = "Qwen3-235B-A22B"


def is_fit_experts(run, number):
    return run.model == EXPERTS and run.form == "fp16" and number % 2 == 0


def fit_h100(lutsim, data, shapes):
    gpu = Gpu("h100-sxm", {}, {}, {})
    sheet = SHEETS[gpu.name].sheet
    p = fit_gemms_h100(data, OWN, sheet, gpu.checks)
    p = fit_small_kernels(OWN, shapes, sheet, p, data, gpu.checks)

    requests, dropped = screen(lutsim, gpu.name, read_requests(data, "argonne_latency.csv", "H100"))
    chat, more = screen(lutsim, gpu.name, read_chat(data, "H100"))
    gpu.dropped = dropped + more
    vllm = Source("Argonne vLLM", [r for r in requests if r.engine == "vLLM"], is_fit_request)
    fastest = Source(LINKS_ONLY, [r for r in requests if r.engine != "vLLM"], is_fit_request)
    chat = Source("ML.ENERGY", chat,
                  lambda *point: is_fit_chat(*point) or is_fit_experts(*point))
    dense = [run for run in chat.fitted() if run.model != EXPERTS]
    experts = [run for run in chat.fitted() if run.model == EXPERTS]
    p = fit_steps(lutsim, gpu.name, p, vllm.fitted() + dense + fastest.fitted(), SERVING)
    p = fit_steps(lutsim, gpu.name, p, experts, {"gemm.grouped_efficiency": (0.8, 0.2, 1)})

    own = [r for r in measured_steps(OWN) if r.form == "fp16" or r.batch == 1]
    own = Source("measure_gpu", own, lambda run, _: run.model in (SMALL, "Llama-3.1-8B") and
                 run.form == "fp16")
    powered, more = screen(lutsim, gpu.name, read_requests(data, "argonne_power.csv", "H100"))
    powered = [r for r in powered if r.engine == "vLLM"]
    powered = Source("Argonne vLLM, with power", powered, lambda run, _: run.batch in (1, 32))
    p = fit_power(lutsim, gpu.name, p,
                  own.fitted() + dense + powered.fitted())
    p["unpacking"] = fit_unpacking(lutsim, gpu.name, p)
    gpu.parameters = p
    gpu.parts = {"kernels": True, "serving": True, "links": True, "power": True}
    vendor = Source("NVIDIA TensorRT-LLM", read_vendor(data, "H100"), lambda *_: False)
    return gpu, {"decode step time": [own, chat], "request time": [vllm, fastest, powered, vendor]}


# PyTorch's INT4 kernel, the only weight-only kernel whose power was measured.
INT4 = {"bits": 4.25, "efficiency": 0.6}


def fit_unpacking(lutsim, gpu, parameters):
    """Joules to turn one INT4 weight into a number, from Llama-3.1-8B at batch 1."""
    from gpu_model import Arithmetic  # pylint: disable=import-outside-toplevel
    runs = [r for r in measured_steps(OWN) if r.form == "int4" and r.batch == 1 and
            r.model == "Llama-3.1-8B"]
    data = Runs(lutsim, gpu, runs, Arithmetic(INT4["bits"] / 8, INT4["efficiency"], True))
    sheet = SHEETS[gpu].sheet
    return robust.fit_named(lambda p: measured_watts(data, p, sheet), data.column("watts"),
                            parameters, {"unpacking": (3e-11, 0, 1e-9)})["unpacking"]


def fit_a100(lutsim, data, h100):
    """A100: kernels on the 80 GB part, steps on the 40 GB part (the same chip), power on both."""
    gpu = Gpu("a100-80gb", {}, {}, {})
    sheet80 = SHEETS[gpu.name].sheet
    of_h100 = {key: h100.parameters[key] for key in
               ("gemm.grouped_efficiency", "attention.launch", "attention.compute_efficiency", "attention.stream_bandwidth",
                "serving.logit", "elementwise.launch", "elementwise.bandwidth_efficiency")}
    of_h100.update(moved_attention(h100.parameters, SHEETS["h100-sxm"].sheet, sheet80))
    p = {**of_h100, **fit_gemms_vidur(data, "a100", sheet80, gpu.checks)}

    part = "a100-40gb"
    requests, gpu.dropped = screen(lutsim, part, read_requests(data, "argonne_latency.csv", "A100"))
    vllm = Source("Argonne vLLM", [r for r in requests if r.engine == "vLLM"], is_fit_request)
    fastest = Source(LINKS_ONLY, [r for r in requests if r.engine != "vLLM"], is_fit_request)
    free = {key: value for key, value in SERVING.items() if key != "serving.logit"}
    p = fit_steps(lutsim, part, p, vllm.fitted() + fastest.fitted(),
                  {**free, "attention.bandwidth_efficiency": (0.8, 0.2, 1)})

    splitwise = []
    for run in read_splitwise(data):
        splitwise.append(replace(run, watts=run.watts * run.gpus * sheet80.tdp))
    splitwise = Source("Splitwise", splitwise, lambda _, number: number % 2 == 0)
    powered, more = screen(lutsim, part, read_requests(data, "argonne_power.csv", "A100"))
    gpu.dropped += more
    powered = Source("Argonne, with power", powered, lambda run, _: run.engine == "vLLM")
    p = fit_power_a100(lutsim, p, splitwise.fitted(), powered.fitted())
    for label, is_fitted, runs in splitwise.parts():
        relative = robust.errors(measured_watts(Runs(lutsim, gpu.name, runs), p, sheet80),
                                 [r.watts for r in runs])
        gpu.checks.append(Check("power at the measured time", label, is_fitted, relative))
    p["unpacking"] = moved_power(h100.parameters, SHEETS["h100-sxm"].sheet, sheet80)["unpacking"]
    gpu.parameters = p
    gpu.parts = {"kernels": True, "serving": True, "links": True, "power": True}
    vendor = Source("NVIDIA TensorRT-LLM", read_vendor(data, "A100"), lambda *_: False)
    return gpu, {"request time": [vllm, fastest, powered]}, {"request time": [vendor]}


def fit_power_a100(lutsim, parameters, splitwise, argonne):
    """Both A100s, each with its own memory; the two laboratories have the same weight."""
    sheets = SHEETS["a100-80gb"].sheet, SHEETS["a100-40gb"].sheet
    both = Runs(lutsim, "a100-80gb", splitwise), Runs(lutsim, "a100-40gb", argonne)
    watts = np.concatenate([data.column("watts") for data in both])
    weights = np.concatenate([np.full(len(d.runs), 1 / len(d.runs)) for d in both])
    return robust.fit_named(
        lambda p: np.concatenate([measured_watts(d, p, s) for d, s in zip(both, sheets)]), watts,
        parameters, POWER, weights, LABORATORIES_DIFFER)


def fit_b200(lutsim, data, h100):
    """B200: steps and power of ML.ENERGY. No kernel was measured on its own: kernels and links are
    the H100's."""
    gpu = Gpu("b200-sxm", {}, {}, {})
    sheet = SHEETS[gpu.name].sheet
    p = {**h100.parameters, **moved_power(h100.parameters, SHEETS["h100-sxm"].sheet, sheet),
         **moved_attention(h100.parameters, SHEETS["h100-sxm"].sheet, sheet)}
    runs, gpu.dropped = screen(lutsim, gpu.name, read_chat(data, "B200"))
    chat = Source("ML.ENERGY", runs, is_fit_chat)
    free = {key: SERVING[key] for key in ("serving.step", "serving.sequence", "serving.logit")}
    p = fit_steps(lutsim, gpu.name, p, chat.fitted(), free)
    p = fit_power(lutsim, gpu.name, p, chat.fitted())
    gpu.parameters = p
    gpu.parts = {"kernels": False, "serving": True, "links": False, "power": True}
    return gpu, {"decode step time": [chat]}


def write(gpus):
    for gpu in gpus:
        write_yaml(gpu, GPUS)


def set_intervals(gpus):
    """From what was not fitted, but for the experts that ML.ENERGY spreads over GPUs, which is not
    what is modelled. Steps and power were measured for few models and laboratories, so
    A100 and H100 share the wider interval."""
    for gpu in gpus:
        gpu.intervals = dict(UNFITTED)
        held = gpu.held("GEMM time")
        if held and gpu.parts["kernels"]:
            gpu.intervals["kernel_time"] = robust.interval(np.concatenate(held))
        if gpu.parts["serving"]:
            times = [c.relative for c in gpu.checks if not c.fitted and "TensorRT" not in c.points
                     and c.quantity in ("decode step time", "request time")
                     and "measure_gpu" not in c.points and "235B" not in c.points]
            if times:
                gpu.intervals["served_time"] = robust.interval(np.concatenate(times))
        if gpu.parts["power"]:
            watts = [c.relative for c in gpu.checks if not c.fitted and "235B" not in c.points
                     and c.quantity in ("power", "power at the measured time")]
            if watts:
                gpu.intervals["power"] = robust.interval(np.concatenate(watts))
    a100, h100 = gpus[0], gpus[1]
    for key in ("served_time", "power"):
        low = min(a100.intervals[key][0], h100.intervals[key][0])
        high = max(a100.intervals[key][1], h100.intervals[key][1])
        a100.intervals[key] = h100.intervals[key] = (low, high)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(os.environ.get("LUTSIM_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default)
    parser.add_argument("--lutsim", default=str(ROOT / "build" / "release" / "lutsim"))
    options = parser.parse_args()
    data = options.data / "gpu"
    if not data.is_dir():
        sys.exit(f"{data}: no such folder; give the folder of the measured data with --data")
    csv.field_size_limit(1 << 20)
    lutsim = Lutsim(options.lutsim)
    shapes = read_shapes(ROOT / "workloads" / "llm" / "models.csv")

    h100, h100_sources = fit_h100(lutsim, data, shapes)
    a100, a100_sources, a100_vendor = fit_a100(lutsim, data, h100)
    b200, b200_sources = fit_b200(lutsim, data, h100)
    fits = {"a100-80gb": a100.parameters, "h100-sxm": h100.parameters}
    a100_small = Gpu("a100-40gb", a100.parameters, {}, a100.parts, same_as="a100-80gb")
    rtx4090 = Gpu("rtx-4090", typical("rtx-4090", fits), {},
                  {"kernels": True, "serving": False, "links": False, "power": False})
    rtx4090.parameters.update(fit_rtx4090(data, shapes["Llama-3.1-8B"],
                                          SHEETS["rtx-4090"].sheet, rtx4090.checks))
    gpus = [a100, h100, b200, rtx4090, a100_small]
    known = {gpu.name for gpu in gpus}
    gpus += [Gpu(name, typical(name, fits), {}, dict.fromkeys(("kernels", "serving", "links",
                                                               "power"), False))
             for name in SHEETS if name not in known]
    for gpu in gpus:
        gpu.intervals = dict(UNFITTED)
    write(gpus)  # lutsim judges with these; the intervals follow

    l40s = next(gpu for gpu in gpus if gpu.name == "l40s")
    vendor = {"request time": [Source("NVIDIA TensorRT-LLM", read_vendor(data, "L40S"),
                                      lambda *_: False)]}
    for gpu, part, sources in ((h100, "h100-sxm", h100_sources), (a100, "a100-40gb", a100_sources),
                               (a100, "a100-80gb", a100_vendor), (b200, "b200-sxm", b200_sources),
                               (l40s, "l40s", vendor)):
        for quantity, some in sources.items():
            for source in some:
                judge(lutsim, part, source, gpu.checks, quantity)
    judge_own(lutsim, OWN, "h100-sxm", h100.checks)
    set_intervals(gpus)
    a100_small.intervals = a100.intervals
    write(gpus)
    compare_with_lutsim(lutsim, gpus, data)
    write_report(gpus, ROOT / "docs" / "gpu_baseline.md")


def compare_with_lutsim(lutsim, gpus, data):
    """The fit's form of the law against lutsim's, on whole requests and steps of every fitted GPU;
    four digits of the files are the difference that is allowed."""
    for gpu, part, name in ((gpus[0], "a100-40gb", "A100"), (gpus[1], "h100-sxm", "H100")):
        runs = read_requests(data, "argonne_latency.csv", name)[::7]
        sheet = SHEETS[part].sheet
        ours = Runs(lutsim, part, runs)
        theirs = answers(lutsim, part, runs)
        for mine, its in ((ours.seconds(gpu.parameters, sheet), theirs[:, 0]),
                          (ours.watts(gpu.parameters, sheet), theirs[:, 1])):
            worst = np.max(np.abs(mine / its - 1))
            if worst > 1e-3:
                sys.exit(f"{part}: gpu_model.py and lutsim differ by {100 * worst:.2f} %")


if __name__ == "__main__":
    main()
