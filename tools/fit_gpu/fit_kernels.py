# SPDX-License-Identifier: Apache-2.0
"""Fits of single kernels: GEMMs, attention, small kernels."""

import numpy as np

import robust
from gpu_model import gemm_kernels, kernel_seconds, plain_kernels
from measured import (VIDUR_MODELS, measured_attention, measured_elementwise, measured_gemms,
                      read_elementwise, read_gemms, read_rtx4090)
from results import Check

FIT_MODELS = ("Llama-2-7b-hf", "Llama-3.1-8B")
GEMM = {"gemm.launch": (5e-6, 0, 3e-5), "gemm.bandwidth_efficiency": (0.85, 0.2, 1),
        "gemm.compute_efficiency": (0.8, 0.2, 1), "gemm.tile_overhead": (2e3, 0, 5e4)}
ATTENTION = {"attention.launch": (8e-6, 0, 3e-5), "attention.bandwidth_efficiency": (0.9, 0.2, 1),
             "attention.stream_bandwidth": (2e11, 1e10, 1e13),
             "attention.compute_efficiency": (0.5, 0.1, 1)}
ELEMENTWISE = {"elementwise.launch": (2e-6, 0, 3e-5),
               "elementwise.bandwidth_efficiency": (0.8, 0.05, 4)}

BANDS = ((1, 64), (65, 127), (128, 512), (513, 4096))


def fit_gemms(sheet, sets):
    """GEMM parameters; every set and in it every octave of m has the same weight."""
    kernels = gemm_kernels(*(np.concatenate([getattr(s, key) for s in sets])
                             for key in ("m", "n", "k")))
    weights = np.concatenate([w / w.sum() for w in
                              (robust.equal_weight_per_octave(s.m) for s in sets)])
    return robust.fit_named(lambda p: kernel_seconds(p, sheet, kernels),
                            np.concatenate([s.seconds for s in sets]), {}, GEMM, weights)


def judge_gemms(p, sheet, points, label, fitted, checks):
    relative = robust.errors(
        kernel_seconds(p, sheet, gemm_kernels(points.m, points.n, points.k)), points.seconds)
    checks.append(Check("GEMM time", label, fitted, relative))
    for low, high in BANDS:
        inside = (points.m >= low) & (points.m <= high)
        if inside.any():
            checks.append(Check(f"GEMM time, m = {low}..{high}", label, fitted, relative[inside]))


def fit_gemms_vidur(data, gpu, sheet, checks, extra=()):
    sets = {name: read_gemms(data, gpu, name) for name in VIDUR_MODELS}
    p = fit_gemms(sheet, [sets["Llama-2-7b"], *extra])
    for name, points in sets.items():
        judge_gemms(p, sheet, points, f"Vidur {name}, split 1 to 8 ways", name == "Llama-2-7b",
                    checks)
    return p


def fit_gemms_h100(data, folder, sheet, checks):
    own = {fitted: measured_gemms(folder, "fp16", lambda m, f=fitted: (m == "Llama-2-7b-hf") == f)
           for fitted in (True, False)}
    p = fit_gemms_vidur(data, "h100", sheet, checks, [own[True]])
    judge_gemms(p, sheet, own[True], "measure_gpu Llama-2-7b", True, checks)
    judge_gemms(p, sheet, own[False], "measure_gpu, five other models", False, checks)
    return p


def fit_small_kernels(folder, shapes, sheet, p, data, checks):
    """Attention and small kernels of the H100 from two models; the others judge."""
    parts = [("Llama-2-7b, Llama-3.1-8B", True, lambda m: m in FIT_MODELS),
             ("three other models", False, lambda m: m not in FIT_MODELS)]
    sets = {}
    for label, fitted, is_wanted in parts:
        for phase in ("decode", "prefill"):
            rows, seconds = measured_attention(folder, shapes, is_wanted, phase)
            sets[fitted, phase] = plain_kernels("attention", rows), seconds
        rows, seconds = measured_elementwise(folder, shapes, is_wanted)
        sets[fitted, "small"] = plain_kernels("elementwise", rows), seconds
    decode, prefill = sets[True, "decode"], sets[True, "prefill"]
    p = robust.fit_named(
        lambda q: np.concatenate([kernel_seconds(q, sheet, decode[0]),
                                  kernel_seconds(q, sheet, prefill[0])]),
        np.concatenate([decode[1], prefill[1]]), p, ATTENTION)
    small = sets[True, "small"]
    p = robust.fit_named(lambda q: kernel_seconds(q, sheet, small[0]), small[1], p, ELEMENTWISE)
    names = {"decode": "attention of a decode step", "prefill": "attention of a prompt",
             "small": "norm, activation"}
    for label, fitted, _ in parts:
        for key, quantity in names.items():
            kernels, seconds = sets[fitted, key]
            checks.append(Check(quantity, f"measure_gpu {label}", fitted,
                                robust.errors(kernel_seconds(p, sheet, kernels), seconds)))
    for name in VIDUR_MODELS:
        moved, seconds = read_elementwise(data, "h100", name)
        kernels = plain_kernels("elementwise", [{"activation_bytes": b} for b in moved])
        checks.append(Check("norm, RoPE, activation, residual", f"Vidur {name}", False,
                            robust.errors(kernel_seconds(p, sheet, kernels), seconds)))
    return p


def judge_own(lutsim, folder, gpu, checks):
    """GEMMs of the other formats, by lutsim."""
    for form, low, high in (("fp8", 1, 64), ("fp8", 128, 512), ("fp8", 1024, 4096),
                            ("int8", 32, 64), ("int8", 128, 4096), ("int4", 1, 2)):
        points = measured_gemms(folder, form, lambda _: True)
        inside = (points.m >= low) & (points.m <= high)
        asked = [{"gpu": gpu, "gemm": f"{m:.0f},{n:.0f},{k:.0f}", "format": form, "line": "kernel"}
                 for m, n, k in zip(points.m[inside], points.n[inside], points.k[inside])]
        seconds = [result["time_s"] for result in lutsim.ask(asked)]
        checks.append(Check(f"{form.upper()} GEMM time, m = {low}..{high}", "measure_gpu", False,
                            robust.errors(seconds, points.seconds[inside])))


def fit_rtx4090(data, shape, sheet, checks):
    """Kernels of one layer of Llama-3.1-8B. No step times and no power were published with them."""
    dense, heads, attention = read_rtx4090(data)
    widths = {
        "qkv_proj": (shape.q_dim + 2 * shape.kv_dim, shape.hidden),
        "o_proj": (shape.hidden, shape.q_dim),
        "gate_up_proj": (2 * shape.ffn, shape.hidden),
        "down_proj": (shape.hidden, shape.ffn),
    }
    from measured import gemm_points  # pylint: disable=import-outside-toplevel
    gemms = {layer: gemm_points([(m, *widths[layer], t) for name, m, t in dense if name == layer])
             for layer in widths}
    gemms["lm_head"] = gemm_points([(m, 128256, shape.hidden, t) for name, m, t in heads
                                    if name == "lm_head"])
    fit_layers = ("qkv_proj", "gate_up_proj")
    p = fit_gemms(sheet, [gemms[layer] for layer in fit_layers])
    for layer, points in gemms.items():
        judge_gemms(p, sheet, points, f"vLLM Llama-3.1-8B {layer}", layer in fit_layers, checks)

    elements = {
        "layernorm": 4 * shape.hidden,
        "final_layernorm": 4 * shape.hidden,
        "rotary_emb": 2 * (shape.q_dim + shape.kv_dim),
        "act_fn": 3 * shape.ffn,
    }
    small = {}
    for layer, count in elements.items():
        rows = [({"activation_bytes": 2.0 * m * count}, t) for name, m, t in dense if name == layer]
        small[layer] = (plain_kernels("elementwise", [row for row, _ in rows]),
                        np.array([t for _, t in rows]))
    # The 72 MB L2 cache holds most of these operands: they move faster than the DRAM could.
    fit_elements = ("layernorm", "act_fn")
    p = robust.fit_named(
        lambda q: np.concatenate([kernel_seconds(q, sheet, small[x][0]) for x in fit_elements]),
        np.concatenate([small[x][1] for x in fit_elements]), p, ELEMENTWISE)
    for layer, (kernels, seconds) in small.items():
        checks.append(Check("norm, RoPE, activation", f"vLLM {layer}", layer in fit_elements,
                            robust.errors(kernel_seconds(p, sheet, kernels), seconds)))

    sets = {"attention of a decode step": [], "attention of a prompt": []}
    for row in attention:
        if row["prefill_chunk"] == 0 and row["n_decode"] > 0:
            n, context = row["n_decode"], row["kv_decode"]
            sets["attention of a decode step"].append(
                ({"kv_bytes": 4 * n * context * shape.kv_dim, "streams": n * shape.kv_heads,
                  "activation_bytes": 4 * n * shape.q_dim, "flops": 4 * n * context * shape.q_dim},
                 row["time_us"] * 1e-6))
        elif row["n_decode"] == 0 and row["prefill_chunk"] > 0:
            n, cached = row["prefill_chunk"], row["kv_prefill"]
            pairs = n * cached + n * (n + 1) / 2
            sets["attention of a prompt"].append(
                ({"kv_bytes": 4 * (cached + n) * shape.kv_dim, "streams": n * shape.kv_heads,
                  "activation_bytes": 4 * n * shape.q_dim, "flops": 4 * pairs * shape.q_dim},
                 row["time_us"] * 1e-6))
    train = [row for rows in sets.values() for row in rows[::2]]
    kernels = plain_kernels("attention", [row for row, _ in train])
    p = robust.fit_named(lambda q: kernel_seconds(q, sheet, kernels), np.array([t for _, t in train]),
                         p, ATTENTION)
    for quantity, rows in sets.items():
        for label, fitted, part in (("every other point", True, rows[::2]),
                                    ("the others", False, rows[1::2])):
            kernels = plain_kernels("attention", [row for row, _ in part])
            checks.append(Check(quantity, f"vLLM, {label}", fitted, robust.errors(
                kernel_seconds(p, sheet, kernels), np.array([t for _, t in part]))))
    return p
