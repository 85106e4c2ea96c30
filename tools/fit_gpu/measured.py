# SPDX-License-Identifier: Apache-2.0
"""Readers of the measured GPU data; its README names source, licence, units and traps."""

import csv
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from gpu_model import FP16_BYTES, Shape

# Part of the memory that vLLM uses by default (gpu_memory_utilization).
USABLE_MEMORY = 0.9

VIDUR_MODELS = {
    "Llama-2-7b": "meta-llama__Llama-2-7b-hf",
    "CodeLlama-34b": "codellama__CodeLlama-34b-Instruct-hf",
    "phi-2": "microsoft__phi-2",
}


@dataclass(frozen=True)
class GemmPoints:
    """Columns of equal length; seconds is the median of the measurement."""

    m: np.ndarray
    n: np.ndarray
    k: np.ndarray
    seconds: np.ndarray


@dataclass(frozen=True)
class RequestPoint:
    """One batch of requests of equal lengths on one GPU."""

    framework: str
    model: str
    batch: int
    prompt: int
    generated: int
    seconds: float
    watts: float


@dataclass(frozen=True)
class ServingPoint:
    """A steady serving measurement: seconds of a decode step, watts and joules per token."""

    model: str
    gpus: int
    batch: float
    output: float
    seconds: float
    watts: float
    joules_per_token: float


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def read_shapes(path):
    """Shapes by name out of models.csv."""
    shapes = {}
    for row in rows_of(path):
        shapes[row["model"]] = Shape(
            *(int(row[key]) for key in ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn",
                                        "vocab_rows")), row["ffn_kind"] == "gated")
    return shapes


def vidur_rows(data, gpu, model):
    return rows_of(data / "vidur_gemm" / f"{gpu}__{VIDUR_MODELS[model]}__mlp_median_ms.csv")


def read_gemms(data, gpu, model):
    """The four GEMMs of a layer, tensor parallel 1 to 8."""
    points = []
    for row in vidur_rows(data, gpu, model):
        ways = int(row["num_tensor_parallel_workers"])
        hidden, ffn = int(row["n_embd"]), int(row["n_expanded_embd"])
        heads, kv_heads = int(row["n_head"]), int(row["n_kv_head"])
        up = 2 if row["use_gated_mlp"] == "True" else 1
        qkv = (heads + 2 * kv_heads) * (hidden // heads)
        widths = {
            "attn_pre_proj": (qkv // ways, hidden),
            "attn_post_proj": (hidden, hidden // ways),
            "mlp_up_proj": (up * ffn // ways, hidden),
            "mlp_down_proj": (hidden, ffn // ways),
        }
        for operator, (n, k) in widths.items():
            milliseconds = float(row[f"time_stats.{operator}.median"])
            if milliseconds > 0:
                points.append((int(row["num_tokens"]), n, k, milliseconds * 1e-3))
    return GemmPoints(*(np.array(column, dtype=float) for column in zip(*points)))


def read_elementwise(data, gpu, model):
    """(bytes, seconds) of norms, RoPE, activation and residual, unsplit rows only."""
    points = []
    for row in vidur_rows(data, gpu, model):
        if row["num_tensor_parallel_workers"] != "1":
            continue
        tokens, hidden, ffn = (int(row[key]) for key in ("num_tokens", "n_embd", "n_expanded_embd"))
        heads, kv_heads = int(row["n_head"]), int(row["n_kv_head"])
        rotated = (heads + kv_heads) * (hidden // heads)
        act = 3 if row["use_gated_mlp"] == "True" else 2
        elements = {
            "input_layernorm": 2 * hidden,
            "attn_rope": 2 * rotated,
            "mlp_act": act * ffn,
            "add": 3 * hidden,
        }
        for operator, count in elements.items():
            milliseconds = float(row[f"time_stats.{operator}.median"])
            if milliseconds > 0:
                points.append((FP16_BYTES * tokens * count, milliseconds * 1e-3))
    return tuple(np.array(column) for column in zip(*points))


ARGONNE_MODELS = {"meta-llama/Llama-2-7b-hf": "Llama-2-7b-hf", "Qwen/Qwen2-7B": "Qwen2.5-7B"}


def read_requests(data, name, gpu, shapes, sheet):
    """Whole requests on one GPU, `name` argonne_latency.csv or argonne_power.csv.

    Left out are points that physics refuses (weights read faster than the memory's bandwidth) and
    points whose KV cache does not fit, because the server then works through the batch in parts.
    """
    points = []
    for row in rows_of(data / name):
        if row["Hardware"] != f"Nvidia {gpu} GPU" or row["Num of Hardware"] != "1":
            continue
        model = ARGONNE_MODELS[row["Model"]]
        shape = shapes[model]
        batch, length = int(row["Batch Size"]), int(row["Input Output Length"])
        seconds = float(row["Latency"])
        stored = shape.weight_bytes() + batch * 2 * length * shape.kv_bytes()
        if stored > USABLE_MEMORY * sheet.capacity:
            continue
        if shape.weight_bytes() * length / seconds > sheet.bandwidth:
            continue
        watts = float(row["avg_power"]) * 1e-3 if "avg_power" in row else 0.0
        points.append(RequestPoint(row["Framework"], model, batch, length, length, seconds, watts))
    return points


def read_serving(data, gpu, names):
    """Steady serving (ML.ENERGY, vLLM, BF16); `names` maps model_id to a name of models.csv."""
    points = []
    for row in rows_of(data / "mlenergy_2026_chat.csv"):
        if row["gpu_model"] != gpu or row["model_id"] not in names:
            continue
        if row["weight_precision"] != "bfloat16":
            continue
        gpus = int(row["num_gpus"])
        points.append(
            ServingPoint(names[row["model_id"]], gpus, float(row["avg_batch_size"]),
                         float(row["avg_output_len"]), float(row["median_itl_ms"]) * 1e-3,
                         float(row["avg_power_watts"]) / gpus,
                         float(row["energy_per_token_joules"])))
    return points


@dataclass(frozen=True)
class SplitwisePoint:
    """A request on `ways` tensor-parallel GPUs; watts of one GPU as a share of its TDP."""

    ways: int
    batch: int
    prompt: int
    generated: int
    prefill: float
    token: float
    total: float
    share_of_tdp: float


def read_splitwise(data):
    """LLaMA-2-70B on A100-80GB where power was measured, the mean of the repeats of a point."""
    groups = defaultdict(list)
    for row in rows_of(data / "splitwise" / "perf_model.csv"):
        if row["model"] == "llama2-70b" and float(row["average_power"]) > 0:
            key = tuple(int(row[c])
                        for c in ("tensor_parallel", "batch_size", "prompt_size", "token_size"))
            groups[key].append([
                float(row["prompt_time"]) * 1e-3,
                float(row["token_time"]) * 1e-3,
                float(row["e2e_time"]) * 1e-3,
                float(row["average_power"])
            ])
    points = []
    for (ways, batch, prompt, generated), values in sorted(groups.items()):
        prefill, token, total, share = np.mean(values, axis=0)
        points.append(SplitwisePoint(ways, batch, prompt, generated, prefill, token, total, share))
    return points


def read_rtx4090(data):
    """Per-layer kernels of Llama-3.1-8B: (layer, tokens, seconds), and attention rows as dicts."""
    folder = data / "vllm_layers"
    stem = "prof_RTX4090_Llama-3.1-8B_tp1"
    dense = [(r["layer"], int(r["tokens"]), float(r["time_us"]) * 1e-6)
             for r in rows_of(folder / f"{stem}_dense.csv")]
    heads = [(r["layer"], int(r["sequences"]), float(r["time_us"]) * 1e-6)
             for r in rows_of(folder / f"{stem}_per_sequence.csv")]
    attention = [{key: float(value) for key, value in row.items()}
                 for row in rows_of(folder / f"{stem}_attention.csv")]
    return dense, heads, attention
