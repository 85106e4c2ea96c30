# SPDX-License-Identifier: Apache-2.0
"""Readers of the measured GPU data; its README names source, licence, units and traps of each file.

A run is a list of forward passes with what was measured for all of them together.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

VIDUR_MODELS = {
    "Llama-2-7b": "meta-llama__Llama-2-7b-hf",
    "CodeLlama-34b": "codellama__CodeLlama-34b-Instruct-hf",
    "phi-2": "microsoft__phi-2",
}

# Names of models.csv. Llama 3.3 70B has the shape of Llama 3.1 70B, Qwen2-7B that of Qwen2.5-7B.
ARGONNE_MODELS = {
    "meta-llama/Llama-2-7b-hf": "Llama-2-7b-hf",
    "meta-llama/Llama-2-70b-hf": "Llama-2-70b-hf",
    "Qwen/Qwen2-7B": "Qwen2.5-7B",
}
CHAT_MODELS = {
    "Qwen/Qwen3-8B": "Qwen3-8B",
    "Qwen/Qwen3-14B": "Qwen3-14B",
    "google/gemma-3-12b-it": "Gemma-3-12b",
    "google/gemma-3-27b-it": "Gemma-3-27b",
    "meta-llama/Llama-3.3-70B-Instruct": "Llama-3.1-70B",
    "Qwen/Qwen3-235B-A22B-Instruct-2507": "Qwen3-235B-A22B",
    "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8": "Qwen3-235B-A22B",
}
CHAT_FORMATS = {"bfloat16": "fp16", "fp8": "fp8"}

# Positions of the prompt that ML.ENERGY's chat requests have on top of half their output. The file
# does not give it; the overhead per sequence absorbs an error.
CHAT_PROMPT = 100


@dataclass(frozen=True)
class Run:
    """`passes` are (phase, context, times); seconds, watts (of all GPUs) and joules a token are NaN
    where nobody measured them."""

    laboratory: str
    engine: str
    model: str
    gpus: int
    form: str
    batch: int
    passes: tuple
    seconds: float
    watts: float = np.nan
    joules_per_token: float = np.nan
    length: int = 0

    @property
    def longest(self):
        """Positions of a sequence at its end."""
        phase, context, times = self.passes[-1]
        return context + (times // 2 if phase == "decode" else 1)

    def name(self):
        return (f"{self.laboratory} {self.engine}, {self.model}, {self.gpus} GPU, batch "
                f"{self.batch}" + (f", {self.length} tokens" if self.length else ""))


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))


def request(prompt, generated):
    """Passes of a request: the prefill gives the first token, the rest decode at mean context."""
    return (("prefill", prompt, 1), ("decode", prompt + generated // 2 + 1, generated - 1))


@dataclass(frozen=True)
class GemmPoints:
    """Columns of equal length; seconds is the median of the measurement."""

    m: np.ndarray
    n: np.ndarray
    k: np.ndarray
    seconds: np.ndarray


def gemm_points(rows):
    return GemmPoints(*(np.array(column, dtype=float) for column in zip(*rows)))


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
    return gemm_points(points)


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
                points.append((2.0 * tokens * count, milliseconds * 1e-3))
    return tuple(np.array(column) for column in zip(*points))


def read_requests(data, name, gpu):
    """Whole requests of vLLM and TensorRT-LLM, `name` argonne_latency.csv or argonne_power.csv."""
    runs = []
    for row in rows_of(data / name):
        if row["Hardware"] != f"Nvidia {gpu} GPU":
            continue
        if row["Framework"] not in ("vLLM", "TensorRT-LLM"):
            continue
        length = int(row["Input Output Length"])
        gpus = int(row["Num of Hardware"])
        watts = gpus * float(row["avg_power"]) * 1e-3 if "avg_power" in row else np.nan
        runs.append(Run("Argonne", row["Framework"], ARGONNE_MODELS[row["Model"]], gpus, "fp16",
                        int(row["Batch Size"]), request(length, length), float(row["Latency"]),
                        watts, length=length))
    return runs


def read_chat(data, gpu):
    """Steady serving (ML.ENERGY, vLLM 0.11): seconds of a decode step, watts, joules per token."""
    runs = []
    for row in rows_of(data / "mlenergy_2026_chat.csv"):
        if row["gpu_model"] != gpu or row["model_id"] not in CHAT_MODELS:
            continue
        context = round(CHAT_PROMPT + float(row["avg_output_len"]) / 2) + 1
        runs.append(Run("ML.ENERGY", "vLLM", CHAT_MODELS[row["model_id"]], int(row["num_gpus"]),
                        CHAT_FORMATS[row["weight_precision"]],
                        max(1, round(float(row["avg_batch_size"]))), (("decode", context, 1),),
                        float(row["median_itl_ms"]) * 1e-3, float(row["avg_power_watts"]),
                        float(row["energy_per_token_joules"])))
    return runs


def read_splitwise(data):
    """LLaMA-2-70B on A100-80GB where power was measured, the mean of the repeats of a point. Watts
    of all GPUs come as a share of their TDP."""
    groups = defaultdict(list)
    for row in rows_of(data / "splitwise" / "perf_model.csv"):
        if row["model"] == "llama2-70b" and float(row["average_power"]) > 0:
            key = tuple(int(row[c])
                        for c in ("tensor_parallel", "batch_size", "prompt_size", "token_size"))
            groups[key].append((float(row["e2e_time"]) * 1e-3, float(row["average_power"])))
    runs = []
    for (gpus, batch, prompt, generated), values in sorted(groups.items()):
        seconds, share = np.mean(values, axis=0)
        if prompt <= 2048:
            runs.append(Run("Splitwise", "vLLM", "Llama-2-70b-hf", gpus, "fp16", batch,
                            request(prompt, generated), seconds, share))
    return runs


def read_vendor(data, gpu):
    """TensorRT-LLM as its vendor measured it: throughput of whole requests."""
    names = {"LLaMA 7B": "Llama-2-7b-hf", "LLaMA 70B": "Llama-2-70b-hf"}
    runs = []
    for row in rows_of(data / "tensorrt_llm" / "trtllm_v0.6.1_performance.csv"):
        if row["gpu"] != gpu or row["model"] not in names:
            continue
        batch, gpus, prompt, generated = (int(row[key]) for key in ("batch", "tp", "isl", "osl"))
        rate = gpus * float(row["out_tok_s_per_gpu"])
        runs.append(Run("NVIDIA", "TensorRT-LLM", names[row["model"]], gpus,
                        row["precision"].lower(), batch, request(prompt, generated),
                        batch * generated / rate))
    return runs


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


# ---- tables of tools/measure_gpu ------------------------------------------------------------------


def measured_gemms(folder, form, is_wanted):
    rows = [r for r in rows_of(Path(folder) / "gemm.csv")
            if r["format"] == form and is_wanted(r["model"]) and not r["flags"]]
    return gemm_points([(r["m"], r["n"], r["k"], float(r["median_us"]) * 1e-6) for r in rows])


def measured_attention(folder, shapes, is_wanted, phase):
    """(columns of a kernel, seconds) of the fastest backend of each point."""
    best = {}
    for r in rows_of(Path(folder) / "attention.csv"):
        if is_wanted(r["model"]) and r["phase"] == phase:
            key = r["model"], int(r["batch"]), int(r["context"])
            best[key] = min(best.get(key, np.inf), float(r["median_us"]) * 1e-6)
    kernels = []
    for model, batch, context in best:
        s = shapes[model]
        rows = batch * (1 if phase == "decode" else context)
        pairs = batch * (context if phase == "decode" else context * (context + 1) / 2)
        kernels.append({"kv_bytes": 4.0 * batch * context * s.kv_dim,
                        "streams": rows * s.kv_heads, "activation_bytes": 4.0 * rows * s.q_dim,
                        "flops": 4.0 * pairs * s.q_dim})
    return kernels, np.array(list(best.values()))


def measured_elementwise(folder, shapes, is_wanted):
    """(columns of a kernel, seconds); the rotation is fused with the cache write there, the model
    has two kernels."""
    kernels, seconds = [], []
    for r in rows_of(Path(folder) / "elementwise.csv"):
        if not is_wanted(r["model"]) or r["operator"] == "rotate_append":
            continue
        s = shapes[r["model"]]
        width = {"add_norm": 4 * s.hidden, "silu_product": 3 * s.ffn}[r["operator"]]
        kernels.append({"activation_bytes": 2.0 * int(r["rows"]) * width})
        seconds.append(float(r["median_us"]) * 1e-6)
    return kernels, np.array(seconds)


def measured_steps(folder):
    """Decode steps at full depth, as runs of the kernel line."""
    runs = []
    for r in rows_of(Path(folder) / "decode.csv"):
        if r["layers"] != r["layers_measured"]:
            continue
        batch = int(r["batch"])
        runs.append(Run("measure_gpu", "CUDA graph", r["model"], 1, r["format"], batch,
                        (("decode", int(r["context"]), 1),), float(r["median_ms"]) * 1e-3,
                        float(r["watts"]), float(r["joules_per_token"])))
    return runs
