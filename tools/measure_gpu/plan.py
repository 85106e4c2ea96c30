# SPDX-License-Identifier: Apache-2.0
"""What is measured, in which order: what matters most comes first, so that a short run is a prefix
of a long one."""

from dataclasses import dataclass, field

DECODE_ROWS = (1, 2, 4, 8, 16, 32, 64)
PREFILL_ROWS = (128, 256, 512, 1024, 2048, 4096)
CONTEXTS = (512, 2048)

SMALL = ("Llama-3.1-8B", "Llama-2-7b-hf")
LARGE = ("Llama-2-13b-hf", "OPT-30b", "Qwen2.5-32B", "Llama-3.1-70B")
MODELS = SMALL + LARGE

# Without gate or RoPE: measured as GEMMs, not as a decoder.
GEMM_ONLY = ("OPT-30b",)


@dataclass(frozen=True)
class Task:
    """One independent measurement. `kind` names the function that does it."""

    kind: str
    arguments: dict = field(default_factory=dict)
    seconds: float = 0.0  # expected

    def name(self):
        return " ".join([self.kind] + [str(value) for value in self.arguments.values()])


def decode(model, form, batch, context, window, layers=None):
    arguments = {"model": model, "form": form, "batch": batch, "context": context,
                 "layers": layers, "window": window}
    return Task("decode", arguments, window + 1.6)


def load(name, form, window):
    return Task("load", {"load": name, "form": form, "window": window}, window + 1.2)


def gemms(form, models, rows):
    """GEMMs of every shape once; a shape that two models share is measured for the first."""
    each = 0.08 if max(rows) <= 64 else 0.3
    return [Task("gemm", {"model": model, "form": form, "rows": rows}, 4 * len(rows) * each)
            for model in models]


def tasks(window=5.0):
    """The whole plan. `window` is the length of an energy window in seconds."""
    short = (1, 4, 16, 32)
    plan = [load("idle", "fp16", window)]
    for model in SMALL:
        plan += [decode(model, "fp16", b, c, window) for c in CONTEXTS for b in short]
    plan += gemms("fp16", MODELS, DECODE_ROWS)
    plan += [load("gemm", "fp16", window), load("copy", "fp16", window)]
    plan += [decode(SMALL[0], "int4", b, CONTEXTS[0], window) for b in (1, 4, 16)]
    plan += gemms("int4", MODELS, DECODE_ROWS)
    plan += gemms("fp16", MODELS, PREFILL_ROWS)
    decoders = [model for model in MODELS if model not in GEMM_ONLY]
    plan += [Task("attention", {"model": model}, 4.0) for model in decoders]
    plan += [Task("elementwise", {"model": model}, 1.5) for model in decoders]
    plan += gemms("fp8", MODELS, DECODE_ROWS) + gemms("int8", MODELS, DECODE_ROWS)
    plan += gemms("fp8", MODELS, PREFILL_ROWS) + gemms("int8", MODELS, PREFILL_ROWS)
    plan += [decode("Qwen2.5-32B", "fp16", b, CONTEXTS[0], window) for b in (1, 4, 16, 32, 64)]
    plan += [decode("Qwen2.5-32B", "fp16", b, CONTEXTS[1], window) for b in (1, 16)]
    # Two depths of a model that does not fit: the difference is the price of a layer.
    plan += [decode("Llama-3.1-70B", "fp16", b, CONTEXTS[0], window / 2, layers)
             for b in (1, 16, 64) for layers in (16, 32)]
    plan += [decode(SMALL[0], "fp16", 64, c, window) for c in CONTEXTS]
    plan += [decode(SMALL[0], "int4", b, CONTEXTS[1], window) for b in (1, 16)]
    plan += [load("gemm", "fp8", window), load("gemm", "int8", window)]
    plan += gemms("bf16", SMALL[:1], DECODE_ROWS) + gemms("bf16", SMALL[:1], PREFILL_ROWS)
    plan += [decode(SMALL[1], "fp16", 64, c, window) for c in CONTEXTS]
    plan += [decode(SMALL[1], "int4", b, CONTEXTS[0], window) for b in (1, 4, 16)]
    plan += [decode("Llama-2-13b-hf", "fp16", b, CONTEXTS[0], window) for b in short]
    return plan


class Budget:
    """Decides whether a task still fits. The clock is a function so that a test can turn it."""

    def __init__(self, seconds, clock):
        self.seconds = seconds
        self.clock = clock
        self.start = clock()

    def left(self):
        return self.seconds - (self.clock() - self.start)

    def fits(self, task):
        return task.seconds <= self.left()


def run(plan, budget, measure, log):
    """Runs what fits. One failure is logged and does not stop the others. Returns the failures."""
    failures = 0
    for task in plan:
        if not budget.fits(task):
            log(task.name(), "skipped", "no time left")
            continue
        try:
            detail = measure(task)
        except Exception as error:  # pylint: disable=broad-except
            failures += 1
            log(task.name(), "failed", f"{type(error).__name__}: {first_line(error)}")
        else:
            log(task.name(), "done", detail or "")
    return failures


def first_line(error):
    return (str(error).splitlines() or [""])[0][:300]
