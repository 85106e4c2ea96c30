#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`lutsim sweep` from end to end, on small models."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "python"))
import lutsim  # noqa: E402  pylint: disable=wrong-import-position

TIME, ENERGY, AREA = "time_s.total", "energy_j.total", "area_mm2.total"
BAD_INPUT, POINTS_FAILED, INTERRUPTED = 2, 4, 130


def space(axes, model="kjv-1m", strategy=None, **more):
    return {"name": "test", "workload": {"model": model}, "axes": axes,
            "objectives": [{"key": TIME, "goal": "minimise"}, {"key": AREA, "goal": "minimise"}],
            "strategy": strategy or {"kind": "grid"}, **more}


class SweepCommand(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.folder = pathlib.Path(self._folder.name)
        self.out = self.folder / "out"

    def tearDown(self):
        self._folder.cleanup()

    def write(self, what):
        file = self.folder / "space.yaml"
        file.write_text(lutsim.space_text(what), encoding="utf-8")
        return file

    def call(self, *arguments):
        return subprocess.run([lutsim.program(), "sweep", *map(str, arguments)], capture_output=True, text=True,
                              check=False)

    def test_a_bound_lies_below_what_is_simulated(self):
        axes = {"batch": [1, 4], "weight_bits": ["2 bit", "4 bit"], "memory.channels": [4, 16],
                "kv_bits": ["16 bit", "8 bit"]}
        for model in ("opt-125m", "kjv-1m"):
            for more in ({}, {"prompt_tokens": 24, "generate_tokens": 2}):
                if model == "kjv-1m" and not more:
                    continue
                what = space({**axes, "batch": [1]} if model == "kjv-1m" else axes, model)
                what["workload"].update(more)
                out = {}
                for fidelity in ("bound", "event"):
                    sweep = lutsim.sweep({**what, "fidelity": fidelity}, self.folder / f"{model}{len(more)}{fidelity}")
                    out[fidelity] = {json.dumps(r["point"]): r["metrics"] for r in sweep.records()}
                self.assertEqual(out["bound"].keys(), out["event"].keys())
                for point, bound in out["bound"].items():
                    event = out["event"][point]
                    self.assertLessEqual(bound[TIME], event[TIME], (model, point))
                    self.assertLessEqual(bound[ENERGY], event[ENERGY], (model, point))
                    self.assertGreaterEqual(bound["efficiency.tokens_per_j"], event["efficiency.tokens_per_j"])
                    self.assertEqual(bound[AREA], event[AREA])
                    self.assertEqual(bound["workload.generated_tokens"], event["workload.generated_tokens"])
                    # A bound that is far from everything would be of no use.
                    if not more:
                        self.assertGreater(bound[TIME], event[TIME] / 4, (model, point))

    def test_quality_is_a_metric_at_every_fidelity(self):
        what = space({"weight_bits": ["2 bit", "4 bit"]})
        what["workload"].update({"quality_text": str(ROOT / "workloads/embedded/held_out.txt"), "quality_items": 2})
        what["objectives"] = [{"key": "quality.nll_per_token", "goal": "minimise"},
                              {"key": "energy_j.total", "goal": "minimise"}]
        event = lutsim.sweep(what, self.folder / "event").records()
        bound = lutsim.sweep({**what, "fidelity": "bound"}, self.folder / "bound").records()
        losses = {r["point"]: r["metrics"]["quality.nll_per_token"] for r in
                  ({**r, "point": json.dumps(r["point"])} for r in event)}
        self.assertEqual(len(set(losses.values())), 2)
        for record in bound:
            self.assertEqual(record["metrics"]["quality.nll_per_token"], losses[json.dumps(record["point"])])
        few, many = sorted(event, key=lambda r: r["point"]["weight_bits"])
        self.assertGreater(few["metrics"]["quality.nll_per_token"], many["metrics"]["quality.nll_per_token"])
        # Another text is another point.
        what["workload"]["quality_items"] = 1
        other = lutsim.sweep(what, self.folder / "other").records()
        self.assertTrue({r["key"] for r in other}.isdisjoint({r["key"] for r in event}))

    def test_a_record_is_what_a_run_says(self):
        sweep = lutsim.sweep(space({"matrix.mu": [2], "clock": ["400 MHz"]}, gpus="a100-80gb"), self.out)
        record = sweep.records()[0]
        run = lutsim.run(model="kjv-1m", set={"matrix.mu": 2, "clock": "400 MHz"}, gpus="a100-80gb")
        for key, value in record["metrics"].items():
            self.assertEqual(value, run[key], key)
        for key in ("comparison.power_efficiency_ratio", TIME, ENERGY, AREA, "power_w.peak"):
            self.assertIn(key, record["metrics"])
        self.assertEqual(record["intervals"][ENERGY], run["energy_interval_j"])
        self.assertEqual(record["intervals"]["comparison.power_efficiency_ratio"], run["comparison.interval"])
        constants = {c["name"]: c for c in sweep.summary["constants"]}
        energy = sum(amount * constants[name]["value"] for name, amount in record["amounts"].items())
        self.assertAlmostEqual(energy / record["metrics"][ENERGY], 1, places=9)
        for constant in run["provenance.constants"]:
            self.assertEqual(constants[constant["name"]]["source"], constant["source"])

    def test_the_best_points_run_on_the_verilated_unit(self):
        done = self.call(ROOT / "tools" / "sweep" / "examples" / "closer.yaml", "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        by_fidelity = {}
        for record in lutsim.load(self.out).records():
            by_fidelity.setdefault(record["fidelity"], {})[json.dumps(record["point"])] = record
        self.assertEqual({f: len(r) for f, r in by_fidelity.items()}, {"bound": 30, "event": 8, "rtl": 2})
        for point, record in by_fidelity["rtl"].items():
            self.assertEqual(record["status"], "ok", record["reason"])
            self.assertEqual(record["metrics"]["golden.mismatches"], 0)
            self.assertGreater(record["metrics"]["golden.tensors"], 0)
            self.assertEqual(record["metrics"][TIME], by_fidelity["event"][point]["metrics"][TIME])

    def test_a_wrong_space_has_status_2_and_leaves_nothing(self):
        done = self.call(self.write(space({"matrix.muu": [2]}, constraints=["area_mm2.totl < 3"])), "--out", self.out)
        self.assertEqual(done.returncode, BAD_INPUT)
        self.assertEqual(done.stdout, "")
        self.assertIn("did you mean 'matrix.mu'?", done.stderr)
        self.assertIn("did you mean 'area_mm2.total'?", done.stderr)
        self.assertFalse(self.out.exists())

    def test_only_a_folder_of_results_is_reused(self):
        done = self.call(self.write(space({"matrix.mu": [2]})), "--out", self.out, "--reuse", self.folder / "none")
        self.assertEqual(done.returncode, BAD_INPUT)
        self.assertIn("holds no results of a sweep", done.stderr)
        self.assertFalse(self.out.exists())

    def test_a_run_that_is_refused_says_why(self):
        sweep = lutsim.sweep(space({"group_size": [64, 1024]}, "opt-125m"), self.out)  # K = 768
        refused = [r for r in sweep.records() if r["status"] == "refused"]
        self.assertEqual([r["point"] for r in refused], [{"group_size": 1024}])
        self.assertIn("larger than the smallest K = 768", refused[0]["reason"])

    def test_points_that_fail_have_status_4(self):
        done = self.call(self.write(space({"matrix.mu": [2, 4]}, "llama-2-7b", limits={"time": "100 ms"})),
                         "--out", self.out, "--json")
        self.assertEqual(done.returncode, POINTS_FAILED)
        summary = json.loads(done.stdout)
        self.assertEqual([f["reason"] for f in summary["failures"]], ["time: killed after 0.1 s"] * 2)

    def test_a_merge_without_all_shards_has_status_4(self):
        file = self.write(space({"matrix.mu": [2, 4]}))
        self.assertEqual(self.call(file, "--shard", "1/2", "--out", self.out).returncode, 0)
        self.assertEqual(self.call("--merge", self.out).returncode, POINTS_FAILED)
        self.assertEqual(self.call(file, "--shard", "2/2", "--out", self.out).returncode, 0)
        self.assertEqual(self.call("--merge", self.out).returncode, 0)

    def test_ctrl_c_keeps_the_results(self):
        file = self.write(space({"matrix.mu": [2, 3, 4, 5], "memory.channels": [1, 2, 4, 8, 16]}, "opt-125m"))
        results = self.out / "results-1-of-1.jsonl"
        with subprocess.Popen([lutsim.program(), "sweep", str(file), "--out", str(self.out), "--jobs", "2"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            while not (results.exists() and results.read_bytes().count(b"\n")):
                self.assertIsNone(process.poll())
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGINT)
            text = process.stderr.read()
            self.assertEqual(process.wait(), INTERRUPTED)
        self.assertIn("finishing the running points", text)
        kept = len(results.read_text(encoding="utf-8").splitlines())
        self.assertLess(kept, 20)
        self.assertEqual(len(lutsim.load(self.out).records()), kept)
        done = self.call(file, "--out", self.out, "--resume")
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"{20 - kept} points run, {kept} found", done.stderr)

    def test_without_slurm_a_cluster_is_refused(self):
        file = self.write(space({"matrix.mu": [2]}))
        for cluster, message in (("slurm", "there is no sbatch in PATH"), ("lsf", "'lsf' is not one of: slurm")):
            done = subprocess.run([lutsim.program(), "sweep", file, "--cluster", cluster, "--out", self.out],
                                  capture_output=True, text=True, check=False, env={"PATH": str(self.folder)})
            self.assertEqual(done.returncode, BAD_INPUT)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
