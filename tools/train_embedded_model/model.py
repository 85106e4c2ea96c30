# SPDX-License-Identifier: Apache-2.0
"""A Llama decoder: RMSNorm, interleaved RoPE, grouped-query attention, SwiGLU, tied head.

Shapes: B sequences, T tokens, D = dim, H heads, G kv_heads, E = head_dim, V = vocab.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Config:
    dim: int = 144
    layers: int = 5
    heads: int = 6
    kv_heads: int = 2
    ffn: int = 388
    vocab: int = 1024
    context: int = 256  # tokens
    rope_base: float = 10000.0
    norm_eps: float = 1e-5

    @property
    def head_dim(self):
        return self.dim // self.heads


class RMSNorm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.eps = config.norm_eps
        self.weight = nn.Parameter(torch.ones(config.dim))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


def rope_tables(config):
    """cos and sin, each [context, head_dim / 2]: angle = position * base^(-2i / head_dim)."""
    exponents = torch.arange(0, config.head_dim, 2, dtype=torch.float64) / config.head_dim
    positions = torch.arange(config.context, dtype=torch.float64)
    angles = torch.outer(positions, config.rope_base**-exponents)
    return angles.cos().float(), angles.sin().float()


def rotate(x, cos, sin):
    """Rotate the pairs (2i, 2i+1) of each head. x: [B, T, heads, E]; cos, sin: [T, E/2]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = cos[:, None], sin[:, None]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        kv_dim = config.kv_heads * config.head_dim
        self.attn_norm = RMSNorm(config)
        self.wq = nn.Linear(config.dim, config.dim, bias=False)
        self.wk = nn.Linear(config.dim, kv_dim, bias=False)
        self.wv = nn.Linear(config.dim, kv_dim, bias=False)
        self.wo = nn.Linear(config.dim, config.dim, bias=False)
        self.ffn_norm = RMSNorm(config)
        self.w1 = nn.Linear(config.dim, config.ffn, bias=False)
        self.w2 = nn.Linear(config.ffn, config.dim, bias=False)
        self.w3 = nn.Linear(config.dim, config.ffn, bias=False)

    def attention(self, x, cos, sin, mask):
        """x: [B, T, D]; mask: [T, T], -inf above the diagonal. Returns [B, T, D]."""
        c = self.config
        batch, time, _ = x.shape
        q = rotate(self.wq(x).view(batch, time, c.heads, c.head_dim), cos, sin)
        k = rotate(self.wk(x).view(batch, time, c.kv_heads, c.head_dim), cos, sin)
        v = self.wv(x).view(batch, time, c.kv_heads, c.head_dim)
        # Query head h reads kv head h // (H / G): fold the group into the row dimension.
        group = c.heads // c.kv_heads
        q = q.view(batch, time, c.kv_heads, group, c.head_dim).permute(0, 2, 3, 1, 4)
        q = q.reshape(batch * c.kv_heads, group * time, c.head_dim)
        k = k.transpose(1, 2).reshape(batch * c.kv_heads, time, c.head_dim)
        v = v.transpose(1, 2).reshape(batch * c.kv_heads, time, c.head_dim)
        scores = (q * (1 / math.sqrt(c.head_dim))) @ k.transpose(1, 2)
        scores = scores.view(-1, group, time, time) + mask
        mixed = scores.softmax(-1).view(-1, group * time, time) @ v
        mixed = mixed.view(batch, c.heads, time, c.head_dim).transpose(1, 2)
        return self.wo(mixed.reshape(batch, time, c.dim))

    def forward(self, x, cos, sin, mask):
        x = x + self.attention(self.attn_norm(x), cos, sin, mask)
        h = self.ffn_norm(x)
        return x + self.w2(F.silu(self.w1(h)) * self.w3(h))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab, config.dim)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = RMSNorm(config)
        cos, sin = rope_tables(config)
        mask = torch.full((config.context, config.context), -math.inf).triu(1)
        for name, table in (("cos", cos), ("sin", sin), ("mask", mask)):
            self.register_buffer(name, table, persistent=False)
        self._initialise()

    def _initialise(self):
        """Fan-in scaling; the layers that write to the residual stream start smaller."""
        nn.init.normal_(self.embedding.weight, std=0.05)
        for block in self.blocks:
            for layer in (block.wq, block.wk, block.wv, block.w1, block.w3):
                nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
            for layer in (block.wo, block.w2):
                std = (2 * self.config.layers * layer.in_features) ** -0.5
                nn.init.normal_(layer.weight, std=std)

    def forward(self, tokens):
        """tokens: [B, T], T at most the context. Returns logits [B, T, V]."""
        time = tokens.shape[1]
        cos, sin, mask = self.cos[:time], self.sin[:time], self.mask[:time, :time]
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, cos, sin, mask)
        return F.linear(self.norm(x), self.embedding.weight)
