#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CPU time and memory of whole runs of lutsim, as a user sees them.

    tools/benchmarks/whole_process.py [--lutsim build/release/lutsim] [--scale-sim FOLDER]

With a checkout of SCALE-Sim v3 (github.com/scalesim-project/SCALE-Sim; it needs numpy, pandas, tqdm
and absl) its time for one 4096 x 4096 GEMV is measured in the same run and every line gets a ratio
to it. CPU seconds are user and system time of the process and its children.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZE = 4096

# Name, options of `lutsim run`, what the project wants of it (CPU seconds, MB).
RUNS = [
    ("decode step of Llama-2-7B", ["--model", "Llama-2-7b-hf", "--cached-tokens", "1024"], (1, 300)),
    ("the same with --exact", ["--model", "Llama-2-7b-hf", "--cached-tokens", "1024", "--exact"], None),
    ("prefill of 512 tokens, Llama-2-7B",
     ["--model", "Llama-2-7b-hf", "--prompt-tokens", "512"], (10, 300)),
    ("decode step of OPT-175B on 8 chips",
     ["--model", "OPT-175b", "--cached-tokens", "1024", "--set", "system.chips=8"], (10, 300)),
]


def gemv_trace():
    """One matmul, Y[1,4096] = X[1,4096] W[4096,4096] with 4-bit weights, as an operator trace."""
    model = {"name": "gemv", "layers": 1, "hidden": SIZE, "heads": 1, "kv_heads": 1, "head_dim": SIZE,
             "ffn": SIZE, "vocab": 1, "max_context": 1, "tied_embedding": True, "rope_base": 10000.0,
             "norm_epsilon": 1e-05}
    tensors = [
        {"name": "x@1", "shape": [1, SIZE], "role": "activation", "format": "fp16"},
        {"name": "w", "shape": [SIZE, SIZE], "role": "weight", "weight_bits": 4, "group_size": 128,
         "has_offset": True},
        {"name": "gemv@1", "shape": [1, SIZE], "role": "activation", "format": "fp32"},
    ]
    operator = {"kind": "matmul", "name": "gemv", "phase": "decode", "request": 0, "step": 1,
                "layer": 0, "batch": 1, "m": 1, "n": SIZE, "k": SIZE, "inputs": [0, 1],
                "outputs": [2], "depends_on": []}
    return {"schema": "lutsim.trace/1", "model": model, "batch": 1, "cached_tokens": 1,
            "prompt_tokens": 0, "generated_tokens": 1, "tensors": tensors, "operators": [operator]}


def measure(command, cwd=None):
    """(CPU seconds, peak MB, stderr) of a command, or None when it fails. The peak is that of this
    child alone: it runs under a wrapper that prints its own children's peak."""
    wrapper = ("import resource, subprocess, sys; s = subprocess.run(sys.argv[1:], "
               "stdout=subprocess.DEVNULL).returncode; r = resource.getrusage(resource.RUSAGE_CHILDREN); "
               "print(s, r.ru_utime + r.ru_stime, r.ru_maxrss / 1024)")
    done = subprocess.run([sys.executable, "-c", wrapper, *command], cwd=cwd, text=True,
                          capture_output=True, check=True)
    status, seconds, megabytes = done.stdout.split()[-3:]
    if int(status) != 0:
        return None, done.stderr.strip().splitlines()[:1]
    return (float(seconds), float(megabytes)), []


def scale_sim_gemv(folder, work):
    """SCALE-Sim on a 128 x 128 weight-stationary array with 1 MB of SRAM each."""
    (work / "gemv.csv").write_text(f"Layer, M, N, K,\ngemv, 1, {SIZE}, {SIZE},\n")
    config = (Path(folder) / "configs" / "scale.cfg").read_text().splitlines()
    values = {"ArrayHeight": 128, "ArrayWidth": 128, "IfmapSramSzkB": 1024, "FilterSramSzkB": 1024,
              "OfmapSramSzkB": 1024}
    lines = []
    for line in config:
        key = line.split(":")[0].strip()
        lines.append(f"{key}: {values[key]}" if key in values else line)
    (work / "gemv.cfg").write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "scalesim.scale", "-c", str(work / "gemv.cfg"),
               "-t", str(work / "gemv.csv"), "-p", str(work / "out"), "-i", "gemm"]
    return measure(command, cwd=folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lutsim", default=str(ROOT / "build/release/lutsim"))
    parser.add_argument("--scale-sim", help="checkout of SCALE-Sim v3")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        trace = work / "gemv.json"
        trace.write_text(json.dumps(gemv_trace()))
        (work / "gemv.yaml").write_text(f"schema: lutsim.workload/1\ntrace: {trace}\n")
        rows = [("GEMV 4096 x 4096", ["--workload", str(work / "gemv.yaml")], None), *RUNS]
        reference = None
        if options.scale_sim:
            result, problem = scale_sim_gemv(options.scale_sim, work)
            if result is None:
                sys.exit(f"SCALE-Sim failed: {problem}")
            reference = result[0]
            print(f"{'SCALE-Sim v3, GEMV 4096 x 4096':<36} {result[0]:8.2f} s {result[1]:8.0f} MB")
        for name, run, target in rows:
            result, problem = measure([options.lutsim, "run", "--gpu", "", "--json", *run])
            if result is None:
                print(f"{name:<36} failed: {' '.join(problem)}")
                continue
            seconds, megabytes = result
            line = f"{name:<36} {seconds:8.2f} s {megabytes:8.0f} MB"
            if reference:
                line += f"   {reference / seconds:8.1f} times as fast as SCALE-Sim's GEMV"
            if target:
                met = seconds <= target[0] and megabytes <= target[1]
                line += f"   target {target[0]} s, {target[1]} MB: {'met' if met else 'MISSED'}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
