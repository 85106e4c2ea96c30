# SPDX-License-Identifier: Apache-2.0
"""Attention kernels of PyTorch. The query heads of a group are passed as rows of one head: each
reads the same keys, no mask is needed, and a cached key is read once."""

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from samples import quantile
from timing import kernel_seconds

BACKENDS = {"flash": SDPBackend.FLASH_ATTENTION, "cudnn": SDPBackend.CUDNN_ATTENTION}


def attend(query, key, value, backend="flash"):
    """plain.attend: query [B,H,E], caches [B,C,G,E] -> [B,H*E]. Query head g * G + j reads key
    head j of G, the order in which no kernel has to copy its result."""
    batch, heads, width = query.shape
    kv_heads = key.shape[2]
    q = query.view(batch, heads // kv_heads, kv_heads, width).transpose(1, 2)
    with sdpa_kernel(BACKENDS[backend]):
        out = scaled_dot_product_attention(q, key.transpose(1, 2), value.transpose(1, 2))
    return out.transpose(1, 2).reshape(batch, heads * width)


def attend_causal(query, key, value, backend="flash"):
    """A prompt: query [B,H,S,E], key and value [B,G,S,E]."""
    with sdpa_kernel(BACKENDS[backend]):
        return scaled_dot_product_attention(query, key, value, is_causal=True,
                                            enable_gqa=query.shape[1] != key.shape[1])


def fastest(query, caches, expected):
    """The backend with the lowest median over `caches`, pairs of key and value."""
    medians = {}
    for backend in BACKENDS:
        try:
            calls = [lambda k=k, v=v, b=backend: attend(query, k, v, b) for k, v in caches]
            medians[backend] = quantile(kernel_seconds(calls, expected), 0.5)
        except RuntimeError:  # a backend may not take the shape
            torch.cuda.synchronize()
    return min(medians, key=medians.get)
