# SPDX-License-Identifier: Apache-2.0
"""The measurements: each method does one kind of task and writes its rows."""

import gc
import math
import time
from functools import partial

import torch

import attention
import fused
import gemm
import power
from decoder import Decoder, Kernels
from plan import first_line
from samples import mean, quartiles
from shapes import FP16_BYTES, gemm_bytes
from timing import REPLAYS, capture, kernel_seconds, steady

CACHE_TURNS = 3  # copies of an operand fill the L2 cache this many times
MOST_COPIES = 128
SPARE_BYTES = 2.5e9  # graphs, workspaces, activations
WARM_UP = 0.8  # seconds of work before an energy window
LOAD_SIZE = 8192  # rows, columns and depth of the GEMM that loads the GPU
COPY_BYTES = 4 << 30
ELEMENTWISE_COPIES = 4
ELEMENTWISE_ROWS = (1, 4, 16, 64, 256, 1024, 4096)
BATCHES = (1, 4, 16, 32, 64)
CONTEXTS = (512, 2048)
PROMPTS = (512, 2048, 4096)


def microseconds(samples):
    q1, median, q3 = (1e6 * value for value in quartiles(samples))
    return {"q1_us": q1, "median_us": median, "q3_us": q3, "samples": len(samples)}


class Bench:
    """Measures on CUDA device 0. `depths` says how many layers to build of (model, form)."""

    def __init__(self, sheet, shapes, records, depths):
        self.sheet, self.shapes, self.records, self.depths = sheet, shapes, records, depths
        self.gpu = power.Gpu()
        properties = torch.cuda.get_device_properties(0)
        self.l2 = properties.L2_cache_size
        self.memory = properties.total_memory
        self.one = torch.ones((), device="cuda")
        self.loaded = None
        self.decoder = None
        self.seen = set()

    def measure(self, task):
        try:
            return getattr(self, task.kind)(**task.arguments)
        finally:
            gc.collect()
            torch.cuda.empty_cache()

    def copies(self, size):
        return max(1, min(MOST_COPIES, math.ceil(CACHE_TURNS * self.l2 / size)))

    def expected(self, moved, flops, form="fp16"):
        """A rough time of a kernel, only to choose the length of a graph."""
        return 3e-6 + 1.2 * moved / self.sheet.bandwidth + 1.4 * flops / self.sheet.peak(form)

    def try_point(self, name, point):
        try:
            point()
            return 1
        except (RuntimeError, ValueError) as error:
            torch.cuda.synchronize()
            self.records.log(name, "failed", f"{type(error).__name__}: {first_line(error)}")
            return 0

    # GEMMs

    def gemm(self, model, form, rows):
        least = gemm.INT8_LEAST_ROWS if form == "int8" else 1
        done = 0
        for matrix, (n, k) in self.shapes[model].matrices().items():
            todo = [m for m in rows if m >= least and (form, m, n, k) not in self.seen]
            if not todo:
                continue
            weights = [gemm.weight(form, n, k) for _ in range(self.copies(
                gemm_bytes(form, 0, n, k)[0]))]
            for m in todo:
                done += self.try_point(f"gemm {form} {m},{n},{k}", partial(
                    self.gemm_point, model, matrix, form, m, n, k, weights))
        return f"{done} points"

    def gemm_point(self, model, matrix, form, m, n, k, weights):
        compulsory, moved = gemm_bytes(form, m, n, k)
        flops = 2.0 * m * n * k
        x = gemm.random((m, k), form)
        calls = [partial(gemm.product, form, x, w, self.one) for w in weights]
        samples = kernel_seconds(calls, self.expected(moved, flops, form))
        clock = self.gpu.sm_clock()
        seconds = quartiles(samples)[1]
        self.seen.add((form, m, n, k))
        self.records.add("gemm", model=model, matrix=matrix, format=form, m=m, n=n, k=k,
                         weight_copies=len(weights), gbytes_per_s=moved / seconds * 1e-9,
                         tflops=flops / seconds * 1e-12, sm_mhz=clock,
                         flags=self.sheet.flags(seconds, compulsory, flops, form),
                         **microseconds(samples))

    # Attention and the small kernels

    def attention(self, model):
        done = 0
        for context in CONTEXTS:
            for batch in BATCHES:
                done += self.attention_decode(model, batch, context)
        for prompt in PROMPTS:
            done += self.attention_prefill(model, prompt)
        return f"{done} points"

    def attention_decode(self, model, batch, context):
        s = self.shapes[model]
        cache = s.cache_bytes(batch, context, layers=1)
        size = (batch, context, s.kv_heads, s.head_dim)
        pairs = [(gemm.random(size, "fp16"), gemm.random(size, "fp16"))
                 for _ in range(self.copies(cache))]
        query = gemm.random((batch, s.heads, s.head_dim), "fp16")
        moved = cache + 2 * FP16_BYTES * batch * s.q_dim
        flops = 4.0 * batch * context * s.q_dim
        return self.attention_points(model, "decode", batch, context, lambda backend: [
            partial(attention.attend, query, key, value, backend) for key, value in pairs],
                                     cache, moved, flops)

    def attention_prefill(self, model, prompt):
        s = self.shapes[model]
        query = gemm.random((1, s.heads, prompt, s.head_dim), "fp16")
        key, value = (gemm.random((1, s.kv_heads, prompt, s.head_dim), "fp16") for _ in range(2))
        moved = 2 * FP16_BYTES * prompt * (s.q_dim + s.kv_dim)
        flops = 2.0 * prompt * (prompt + 1) * s.q_dim
        return self.attention_points(model, "prefill", 1, prompt, lambda backend: [
            partial(attention.attend_causal, query, key, value, backend)], 0, moved, flops)

    def attention_points(self, model, phase, batch, context, calls, compulsory, moved, flops):
        def point(backend):
            work = calls(backend)
            samples = kernel_seconds(work, self.expected(moved, flops))
            seconds = quartiles(samples)[1]
            self.records.add("attention", model=model, phase=phase, batch=batch, context=context,
                             backend=backend, cache_copies=len(work),
                             gbytes_per_s=moved / seconds * 1e-9, tflops=flops / seconds * 1e-12,
                             flags=self.sheet.flags(seconds, compulsory, flops, "fp16"),
                             **microseconds(samples))
        return sum(self.try_point(f"attention {phase} {model} {batch} {context} {backend}",
                                  partial(point, backend)) for backend in attention.BACKENDS)

    def elementwise(self, model):
        s = self.shapes[model]
        done = 0
        for rows in ELEMENTWISE_ROWS:
            works = {"add_norm": (s.hidden, self.norms, 4 * s.hidden),
                     "silu_product": (s.ffn, self.activations, 3 * s.ffn)}
            if rows <= max(BATCHES):
                width = s.q_dim + 2 * s.kv_dim
                works["rotate_append"] = (width, self.rotations, 2 * width)
            for operator, (width, calls, elements) in works.items():
                done += self.try_point(f"elementwise {operator} {rows} {width}", partial(
                    self.elementwise_point, model, operator, rows, width, calls, elements))
        return f"{done} points"

    def elementwise_point(self, model, operator, rows, width, calls, elements):
        moved = FP16_BYTES * rows * elements
        work = calls(self.shapes[model], rows)
        samples = kernel_seconds(work, self.expected(moved, 0))
        self.records.add("elementwise", model=model, operator=operator, rows=rows, width=width,
                         copies=len(work), gbytes_per_s=moved / quartiles(samples)[1] * 1e-9,
                         **microseconds(samples))

    def norms(self, s, rows):
        # A small delta: the residual grows with every replay.
        delta = gemm.random((rows, s.hidden), "fp16", 1e-3)
        weight = gemm.random((s.hidden,), "fp16")
        return [partial(fused.add_norm, delta, gemm.random((rows, s.hidden), "fp16"), weight, 1e-5)
                for _ in range(ELEMENTWISE_COPIES)]

    def activations(self, s, rows):
        return [partial(fused.silu_product, gemm.random((rows, 2 * s.ffn), "fp16"))
                for _ in range(ELEMENTWISE_COPIES)]

    def rotations(self, s, rows):
        turns = torch.rand(s.head_dim // 2, device="cuda")
        cosine, sine = turns.cos(), turns.sin()
        size = (rows, CONTEXTS[0], s.kv_heads, s.head_dim)
        key, value = gemm.random(size, "fp16"), gemm.random(size, "fp16")
        return [partial(fused.rotate_append, gemm.random((rows, s.q_dim + 2 * s.kv_dim), "fp16"),
                        cosine, sine, key, value, CONTEXTS[0] - 1, s.heads)
                for _ in range(ELEMENTWISE_COPIES)]

    # Whole decode steps

    def drop_decoder(self):
        self.decoder = self.loaded = None
        gc.collect()
        torch.cuda.empty_cache()

    def load_decoder(self, model, form):
        if self.loaded == (model, form):
            return
        self.drop_decoder()
        kernels = Kernels(fused, None, partial(gemm.product, form), partial(gemm.weight, form))
        self.decoder = Decoder(self.shapes[model], self.depths[model, form], kernels,
                               gemm.types(form), "cuda")
        self.loaded = (model, form)

    def decode(self, model, form, batch, context, layers, window):
        s = self.shapes[model]
        layers = layers or s.layers
        need = s.resident_bytes(form, batch, context, layers) + SPARE_BYTES
        if need > self.memory:
            raise RuntimeError(f"needs {need * 1e-9:.0f} GB of {self.memory * 1e-9:.0f} GB")
        self.load_decoder(model, form)
        caches = self.decoder.caches(batch, context, layers)
        query = torch.empty((batch, s.heads, s.head_dim), device="cuda",
                            dtype=gemm.types(form)).normal_()
        backend = attention.fastest(query, caches, self.expected(
            s.cache_bytes(batch, context, 1), 0))
        self.decoder.kernels.attend = partial(attention.attend, backend=backend)
        tokens = torch.randint(0, s.vocab, (batch,), device="cuda")
        angles = self.decoder.angles(context - 1)
        logits = []
        graph = capture([lambda: logits.append(self.decoder.next_tokens(
            tokens, caches, context, angles))])
        meter = power.Meter(self.gpu)
        samples, total = steady(graph, window, WARM_UP, meter)
        if not torch.isfinite(logits[-1]).all():
            raise RuntimeError("the logits are not finite")
        q1, median, q3 = quartiles(samples)
        step = mean(samples)
        flops = s.step_flops(batch, context, layers)
        moved = s.weight_bytes(form, layers) + s.cache_bytes(batch, context, layers)
        found = meter.summary()
        self.records.add("decode", model=model, format=form, batch=batch, context=context,
                         layers=s.layers, layers_measured=layers, backend=backend,
                         steps=len(samples), q1_ms=1e3 * q1, median_ms=1e3 * median,
                         q3_ms=1e3 * q3, mean_ms=1e3 * step,
                         joules_per_step=found["watts"] * step,
                         joules_per_token=found["watts"] * step / batch,
                         gbytes_per_s=moved / median * 1e-9, tflops=flops / median * 1e-12,
                         flags=self.sheet.flags(median, moved, flops, form), **found)
        return f"{1e3 * median:.3f} ms, {found['watts']:.0f} W, {backend}, {total:.1f} s"

    # Loads of one kind

    def load(self, load, form, window):
        meter = power.Meter(self.gpu)
        moved = flops = compulsory = 0.0
        if load == "idle":
            time.sleep(1)
            with meter:
                time.sleep(window)
            seconds, what = 1.0, "context resident, nothing runs"
        elif load == "copy":
            source = gemm.random((COPY_BYTES // FP16_BYTES,), "fp16")
            target = torch.empty_like(source)
            seconds = mean(steady(capture([lambda: target.copy_(source)]), window, WARM_UP,
                                  meter)[0])
            moved = compulsory = 2.0 * COPY_BYTES
            what = f"copy of {COPY_BYTES} bytes, read and written"
        else:
            size = LOAD_SIZE
            x, w = gemm.random((size, size), form), gemm.weight(form, size, size)
            graph = capture([partial(gemm.product, form, x, w, self.one)])
            seconds = mean(steady(graph, window, WARM_UP, meter)[0])
            flops, what = 2.0 * size**3, f"{form} {size} x {size} x {size}"
        found = meter.summary()
        rate, speed = moved / seconds, flops / seconds
        self.records.add("energy", load=load, what=what, gbytes_per_s=rate * 1e-9,
                         tflops=speed * 1e-12,
                         joules_per_gbyte=found["watts"] / rate * 1e9 if rate else 0.0,
                         picojoules_per_flop=found["watts"] / speed * 1e12 if speed else 0.0,
                         flags=self.sheet.flags(seconds, compulsory, flops, form), **found)
        return f"{found['watts']:.0f} W"
