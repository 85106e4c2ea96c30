# SPDX-License-Identifier: Apache-2.0
"""The GPU model of models/gpu in the form that the fit needs: vectors of kernels, FP16 only.

models/gpu/gpu_model.cpp is the definition. tests/workloads/trace/gpu_baseline_test.cpp holds the
two together: it evaluates the C++ model on measured points and expects the errors that the report
states.
"""

from dataclasses import dataclass

import numpy as np

FP16_BYTES = 2
FP32_BYTES = 4
TILE_ROWS = 128  # rows of the output tile of a large GEMM kernel


@dataclass(frozen=True)
class DataSheet:
    """What the vendor promises: bytes/s, flop/s, bytes, watts."""

    bandwidth: float
    peak_fp16: float
    capacity: float
    tdp: float


@dataclass(frozen=True)
class Shape:
    """Widths of a decoder, or of one tensor-parallel share of it."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    gated: bool = True

    def share(self, ways):
        """One GPU's part of the matrices when `ways` GPUs split heads and feed-forward width."""
        return Shape(self.layers, self.hidden, self.heads // ways, max(1, self.kv_heads // ways),
                     self.head_dim, self.ffn // ways, self.vocab // ways, self.gated)

    @property
    def q_dim(self):
        return self.heads * self.head_dim

    @property
    def kv_dim(self):
        return self.kv_heads * self.head_dim

    def weight_bytes(self):
        """FP16 weights that a decode step reads."""
        up = 2 if self.gated else 1
        layer = self.hidden * (2 * self.q_dim + 2 * self.kv_dim + (up + 1) * self.ffn)
        return FP16_BYTES * (self.layers * layer + self.hidden * self.vocab)

    def kv_bytes(self):
        """FP16 keys and values of one position."""
        return FP16_BYTES * self.layers * 2 * self.kv_dim


@dataclass(frozen=True)
class Kernel:
    """One launch. A GEMM is Y[m,n] = X[m,k] W[k,n]; the other kinds have no m, n, k."""

    kind: str  # gemm, attention or elementwise
    bytes: float
    flops: float = 0.0
    m: float = 0
    n: float = 0
    k: float = 0
    count: int = 1


def gemm(m, n, k, count=1):
    moved = FP16_BYTES * (m * k + k * n + m * n)
    return Kernel("gemm", moved, 2.0 * m * n * k, m, n, k, count)


def elementwise(moved, count=1):
    return Kernel("elementwise", moved, count=count)


def step_kernels(shape, batch, rows, position):
    """Kernels of a forward pass of `rows` rows of `batch` sequences, fused as engines fuse them."""
    m = batch * rows
    context = position + rows
    pairs = batch * (rows * position + rows * (rows + 1) / 2)
    up = 2 if shape.gated else 1
    layers = shape.layers
    attention_bytes = FP16_BYTES * (2 * batch * context * shape.kv_dim + 2 * m * shape.q_dim)
    return [
        elementwise(2 * FP16_BYTES * m * shape.hidden),  # gather of the embedding
        elementwise(4 * FP16_BYTES * m * shape.hidden, 2 * layers),  # residual and norm, fused
        gemm(m, shape.q_dim + 2 * shape.kv_dim, shape.hidden, layers),
        elementwise(2 * FP16_BYTES * m * (shape.q_dim + shape.kv_dim), layers),  # RoPE
        elementwise(4 * FP16_BYTES * m * shape.kv_dim, layers),  # into the cache
        Kernel("attention", attention_bytes, 4.0 * pairs * shape.q_dim, count=layers),
        gemm(m, shape.hidden, shape.q_dim, layers),
        gemm(m, up * shape.ffn, shape.hidden, layers),
        elementwise((up + 1) * FP16_BYTES * m * shape.ffn, layers),  # SiLU and product
        gemm(m, shape.hidden, shape.ffn, layers),
        elementwise(4 * FP16_BYTES * m * shape.hidden),  # final norm
        gemm(batch, shape.vocab, shape.hidden),
        elementwise(FP32_BYTES * batch * shape.vocab),  # sampler
    ]


def gemm_time(parameters, sheet, m, n, k):
    """Seconds of FP16 GEMMs. `parameters`: launch s, bandwidth and compute efficiency, idle
    outputs.

    The idle outputs stand for the part of the last wave of output tiles that computes nothing;
    tiles are lower when m is less than TILE_ROWS.
    """
    launch, bandwidth, compute, idle = parameters
    moved = FP16_BYTES * (m * k + k * n + m * n)
    outputs = m * n + idle * np.minimum(1.0, m / TILE_ROWS)
    memory = moved / (bandwidth * sheet.bandwidth)
    arithmetic = 2.0 * outputs * k / (compute * sheet.peak_fp16)
    return launch + np.hypot(memory, arithmetic)


def kernel_time(fitted, sheet, kernel):
    """Seconds of one launch. `fitted` maps a kind to its parameters."""
    if kernel.kind == "gemm":
        return gemm_time(fitted["gemm"], sheet, kernel.m, kernel.n, kernel.k)
    launch, bandwidth, compute = fitted[kernel.kind]
    memory = kernel.bytes / (bandwidth * sheet.bandwidth)
    return launch + np.hypot(memory, kernel.flops / (compute * sheet.peak_fp16))


def kernels_time(fitted, sheet, kernels):
    return sum(k.count * kernel_time(fitted, sheet, k) for k in kernels)


def totals(kernels):
    """Bytes and floating-point operations of a step."""
    return (sum(k.count * k.bytes for k in kernels), sum(k.count * k.flops for k in kernels))


def request_steps(shape, batch, prompt, generated):
    """Prefill, and the decode step at the mean context with the number of times that it runs."""
    prefill = step_kernels(shape, batch, prompt, 0)
    decode = step_kernels(shape, batch, 1, prompt + generated // 2)
    return prefill, decode, generated - 1


def power(parameters, sheet, moved, flops, seconds):
    """Mean watts: base, joules per byte, joules per operation, bent below the power limit.

    The bend is quadratic as in the soft roofline: near its limit a GPU lowers its clock. With min()
    in its place the H100 misses other models by 12 to 15 % instead of 6 to 10 %.
    """
    base, per_byte, per_flop = parameters
    demand = base + per_byte * moved / seconds + per_flop * flops / seconds
    return demand / np.hypot(1.0, demand / sheet.tdp)
