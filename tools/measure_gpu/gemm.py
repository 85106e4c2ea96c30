# SPDX-License-Identifier: Apache-2.0
"""Matrix products Y[m,n] = X[m,k] W[n,k]^T in every format that PyTorch has a kernel for."""

import torch

from shapes import INT4_GROUP

INT8_LEAST_ROWS = 17  # torch._int_mm refuses fewer
INT4_INNER_TILES = 8


def types(form):
    """(type of the activations, type of the weights)."""
    half = torch.bfloat16 if form in ("bf16", "int4") else torch.float16
    return {"fp8": torch.float8_e4m3fn, "int8": torch.int8}.get(form, half)


def random(shape, form, deviation=1.0):
    """Random values: zeros would draw less power and run faster."""
    if form == "int8":
        return torch.randint(-127, 128, shape, dtype=torch.int8, device="cuda")
    half = torch.empty(shape, dtype=torch.bfloat16 if form == "fp8" else types(form),
                       device="cuda").normal_(0, deviation)
    return half.to(types(form)) if form == "fp8" else half


class Int4Weight:
    """W[n,k] as the weight-only kernel stores it: nibbles q, and BF16 scale and zero point for
    each group of INT4_GROUP weights; the weight is (q - 8) * scale + zero."""

    def __init__(self, n, k, deviation):
        self.nibbles = torch.randint(0, 256, (n, k // 2), dtype=torch.uint8, device="cuda")
        self.packed = torch.ops.aten._convert_weight_to_int4pack(self.nibbles, INT4_INNER_TILES)
        # The deviation of 16 equally likely nibbles is 4.61.
        scale = torch.full((k // INT4_GROUP, n), deviation / 4.61, device="cuda")
        scale *= torch.empty_like(scale).uniform_(0.8, 1.2)
        self.scales = torch.stack([scale, torch.zeros_like(scale)], -1).to(torch.bfloat16)

    def dense(self):
        """FP32 [n,k], for the check: the even column is the high nibble."""
        q = torch.stack([self.nibbles >> 4, self.nibbles & 15], -1).flatten(1).float()
        scale = self.scales[..., 0].float().T.repeat_interleave(INT4_GROUP, 1)
        return (q - 8) * scale

    def forget_nibbles(self):
        self.nibbles = None
        return self


def weight(form, n, k):
    """Random weights with which activations keep their size."""
    if form == "int4":
        return Int4Weight(n, k, k**-0.5).forget_nibbles()
    return random((n, k), form, k**-0.5 if form != "fp8" else 1.0)


def product(form, x, w, one=None):
    """Y = X W^T. `one` is a FP32 tensor of one element, the scale of FP8."""
    if form == "fp8":
        return torch._scaled_mm(x, w.t(), scale_a=one, scale_b=one, out_dtype=torch.bfloat16,
                                use_fast_accum=True)
    if form == "int8":
        return torch._int_mm(x, w.t())
    if form == "int4":
        return torch.ops.aten._weight_int4pack_mm(x, w.packed, INT4_GROUP, w.scales)
    return torch.nn.functional.linear(x, w)
