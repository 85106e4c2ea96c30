# SPDX-License-Identifier: Apache-2.0
"""The small kernels of a decode step, fused as serving engines fuse them (Triton).

Each has a counterpart of the same name and arguments in plain.py, which says what it computes.
"""

import torch
import triton
import triton.language as tl

BLOCK = 1024


@triton.jit
def _norm(delta, residual, weight, out, width, eps, HAS_DELTA: tl.constexpr,
          WIDTH: tl.constexpr):
    row = tl.program_id(0).to(tl.int64) * width
    column = tl.arange(0, WIDTH)
    inside = column < width
    x = tl.load(residual + row + column, mask=inside, other=0.0).to(tl.float32)
    if HAS_DELTA:
        x += tl.load(delta + row + column, mask=inside, other=0.0).to(tl.float32)
        tl.store(residual + row + column, x.to(residual.dtype.element_ty), mask=inside)
    scale = tl.rsqrt(tl.sum(x * x, axis=0) / width + eps)
    w = tl.load(weight + column, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + row + column, (x * scale * w).to(out.dtype.element_ty), mask=inside)


def add_norm(delta, residual, weight, eps):
    """Adds `delta` (or nothing) to `residual` in place; returns the RMS norm of the sum."""
    rows, width = residual.shape
    out = torch.empty_like(residual)
    _norm[(rows,)](residual if delta is None else delta, residual, weight, out, width, eps,
                   HAS_DELTA=delta is not None, WIDTH=triton.next_power_of_2(width), num_warps=8)
    return out


@triton.jit
def _silu_product(gate_up, out, width, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = column < width
    gate = tl.load(gate_up + row * 2 * width + column, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(gate_up + row * 2 * width + width + column, mask=inside, other=0.0)
    value = gate * tl.sigmoid(gate) * up.to(tl.float32)
    tl.store(out + row * width + column, value.to(out.dtype.element_ty), mask=inside)


def silu_product(gate_up):
    """silu(left half) * right half of every row."""
    rows, width = gate_up.shape[0], gate_up.shape[1] // 2
    out = torch.empty((rows, width), dtype=gate_up.dtype, device=gate_up.device)
    _silu_product[(rows, triton.cdiv(width, BLOCK))](gate_up, out, width, BLOCK=BLOCK)
    return out


@triton.jit
def _rotate_append(qkv, cosine, sine, query, key, value, position, cache_row, cache_place,
                   HEADS: tl.constexpr, KV: tl.constexpr, HALF: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    head = tl.program_id(1)
    lane = tl.arange(0, HALF)
    source = qkv + (row * (HEADS + 2 * KV) + head) * 2 * HALF
    low = tl.load(source + lane)
    high = tl.load(source + HALF + lane)
    c = tl.load(cosine + lane)
    s = tl.load(sine + lane)
    left = (low * c - high * s).to(low.dtype)
    right = (high * c + low * s).to(low.dtype)
    place = row * cache_row + position * cache_place
    if head < HEADS:
        target = query + (row * HEADS + head) * 2 * HALF
        tl.store(target + lane, left)
        tl.store(target + HALF + lane, right)
    elif head < HEADS + KV:
        target = key + place + (head - HEADS) * 2 * HALF
        tl.store(target + lane, left)
        tl.store(target + HALF + lane, right)
    else:
        target = value + place + (head - HEADS - KV) * 2 * HALF
        tl.store(target + lane, low)
        tl.store(target + HALF + lane, high)


def rotate_append(qkv, cosine, sine, key, value, position, heads):
    """Returns the rotated queries [B,H,E]; writes rotated keys and values at `position`.

    key and value are caches [B,C,G,E]; cosine and sine are FP32 [E/2].
    """
    batch, _, kv_heads, width = key.shape
    query = torch.empty((batch, heads, width), dtype=qkv.dtype, device=qkv.device)
    _rotate_append[(batch, heads + 2 * kv_heads)](
        qkv, cosine, sine, query, key, value, position, key.stride(0), key.stride(1),
        HEADS=heads, KV=kv_heads, HALF=width // 2, num_warps=1)
    return query
