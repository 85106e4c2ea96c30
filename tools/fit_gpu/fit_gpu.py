# SPDX-License-Identifier: Apache-2.0
"""Fits the GPU baseline to published measurements and judges it on points that the fit did not see.

    /usr/bin/python3 tools/fit_gpu/fit_gpu.py [--data FOLDER]

reads FOLDER/gpu and writes models/hardware/gpu/*.yaml and docs/gpu_baseline.md. Needs python3-numpy
and python3-scipy. FOLDER is $LUTSIM_DATA, or shared/data beside the source tree.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

import robust
from catalogue import SHEETS, typical_gpu
from gpu_model import (FP16_BYTES, Shape, gemm_time, kernels_time, power, request_steps,
                       step_kernels, totals)
from measured import (VIDUR_MODELS, read_elementwise, read_gemms, read_requests, read_rtx4090,
                      read_serving, read_shapes, read_splitwise)
from report import write_report, write_yaml
from results import Check, Gpu

ROOT = Path(__file__).resolve().parents[2]

# Positions of the prompt that ML.ENERGY's chat requests have on top of half their output. The file
# does not give it; the overhead per sequence absorbs an error (58 us at 100, 53 us at 200).
CHAT_PROMPT = 100

# Shape that models.csv lacks: zyzshishui/slime@aa3375040b9b scripts/models/qwen3-14B.sh.
QWEN3_14B = Shape(40, 5120, 40, 8, 128, 17408, 151936)

# Llama 3.3 70B has the shape of Llama 3.1 70B.
SPLIT_MODELS = {"meta-llama/Llama-3.3-70B-Instruct": "Llama-3.1-70B"}
SERVED_MODELS = {"Qwen/Qwen3-8B": "Qwen3-8B", "Qwen/Qwen3-14B": "Qwen3-14B"}

GEMM_START, GEMM_LOW, GEMM_HIGH = (5e-6, 0.8, 0.75, 5e5), (0.0, 0.2, 0.2, 0.0), (3e-5, 1, 1, 5e6)


def fit_gemm(data, gpu, sheet, checks):
    """GEMM parameters from Llama-2-7B; the other two models judge. Returns parameters, interval."""
    sets = {name: read_gemms(data, gpu, name) for name in VIDUR_MODELS}
    train = sets["Llama-2-7b"]
    parameters = robust.fit(lambda x: gemm_time(x, sheet, train.m, train.n, train.k), train.seconds,
                            GEMM_START, GEMM_LOW, GEMM_HIGH,
                            robust.equal_weight_per_octave(train.m))
    seen = []
    for name, points in sets.items():
        relative = robust.errors(gemm_time(parameters, sheet, points.m, points.n, points.k),
                                 points.seconds)
        fitted = name == "Llama-2-7b"
        checks.append(Check("GEMM kernel time", f"{name}, m = 1..4096", fitted, relative))
        decode = points.m <= 64
        checks.append(Check("GEMM kernel time, m up to 64", name, fitted, relative[decode]))
        if not fitted:
            seen.append(relative)
    return tuple(parameters), robust.interval(np.concatenate(seen))


def fit_elementwise(data, gpu, sheet, checks):
    sets = {name: read_elementwise(data, gpu, name) for name in VIDUR_MODELS}

    def predict(x, moved):
        return x[0] + moved / (x[1] * sheet.bandwidth)

    moved, seconds = sets["Llama-2-7b"]
    launch, bandwidth = robust.fit(lambda x: predict(x, moved), seconds, (3e-6, 0.6), (0, 0.05),
                                   (3e-5, 1))
    for name, (moved, seconds) in sets.items():
        relative = robust.errors(predict((launch, bandwidth), moved), seconds)
        fitted = name == "Llama-2-7b"
        checks.append(Check("norm, RoPE, activation, residual", name, fitted, relative))
    return launch, bandwidth, 1.0


def request_time(fitted, sheet, shapes, point, overhead):
    prefill, decode, steps = request_steps(shapes[point.model], point.batch, point.prompt,
                                           point.generated)
    return (kernels_time(fitted, sheet, prefill) + overhead[0] + overhead[1] * point.batch + steps *
            (kernels_time(fitted, sheet, decode) + overhead[0] + overhead[1] * point.batch))


def serving_kernels(shapes, point):
    return step_kernels(shapes[point.model], point.batch, 1, CHAT_PROMPT + point.output / 2)


def serving_time(fitted, sheet, shapes, point, overhead):
    return (kernels_time(fitted, sheet, serving_kernels(shapes, point)) + overhead[0] +
            overhead[1] * point.batch)


def fit_steps(fitted, sheet, shapes, requests, serving):
    """Attention efficiency, shared, and the overheads of vLLM and of TensorRT-LLM."""
    tensorrt = [p for p in requests if p.framework == "TensorRT-LLM"]
    vllm = [p for p in requests if p.framework == "vLLM"]
    seconds = np.array([p.seconds for p in vllm + serving + tensorrt])
    launch = fitted["gemm"][0]

    def predict(x):
        trial = {**fitted, "attention": (launch, x[0], fitted["gemm"][2])}
        return np.array([request_time(trial, sheet, shapes, p, x[1:3]) for p in vllm] +
                        [serving_time(trial, sheet, shapes, p, x[1:3]) for p in serving] +
                        [request_time(trial, sheet, shapes, p, x[3:5]) for p in tensorrt])

    x = robust.fit(predict, seconds, (0.8, 1e-3, 4e-5, 5e-4, 1e-6), (0.2, 0, 0, 0, 0),
                   (1, 1e-2, 1e-3, 1e-2, 1e-3))
    return (launch, x[0], fitted["gemm"][2]), tuple(x[1:3]), tuple(x[3:5])


def is_fit_length(point):
    return point.prompt in (128, 512, 2048)


def measured_request_rates(shapes, point):
    """Bytes and operations of a request."""
    prefill, decode, steps = request_steps(shapes[point.model], point.batch, point.prompt,
                                           point.generated)
    first, each = totals(prefill), totals(decode)
    return first[0] + steps * each[0], first[1] + steps * each[1]


def fit_power(sheet, laboratories):
    """Base, joules per byte and per operation. `laboratories` is a list of (rates, watts), rates
    being (bytes, flops, seconds); a laboratory's weight does not depend on its number of points."""
    rates = [rate for some_rates, _ in laboratories for rate in some_rates]
    watts = np.array([value for _, some_watts in laboratories for value in some_watts])
    weights = np.array([1 / len(some_watts) for _, some_watts in laboratories for _ in some_watts])
    moved, flops, seconds = (np.array(column) for column in zip(*rates))
    return tuple(
        robust.fit(lambda x: power(x, sheet, moved, flops, seconds), watts, (100.0, 1e-10, 5e-13),
                   (50.0, 0, 0), (250.0, 1e-9, 1e-11), weights))


def power_errors(parameters, sheet, rates, watts):
    moved, flops, seconds = (np.array(column) for column in zip(*rates))
    return robust.errors(power(parameters, sheet, moved, flops, seconds), np.array(watts))


def fit_a100(data, shapes):
    """A100: kernels on the 80 GB part, steps on the 40 GB part (the same chip), power on both."""
    checks = []
    sheet80, sheet40 = SHEETS["a100-80gb"].sheet, SHEETS["a100-40gb"].sheet
    fitted = {}
    fitted["gemm"], kernel_interval = fit_gemm(data, "a100", sheet80, checks)
    fitted["elementwise"] = fit_elementwise(data, "a100", sheet80, checks)

    requests = read_requests(data, "argonne_latency.csv", "A100", shapes, sheet40)
    fitted["attention"], served, tensorrt = fit_steps(
        fitted, sheet40, shapes, [p for p in requests if is_fit_length(p)], [])
    seen = []
    for framework, overhead in (("vLLM", served), ("TensorRT-LLM", tensorrt)):
        for is_fitted in (True, False):
            points = [p for p in requests
                      if p.framework == framework and is_fit_length(p) == is_fitted]
            relative = robust.errors(
                [request_time(fitted, sheet40, shapes, p, overhead) for p in points],
                [p.seconds for p in points])
            lengths = "128, 512, 2048" if is_fitted else "256, 1024"
            checks.append(
                Check("request time", f"Argonne {framework}, Llama-2-7B, {lengths} tokens",
                      is_fitted, relative))
            if framework == "vLLM":
                seen.append(relative)

    splitwise = [p for p in read_splitwise(data) if p.prompt <= 2048]
    rates, watts = [], []
    for point in splitwise:
        shape = shapes["Llama-2-70b-hf"].share(point.ways)
        prefill = totals(step_kernels(shape, point.batch, point.prompt, 0))
        decode = totals(step_kernels(shape, point.batch, 1, point.prompt + point.generated // 2))
        moved, flops = (prefill[i] + point.generated * decode[i] for i in (0, 1))
        rates.append((moved, flops, point.total))
        watts.append(point.share_of_tdp * sheet80.tdp)
    argonne = read_requests(data, "argonne_power.csv", "A100", shapes, sheet40)
    vllm = [p for p in argonne if p.framework == "vLLM"]
    others = [p for p in argonne if p.framework != "vLLM"]

    def request_rates(points):
        return [(*measured_request_rates(shapes, p), p.seconds) for p in points]

    even, odd = slice(0, None, 2), slice(1, None, 2)
    parameters = fit_power(sheet80, [(rates[even], watts[even]),
                                     (request_rates(vllm), [p.watts for p in vllm])])
    held = []
    for what, is_fitted, some_rates, some_watts in (
        ("Splitwise LLaMA-2-70B, even points", True, rates[even], watts[even]),
        ("Splitwise LLaMA-2-70B, odd points", False, rates[odd], watts[odd]),
        ("Argonne vLLM, Llama-2-7B", True, request_rates(vllm), [p.watts for p in vllm]),
        ("Argonne TensorRT-LLM and DeepSpeed, Llama-2-7B", False, request_rates(others),
         [p.watts for p in others]),
    ):
        relative = power_errors(parameters, sheet80, some_rates, some_watts)
        checks.append(Check("power", what, is_fitted, relative))
        if not is_fitted:
            held.append(relative)

    energy = []
    for point in others:
        if point.framework != "TensorRT-LLM":
            continue
        seconds = request_time(fitted, sheet40, shapes, point, tensorrt)
        moved, flops = measured_request_rates(shapes, point)
        energy.append(power(parameters, sheet40, moved, flops, seconds) * seconds /
                      (point.watts * point.seconds) - 1)
    checks.append(Check("energy per token", "Argonne TensorRT-LLM, Llama-2-7B", False,
                        np.array(energy)))
    return fitted, served, parameters, {
        "kernel_time": kernel_interval,
        "served_time": robust.interval(np.concatenate(seen)),
        "power": robust.interval(np.concatenate(held)),
    }, checks


def fit_h100(data, shapes):
    checks = []
    sheet = SHEETS["h100-sxm"].sheet
    fitted = {}
    fitted["gemm"], kernel_interval = fit_gemm(data, "h100", sheet, checks)
    fitted["elementwise"] = fit_elementwise(data, "h100", sheet, checks)

    requests = read_requests(data, "argonne_latency.csv", "H100", shapes, sheet)
    llama = [p for p in requests if p.model == "Llama-2-7b-hf"]
    serving = [p for p in read_serving(data, "H100", SERVED_MODELS) if p.gpus == 1]
    small = [p for p in serving if p.model == "Qwen3-8B"]
    even, odd = small[0::2], small[1::2]
    large = [p for p in serving if p.model == "Qwen3-14B"]
    fitted["attention"], served, tensorrt = fit_steps(
        fitted, sheet, shapes, [p for p in llama if is_fit_length(p)], even)

    held_time = []
    for framework, model, overhead in (("vLLM", "Llama-2-7b-hf", served),
                                       ("vLLM", "Qwen2.5-7B", served),
                                       ("TensorRT-LLM", "Llama-2-7b-hf", tensorrt),
                                       ("TensorRT-LLM", "Qwen2.5-7B", tensorrt)):
        for is_fitted in (True, False):
            in_fit = [p.model == "Llama-2-7b-hf" and is_fit_length(p) for p in requests]
            points = [p for p, seen in zip(requests, in_fit)
                      if p.framework == framework and p.model == model and seen == is_fitted]
            if not points:
                continue
            relative = robust.errors(
                [request_time(fitted, sheet, shapes, p, overhead) for p in points],
                [p.seconds for p in points])
            lengths = "128, 512, 2048" if is_fitted else (
                "256, 1024" if model == "Llama-2-7b-hf" else "128..2048")
            name = "Llama-2-7B" if model == "Llama-2-7b-hf" else "Qwen2-7B"
            checks.append(Check("request time", f"Argonne {framework}, {name}, {lengths} tokens",
                                is_fitted, relative))
            if framework == "vLLM" and not is_fitted:
                held_time.append(relative)

    def rates_of(points):
        return [(*totals(serving_kernels(shapes, p)), p.seconds) for p in points]

    argonne = [p for p in read_requests(data, "argonne_power.csv", "H100", shapes, sheet)
               if p.framework == "vLLM"]

    def argonne_rates(points):
        return [(*measured_request_rates(shapes, p), p.seconds) for p in points]

    fitted_requests = argonne[0::2]
    parameters = fit_power(sheet, [(rates_of(even), [p.watts for p in even]),
                                   (argonne_rates(fitted_requests),
                                    [p.watts for p in fitted_requests])])
    held_power = []
    for what, is_fitted, points in (("ML.ENERGY Qwen3-8B, every other batch", True, even),
                                    ("ML.ENERGY Qwen3-8B, the other batches", False, odd),
                                    ("ML.ENERGY Qwen3-14B", False, large)):
        seconds = [serving_time(fitted, sheet, shapes, p, served) for p in points]
        relative = robust.errors(seconds, [p.seconds for p in points])
        checks.append(Check("decode step time", what, is_fitted, relative))
        watts = power_errors(parameters, sheet, rates_of(points), [p.watts for p in points])
        checks.append(Check("power", what, is_fitted, watts))
        joules = []
        for point, time in zip(points, seconds):
            moved, flops = totals(serving_kernels(shapes, point))
            joules.append(
                power(parameters, sheet, moved, flops, time) * time / point.batch /
                point.joules_per_token - 1)
        checks.append(Check("energy per token", what, is_fitted, np.array(joules)))
        if not is_fitted:
            held_time.append(relative)
            held_power.append(watts)

    split = [p for p in read_serving(data, "H100", SPLIT_MODELS)]
    split_rates = []
    for point in split:
        shape = shapes[point.model].share(point.gpus)
        kernels = step_kernels(shape, point.batch, 1, CHAT_PROMPT + point.output / 2)
        split_rates.append((*totals(kernels), point.seconds))
    for what, is_fitted, some_rates, points in (
        ("Argonne vLLM, Llama-2-7B, batch 1 and 32", True, argonne_rates(argonne[0::2]),
         argonne[0::2]),
        ("Argonne vLLM, Llama-2-7B, batch 16", False, argonne_rates(argonne[1::2]), argonne[1::2]),
        ("ML.ENERGY Llama-3.3-70B on four GPUs, one of them", False, split_rates, split),
    ):
        relative = power_errors(parameters, sheet, some_rates, [p.watts for p in points])
        checks.append(Check("power", what, is_fitted, relative))
        if not is_fitted:
            held_power.append(relative)
    return fitted, served, parameters, {
        "kernel_time": kernel_interval,
        "served_time": robust.interval(np.concatenate(held_time)),
        "power": robust.interval(np.concatenate(held_power)),
    }, checks


def fit_rtx4090(data, shapes):
    """Kernels of one layer of Llama-3.1-8B. No step times and no power were published with them."""
    checks = []
    sheet = SHEETS["rtx-4090"].sheet
    shape = shapes["Llama-3.1-8B"]
    dense, heads, attention = read_rtx4090(data)
    widths = {
        "qkv_proj": (shape.q_dim + 2 * shape.kv_dim, shape.hidden),
        "o_proj": (shape.hidden, shape.q_dim),
        "gate_up_proj": (2 * shape.ffn, shape.hidden),
        "down_proj": (shape.hidden, shape.ffn),
    }
    gemms = {layer: [(m, *widths[layer], t) for name, m, t in dense if name == layer]
             for layer in widths}
    gemms["lm_head"] = [(m, shape.vocab, shape.hidden, t) for name, m, t in heads
                        if name == "lm_head"]
    fit_layers = ("qkv_proj", "gate_up_proj")
    train = np.array([p for layer in fit_layers for p in gemms[layer]], dtype=float).T
    parameters = robust.fit(lambda x: gemm_time(x, sheet, *train[:3]), train[3], GEMM_START,
                            GEMM_LOW, GEMM_HIGH, robust.equal_weight_per_octave(train[0]))
    seen = []
    for layer, points in gemms.items():
        columns = np.array(points, dtype=float).T
        relative = robust.errors(gemm_time(parameters, sheet, *columns[:3]), columns[3])
        checks.append(Check("GEMM kernel time", f"Llama-3.1-8B {layer}", layer in fit_layers,
                            relative))
        if layer not in fit_layers:
            seen.append(relative)

    elements = {
        "layernorm": 4 * shape.hidden,
        "final_layernorm": 4 * shape.hidden,
        "rotary_emb": 2 * (shape.q_dim + shape.kv_dim),
        "act_fn": 3 * shape.ffn,
    }
    fit_elements = ("layernorm", "act_fn")

    def element_time(x, moved):
        return x[0] + moved / (x[1] * sheet.bandwidth)

    columns = {layer: np.array([(FP16_BYTES * m * count, t) for name, m, t in dense
                                if name == layer]).T for layer, count in elements.items()}
    train = np.concatenate([columns[layer] for layer in fit_elements], axis=1)
    # The 72 MB L2 cache holds most of these operands: they move faster than the DRAM could.
    launch, bandwidth = robust.fit(lambda x: element_time(x, train[0]), train[1], (2e-6, 0.9),
                                   (0, 0.05), (3e-5, 4))
    for layer, (moved, seconds) in columns.items():
        checks.append(Check("norm, RoPE, activation", layer, layer in fit_elements,
                            robust.errors(element_time((launch, bandwidth), moved), seconds)))

    decode = [r for r in attention if r["prefill_chunk"] == 0 and r["n_decode"] > 0]
    moved = np.array([FP16_BYTES * r["n_decode"] * (2 * r["kv_decode"] * shape.kv_dim +
                                                    2 * shape.q_dim) for r in decode])
    seconds = np.array([r["time_us"] * 1e-6 for r in decode])
    even, odd = slice(0, None, 2), slice(1, None, 2)
    attention_fit = robust.fit(lambda x: element_time(x, moved[even]), seconds[even], (8e-6, 0.8),
                               (0, 0.05), (3e-5, 1))
    for what, is_fitted, part in (("every other point", True, even), ("the others", False, odd)):
        checks.append(Check("attention of a decode step", what, is_fitted,
                            robust.errors(element_time(attention_fit, moved[part]), seconds[part])))
    fitted = {
        "gemm": tuple(parameters),
        "attention": (*attention_fit, parameters[2]),
        "elementwise": (launch, bandwidth, 1.0),
    }
    return fitted, robust.interval(np.concatenate(seen)), checks


def widen(a, b):
    """Makes the intervals of steps and power those that hold for both GPUs: each was judged on few
    models and laboratories."""
    for quantity in ("served_time", "power"):
        a[quantity] = b[quantity] = (min(a[quantity][0], b[quantity][0]),
                                     max(a[quantity][1], b[quantity][1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(os.environ.get("LUTSIM_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default)
    data = parser.parse_args().data / "gpu"
    if not data.is_dir():
        sys.exit(f"{data}: no such folder; give the folder of the measured data with --data")
    shapes = read_shapes(ROOT / "workloads" / "llm" / "models.csv")
    shapes["Qwen3-14B"] = QWEN3_14B

    a100 = fit_a100(data, shapes)
    h100 = fit_h100(data, shapes)
    widen(a100[3], h100[3])
    rtx4090 = fit_rtx4090(data, shapes)
    gpus = [
        Gpu("a100-80gb", *a100),
        Gpu("a100-40gb", *a100[:4], [], same_as="a100-80gb"),
        Gpu("h100-sxm", *h100),
        typical_gpu("rtx-4090", a100, h100, kernels=rtx4090),
    ]
    gpus += [typical_gpu(name, a100, h100) for name in SHEETS
             if name not in ("a100-80gb", "a100-40gb", "h100-sxm", "rtx-4090")]
    for gpu in gpus:
        write_yaml(gpu, ROOT / "models" / "hardware" / "gpu")
    write_report(gpus, ROOT / "docs" / "gpu_baseline.md")


if __name__ == "__main__":
    main()
