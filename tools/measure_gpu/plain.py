# SPDX-License-Identifier: Apache-2.0
"""The small kernels of a decode step in plain PyTorch: what fused.py is checked against."""

import torch


def add_norm(delta, residual, weight, eps):
    """Adds `delta` (or nothing) to `residual` in place; returns the RMS norm of the sum."""
    x = residual.float() if delta is None else residual.float() + delta.float()
    if delta is not None:
        residual.copy_(x)
    return (x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * weight.float()).to(
        residual.dtype)


def silu_product(gate_up):
    """silu(left half) * right half of every row."""
    gate, up = gate_up.float().chunk(2, dim=-1)
    return (torch.nn.functional.silu(gate) * up).to(gate_up.dtype)


def rotate_append(qkv, cosine, sine, key, value, position, heads):
    """Returns the rotated queries [B,H,E]; writes rotated keys and values at `position`.

    key and value are caches [B,C,G,E]; cosine and sine are FP32 [E/2].
    """
    batch, _, kv_heads, width = key.shape
    q, k, v = qkv.view(batch, heads + 2 * kv_heads, width).split([heads, kv_heads, kv_heads], 1)

    def rotate(x):
        low, high = x.float().chunk(2, dim=-1)
        return torch.cat([low * cosine - high * sine, high * cosine + low * sine], -1).to(x.dtype)

    key[:, position] = rotate(k)
    value[:, position] = v
    return rotate(q)


def attend(query, key, value):
    """One row a sequence against its cache. Query head g * G + j reads key head j of G."""
    batch, heads, width = query.shape
    kv_heads = key.shape[2]
    q = query.float().view(batch, heads // kv_heads, kv_heads, width)
    score = torch.einsum("bgjd,bcjd->bgjc", q, key.float()) * width**-0.5
    out = torch.einsum("bgjc,bcjd->bgjd", score.softmax(-1), value.float())
    return out.reshape(batch, heads * width).to(query.dtype)
