# SPDX-License-Identifier: Apache-2.0
"""The cost law of models/gpu in the form that the fit needs: many kernels at once.

models/gpu/kernel_time.cpp and gpu_model.cpp are the definition; which kernels a model launches
comes from `lutsim gpu --kernels`. fit_gpu.py ends by asking lutsim for every point that it used and
refuses to write a report when the two differ.
"""

from dataclasses import dataclass

import numpy as np

FP16_BYTES = 2
FP32_BYTES = 4
KINDS = ("gemm", "attention", "elementwise", "collective")

# Output tiles and ways to split K, as in kernel_time.cpp.
TILES = ((256, 128), (128, 256), (128, 128), (64, 256), (64, 128), (128, 64), (64, 64), (32, 64))
SPLITS = (1, 2, 4, 8)


@dataclass(frozen=True)
class DataSheet:
    """What the vendor promises: bytes/s, flop/s, bytes, watts, multiprocessors, link bytes/s."""

    bandwidth: float
    peak_fp16: float
    capacity: float
    tdp: float
    processors: int
    link: float


@dataclass(frozen=True)
class Arithmetic:
    """What a precision makes of the decoder's matrices: bytes, share of the bandwidth (None: that
    of GEMMs), whether weights have to be unpacked."""

    weight_bytes: float = FP16_BYTES
    weight_efficiency: float = None
    unpacks: bool = False


FP16 = Arithmetic()


class Kernels:
    """Columns of equal length, one entry a kernel of a step. `step` numbers the steps."""

    def __init__(self, steps):
        """`steps`: one list of kernels each, as lutsim writes them."""
        rows = [(number, kernel) for number, kernels in enumerate(steps) for kernel in kernels]

        def column(key):
            return np.array([float(kernel.get(key, 0)) for _, kernel in rows])

        self.steps = len(steps)
        self.step = np.array([number for number, _ in rows], dtype=int)
        self.kind = np.array([KINDS.index(kernel["kind"]) for _, kernel in rows], dtype=int)
        self.m, self.n, self.k = column("m"), column("n"), column("k")
        self.groups = column("groups")
        self.count, self.flops = column("count"), column("flops")
        self.kv, self.streams = column("kv_bytes"), column("streams")
        self.activations, self.link = column("activation_bytes"), column("link_bytes")
        self.takes_format = column("takes_format") > 0

    def sums(self, values):
        """Sum over the launches of each step."""
        return np.bincount(self.step, self.count * values, self.steps)


def gemm_kernels(m, n, k):
    """GEMMs of the decoder, one a step."""
    return Kernels([[{"kind": "gemm", "m": a, "n": b, "k": c, "count": 1, "takes_format": True,
                      "activation_bytes": FP16_BYTES * a * (b + c), "flops": 2.0 * a * b * c}]
                    for a, b, c in zip(m, n, k)])


def plain_kernels(kind, rows):
    """Kernels without a matrix, one a step, from dictionaries of columns."""
    return Kernels([[{"kind": kind, "count": 1, **row}] for row in rows])


def wave_seconds(p, sheet, kernels):
    """Multiplications of GEMMs: the best tile and split of K."""
    best = np.full(len(kernels.m), np.inf)
    filled = np.minimum(1.0, kernels.m / TILES[-1][0])
    for rows, columns in TILES:
        tiles = np.ceil(kernels.m / rows) * np.ceil(kernels.n / columns)
        outputs = rows * columns
        seconds = (filled * 2 * (outputs + p["gemm.tile_overhead"]) * kernels.k * sheet.processors /
                   (p["gemm.compute_efficiency"] * sheet.peak_fp16))
        for split in SPLITS:
            moved = 2 * FP32_BYTES * tiles * split * outputs if split > 1 else 0
            waves = np.ceil(tiles * split / sheet.processors)
            best = np.minimum(best, waves * seconds / split + moved / (3 * sheet.bandwidth))
    return best


def loads(kernels, arithmetic=FP16):
    """Bytes of weights, all bytes, weights that are unpacked; of one launch of each."""
    elements = kernels.n * kernels.k
    weights = elements * np.where(kernels.takes_format, arithmetic.weight_bytes, FP16_BYTES)
    moved = weights + kernels.kv + kernels.activations
    return weights, moved, np.where(kernels.takes_format, elements, 0)


def kernel_seconds(p, sheet, kernels, arithmetic=FP16):
    """Seconds of one launch of each. `p` maps the keys of a GPU's file to base units."""
    weights, moved, _ = loads(kernels, arithmetic)
    compute = [p.get(f"{kind}.compute_efficiency", 1.0) for kind in KINDS]
    bandwidth = np.array([p.get(f"{kind}.bandwidth_efficiency", 1.0) for kind in KINDS])
    launch = np.array([p.get(f"{kind}.launch", 0.0) for kind in KINDS])[kernels.kind]
    efficiency = bandwidth[kernels.kind]
    of_weights = np.where(kernels.takes_format,
                          arithmetic.weight_efficiency or p["gemm.bandwidth_efficiency"], efficiency)
    of_weights = of_weights * np.where(kernels.groups > 1, p.get("gemm.grouped_efficiency", 1.0), 1)
    memory = (weights / of_weights + (moved - weights) / efficiency) / sheet.bandwidth
    multiply = kernels.flops / (np.array(compute)[kernels.kind] * sheet.peak_fp16)
    is_gemm = kernels.kind == KINDS.index("gemm")
    if is_gemm.any():
        multiply = np.where(is_gemm, wave_seconds(p, sheet, kernels), multiply)
    stream = np.zeros(len(memory))
    if p.get("attention.stream_bandwidth"):
        has = kernels.streams > 0
        stream[has] = (kernels.kv[has] /
                       (kernels.streams[has] * p["attention.stream_bandwidth"]))
    seconds = launch + np.sqrt(memory**2 + stream**2 + multiply**2)
    is_collective = kernels.kind == KINDS.index("collective")
    if is_collective.any():
        link = p["link.latency"] + kernels.link / (p["link.efficiency"] * sheet.link)
        seconds = np.where(is_collective, link, seconds)
    return seconds


def watts(p, sheet, moved, flops, unpacking, seconds):
    """Mean watts of one GPU, bent below the power limit.

    The bend is quadratic as in the soft roofline: near its limit a GPU lowers its clock.
    """
    demand = (p["power.base"] + (p["power.per_byte"] * moved + p["power.per_flop"] * flops +
                                 unpacking) / seconds)
    return demand / np.hypot(1.0, demand / sheet.tdp)
