# SPDX-License-Identifier: Apache-2.0
"""A decode step of a Llama decoder with random weights: real shapes, KV cache, all kernels.

Weights are normal with deviation k^-0.5, so activations keep their size through the layers: an
overflow to infinity would draw less power than a real model.
"""

from dataclasses import dataclass

import torch

NORM_EPS = 1e-5
ROPE_BASE = 10000.0


@dataclass
class Kernels:
    """What a decoder is made of: fused.py or plain.py, an attention, a matrix product."""

    small: object
    attend: object
    product: object
    weight: object


class Decoder:
    """`layers` layers of `shape`; the embedding table and the LM head stay at 16 bit."""

    def __init__(self, shape, layers, kernels, dtype, device):
        self.shape, self.kernels, self.dtype, self.device = shape, kernels, dtype, device
        self.layers = [{name: kernels.weight(n, k) for name, (n, k) in shape.matrices().items()}
                       for _ in range(layers)]
        self.norm = torch.ones(shape.hidden, dtype=dtype, device=device)
        self.table = self.normal(shape.vocab, shape.hidden)
        self.head = self.normal(shape.vocab, shape.hidden, deviation=shape.hidden**-0.5)

    def normal(self, *size, deviation=1.0):
        return torch.empty(size, dtype=self.dtype, device=self.device).normal_(0, deviation)

    def caches(self, batch, context, layers):
        """Keys and values [B,C,G,E] of every layer, filled."""
        s = self.shape
        return [tuple(self.normal(batch, context, s.kv_heads, s.head_dim) for _ in range(2))
                for _ in range(layers)]

    def angles(self, position):
        """FP32 cosine and sine [E/2] of a position."""
        half = self.shape.head_dim // 2
        turns = position * ROPE_BASE**(-torch.arange(half, dtype=torch.float64) / half)
        return tuple(f(turns).float().to(self.device) for f in (torch.cos, torch.sin))

    def step(self, tokens, caches, context, angles):
        """Logits [B,V] of one more token a sequence, which stands at position context - 1."""
        k, shape = self.kernels, self.shape
        cosine, sine = angles
        residual = torch.nn.functional.embedding(tokens, self.table)
        delta = None
        for weights, (key, value) in zip(self.layers, caches):
            x = k.small.add_norm(delta, residual, self.norm, NORM_EPS)
            qkv = k.product(x, weights["qkv"])
            query = k.small.rotate_append(qkv, cosine, sine, key, value, context - 1, shape.heads)
            mixed = k.attend(query, key, value)
            delta = k.product(mixed, weights["o"])
            x = k.small.add_norm(delta, residual, self.norm, NORM_EPS)
            hidden = k.small.silu_product(k.product(x, weights["gate_up"]))
            delta = k.product(hidden, weights["down"])
        x = k.small.add_norm(delta, residual, self.norm, NORM_EPS)
        return torch.nn.functional.linear(x, self.head)

    def next_tokens(self, tokens, caches, context, angles):
        """One greedy step: `tokens` [B] are replaced by the next ones."""
        logits = self.step(tokens, caches, context, angles)
        tokens.copy_(logits.argmax(-1))
        return logits
