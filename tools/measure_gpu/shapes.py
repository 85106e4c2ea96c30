# SPDX-License-Identifier: Apache-2.0
"""Shapes of the measured models, out of workloads/llm/models.csv, and what their kernels move."""

import csv
from dataclasses import dataclass

FP16_BYTES = 2
INT4_GROUP = 128  # weights that share one scale and one zero point

# Bytes of a weight, of an activation that is read and of a result that is written.
BYTES = {
    "fp16": (2, 2, 2),
    "bf16": (2, 2, 2),
    "fp8": (1, 1, 2),
    "int8": (1, 1, 4),
    "int4": (0.5 + 2 * FP16_BYTES / INT4_GROUP, 2, 2),
}


@dataclass(frozen=True)
class Shape:
    """Widths of a decoder."""

    name: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    gated: bool = True

    @property
    def q_dim(self):
        return self.heads * self.head_dim

    @property
    def kv_dim(self):
        return self.kv_heads * self.head_dim

    def matrices(self):
        """(n, k) of the four GEMMs of a layer, fused as engines fuse them: Y[m,n] = X[m,k] W."""
        return {
            "qkv": (self.q_dim + 2 * self.kv_dim, self.hidden),
            "o": (self.hidden, self.q_dim),
            "gate_up" if self.gated else "up": ((2 if self.gated else 1) * self.ffn, self.hidden),
            "down": (self.hidden, self.ffn),
        }

    def layer_elements(self):
        return sum(n * k for n, k in self.matrices().values())

    def weight_bytes(self, form="fp16", layers=None):
        """Weights that a decode step reads; the LM head stays at 16 bit in every format."""
        layers = self.layers if layers is None else layers
        head = FP16_BYTES * self.hidden * self.vocab
        return layers * self.layer_elements() * BYTES[form][0] + head

    def cache_bytes(self, batch, context, layers=None):
        """16-bit keys and values that a decode step reads."""
        layers = self.layers if layers is None else layers
        return 2 * FP16_BYTES * layers * self.kv_dim * batch * context

    def resident_bytes(self, form, batch, context, layers=None):
        """Weights with the embedding table, and cache."""
        table = FP16_BYTES * self.hidden * self.vocab
        return (self.weight_bytes(form, layers) + table +
                self.cache_bytes(batch, context, layers))

    def step_flops(self, batch, context, layers=None):
        layers = self.layers if layers is None else layers
        dense = layers * self.layer_elements() + self.hidden * self.vocab
        return batch * (2.0 * dense + 4.0 * layers * context * self.q_dim)


def read_shapes(path):
    """Shapes by name."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "vocab_rows")
    return {
        row["model"]: Shape(row["model"], *(int(row[key]) for key in keys),
                            row["ffn_kind"] == "gated")
        for row in rows
    }


def gemm_bytes(form, m, n, k):
    """Weights read, and all that moves when nothing stays in a cache."""
    weight, read, written = BYTES[form]
    weights = n * k * weight
    return weights, weights + m * k * read + m * n * written
