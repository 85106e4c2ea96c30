# SPDX-License-Identifier: Apache-2.0
"""Quick checks that every measured kernel computes what it should, before its time means anything.

Errors are |out - reference| / |reference| over a whole tensor, against FP32.
"""

from dataclasses import replace

import torch

import plain
from decoder import Decoder, Kernels
from shapes import Shape

TINY = Shape("tiny", 2, 1024, 8, 2, 128, 2816, 2048)
BATCH, CONTEXT = 3, 160

# 8 bits of mantissa and one rounding of the result give below 1e-2, FP16 below 2e-3. FP8 and INT8
# products are compared with the product of the values as stored; the FP8 units add with few bits.
# Two layers in FP16 add up.
LIMIT = {"fp16": 2e-3, "bf16": 1e-2, "fp8": 2e-2, "int8": 1e-6, "int4": 1e-2, "decoder": 1e-2}


def distance(out, reference):
    """Relative error; infinite when anything is not a number."""
    out, reference = out.double(), reference.double()
    value = ((out - reference).norm() / reference.norm()).item()
    return value if value == value else float("inf")


def inputs(dtype, device):
    s = TINY
    normal = lambda *size: torch.randn(size, device=device).to(dtype)
    return {
        "delta": normal(BATCH, s.hidden), "residual": normal(BATCH, s.hidden),
        "weight": normal(s.hidden), "gate_up": normal(BATCH, 2 * s.ffn),
        "qkv": normal(BATCH, s.q_dim + 2 * s.kv_dim),
        "key": normal(BATCH, CONTEXT, s.kv_heads, s.head_dim),
        "value": normal(BATCH, CONTEXT, s.kv_heads, s.head_dim),
    }


def check_small(small, dtype, device):
    """Error of the fused kernels against plain.py on the same inputs."""
    t = inputs(dtype, device)
    turns = torch.rand(TINY.head_dim // 2, device=device)
    results = []
    for kernels in (small, plain):
        residual, key, value = t["residual"].clone(), t["key"].clone(), t["value"].clone()
        first = kernels.add_norm(None, residual, t["weight"], 1e-5)
        second = kernels.add_norm(t["delta"], residual, t["weight"], 1e-5)
        product = kernels.silu_product(t["gate_up"])
        query = kernels.rotate_append(t["qkv"], turns.cos(), turns.sin(), key, value, 7,
                                      TINY.heads)
        results.append((first, second, residual, product, query, key, value))
    return max(distance(a, b) for a, b in zip(*results))


def check_attend(attend, dtype, device):
    t = inputs(dtype, device)
    query = t["qkv"][:, :TINY.q_dim].reshape(BATCH, TINY.heads, TINY.head_dim)
    return distance(attend(query, t["key"], t["value"]), plain.attend(query, t["key"], t["value"]))


def check_decoder(kernels, dtype, device, run):
    """Error of the logits of two steps against the same decoder in FP32. `run` replays a call."""
    mine = Decoder(TINY, TINY.layers, kernels, dtype, device)
    reference = Decoder(TINY, 0, replace(kernels, small=plain, attend=plain.attend,
                                         product=torch.nn.functional.linear), torch.float32, device)
    reference.layers = [{name: w.float() for name, w in layer.items()} for layer in mine.layers]
    reference.table, reference.head = mine.table.float(), mine.head.float()
    tokens = torch.tensor([5, 900, 2000][:BATCH], device=device)
    caches = mine.caches(BATCH, CONTEXT, TINY.layers)
    exact = [tuple(x.float() for x in pair) for pair in caches]
    angles = mine.angles(CONTEXT - 1)
    expected = reference.step(tokens, exact, CONTEXT, angles)
    out = run(lambda: mine.step(tokens, caches, CONTEXT, angles))
    return distance(out, expected)


def check_product(form, gemm, rows):
    """Error of one matrix product on the GPU against FP32 on the stored values."""
    n, k = 512, 1024
    x, one = gemm.random((rows, k), form), torch.ones((), device="cuda")
    if form == "int4":
        w = gemm.Int4Weight(n, k, k**-0.5)
        dense = w.dense()
    else:
        w = gemm.weight(form, n, k)
        dense = w.float()
    return distance(gemm.product(form, x, w, one), x.double() @ dense.double().T)


def gpu_checks():
    """(name, error, limit) or (name, exception, None) of everything that a measurement uses."""
    import attention
    import fused
    import gemm
    from timing import capture

    def replayed(call):
        kept = []
        graph = capture([lambda: kept.append(call())])
        kept[-1].fill_(float("nan"))
        graph.replay()
        torch.cuda.synchronize()
        return kept[-1]

    def kernels(form):
        return Kernels(fused, attention.attend, lambda x, w: gemm.product(form, x, w),
                       lambda n, k: gemm.weight(form, n, k))

    checks = {
        "fused kernels fp16": ("fp16", lambda: check_small(fused, torch.float16, "cuda")),
        "fused kernels bf16": ("bf16", lambda: check_small(fused, torch.bfloat16, "cuda")),
        "decoder": ("decoder", lambda: check_decoder(kernels("fp16"), torch.float16, "cuda",
                                                     replayed)),
    }
    for backend in attention.BACKENDS:
        checks[f"attention {backend}"] = ("fp16", lambda b=backend: check_attend(
            lambda q, k, v: attention.attend(q, k, v, b), torch.float16, "cuda"))
    for form in ("fp16", "bf16", "fp8", "int8", "int4"):
        for rows in (1, 32):
            if form == "int8" and rows < gemm.INT8_LEAST_ROWS:
                continue
            checks[f"product {form} {rows}"] = (form, lambda f=form, r=rows: check_product(
                f, gemm, r))
    for name, (kind, check) in checks.items():
        try:
            yield name, check(), LIMIT[kind]
        except Exception as error:  # pylint: disable=broad-except
            yield name, error, None
