#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Python client against the program, in some seconds of small runs."""
import builtins
import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "python"))
import lutsim  # noqa: E402  pylint: disable=wrong-import-position

SPACE = {
    "name": "python",
    "workload": {"model": "kjv-1m"},
    "axes": {"matrix.mu": [2, 4], "clock": ["400 MHz", "500 MHz"]},
    "objectives": [{"key": "time_s.total", "goal": "minimise"}, {"key": "energy_j.total", "goal": "minimise"}],
    "strategy": {"kind": "grid"},
}


class WithFolder(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.folder = pathlib.Path(self._folder.name)

    def tearDown(self):
        self._folder.cleanup()


class Run(WithFolder):
    def test_returns_the_result_and_opens_dotted_paths(self):
        result = lutsim.run(model="kjv-1m", set={"matrix.mu": 2, "clock": "400 MHz"}, gpus="", weight_bits=3)
        self.assertEqual(result["schema"], "lutsim.result/1")
        self.assertEqual(result["architecture.matrix.mu"], 2)
        self.assertEqual(result["architecture"]["clock"], 4e8)
        self.assertEqual(result["workload.weight_bits"], 3)
        self.assertGreater(result["time_s.total"], 0)
        self.assertNotIn("gpu", result)
        self.assertIsNone(result.get("time_s.no_such"))
        with self.assertRaises(KeyError):
            result["time_s.no_such"]  # pylint: disable=pointless-statement

    def test_keeps_the_files_and_runs_a_configuration_again(self):
        out = self.folder / "run"
        first = lutsim.run(model="kjv-1m", gpus=[], out=out)
        self.assertEqual(lutsim.load_result(out)["time_s"], first["time_s"])
        again = lutsim.run(config=out / "config.resolved.yaml")
        self.assertEqual(again["energy_j"], first["energy_j"])

    def test_a_wrong_input_is_an_error_with_its_place(self):
        with self.assertRaises(lutsim.ConfigError) as caught:
            lutsim.run(model="kjv-1m", set={"matrix.muu": 2, "vector.lanes": 0})
        first, second = caught.exception.diagnostics
        self.assertEqual((first["line"], first["column"]), (1, 8))
        self.assertEqual(first["hint"], "did you mean 'mu'?")
        self.assertIn("vector.lanes = 0 is outside 1 .. 4096", second["message"])
        self.assertEqual(caught.exception.status, 2)


class SweepTest(WithFolder):
    def test_runs_a_dict_and_loads_it_again(self):
        result = lutsim.sweep(SPACE, self.folder / "out", jobs=2)
        self.assertEqual(result.summary["counts"]["ok"], 4)
        rows = result.rows()
        self.assertEqual([r["clock_hz"] for r in rows], [4e8, 4e8, 5e8, 5e8])
        self.assertEqual([r["matrix.mu"] for r in rows], [2, 4, 2, 4])
        self.assertEqual(rows[0]["feasible"], True)
        self.assertGreater(rows[0]["energy_j.total.high"], rows[0]["energy_j.total"])
        self.assertEqual(len(result.records()), 4)
        self.assertEqual(lutsim.load(self.folder / "out").rows(), rows)
        front = {r["key"] for r in result.rows(front=True)}
        self.assertEqual(front, {p["key"] for p in result.summary["fidelities"][0]["front"]})
        # A point of the sweep is the same as a run of its own.
        config = self.folder / "point.yaml"
        config.write_text(result.config_of(rows[3]["key"]), encoding="utf-8")
        self.assertEqual(lutsim.run(config=config)["time_s.total"], rows[3]["time_s.total"])

    def test_a_table_is_a_data_frame_where_pandas_is(self):
        result = lutsim.sweep(SPACE, self.folder / "out")
        real_import = builtins.__import__

        def without_pandas(name, *arguments, **keywords):
            if name == "pandas":
                raise ImportError(name)
            return real_import(name, *arguments, **keywords)

        with mock.patch("builtins.__import__", without_pandas):
            self.assertEqual(result.table(), result.rows())
        try:
            import pandas  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("needs the Debian package python3-pandas")
        table = result.table()
        self.assertIsInstance(table, pandas.DataFrame)
        self.assertEqual(list(table["time_s.total"]), [r["time_s.total"] for r in result.rows()])

    def test_shards_are_merged(self):
        whole = lutsim.sweep(SPACE, self.folder / "whole")
        self.assertIsNone(lutsim.sweep(SPACE, self.folder / "parts", shard="1/2"))
        self.assertFalse(lutsim.merge(self.folder / "parts").summary["complete"])
        lutsim.sweep(SPACE, self.folder / "parts", shard="2/2")
        merged = lutsim.merge(self.folder / "parts")
        self.assertEqual(merged.summary, whole.summary)
        self.assertEqual(merged.records(), whole.records())

    def test_a_wrong_space_is_an_error_with_its_place(self):
        with self.assertRaises(lutsim.ConfigError) as caught:
            lutsim.sweep({**SPACE, "axes": {"matrix.muu": [2]}}, self.folder / "out")
        self.assertEqual(caught.exception.diagnostics[0]["hint"], "did you mean 'matrix.mu'?")
        self.assertIsInstance(caught.exception.diagnostics[0]["line"], int)
        self.assertFalse((self.folder / "out").exists())

    def test_a_folder_with_results_is_not_written_over(self):
        lutsim.sweep(SPACE, self.folder / "out")
        with self.assertRaises(lutsim.ConfigError):
            lutsim.sweep(SPACE, self.folder / "out")
        lutsim.sweep(SPACE, self.folder / "out", resume=True)


class AskTellTest(WithFolder):
    def space(self):
        file = self.folder / "space.yaml"
        file.write_text(lutsim.space_text({**SPACE, "strategy": {"kind": "ask-tell"}}), encoding="utf-8")
        return file

    def test_answers_points_in_their_order(self):
        with lutsim.AskTell(self.space(), self.folder / "out", jobs=2) as door:
            self.assertEqual([a["name"] for a in door.axes], ["clock", "matrix.mu"])
            self.assertEqual(door.axes[0]["values"], [4e8, 5e8])
            answers = door.evaluate_all([{"clock": 5e8, "matrix.mu": mu} for mu in (2, 4, 9, 2)])
            self.assertEqual([a["id"] for a in answers], [0, 1, 2, 3])
            self.assertEqual([a["status"] for a in answers], ["ok", "ok", "error", "ok"])
            self.assertEqual(answers[0]["objectives"], answers[3]["objectives"])
            # More than lie in a pipe at once.
            many = door.evaluate_all([{"clock": 5e8, "matrix.mu": 2}] * 100)
            self.assertEqual([a["id"] for a in many], list(range(4, 104)))
            result = door.close()
        self.assertEqual(result.summary["counts"]["records"], 2)
        alone = lutsim.run(model="kjv-1m", set={"matrix.mu": 4}, gpus="")
        self.assertEqual(answers[1]["objectives"]["time_s.total"], alone["time_s.total"])

    def test_a_wrong_space_is_an_error(self):
        file = self.folder / "space.yaml"
        file.write_text(json.dumps({"schema": "lutsim.sweep/1"}), encoding="utf-8")
        with self.assertRaises(lutsim.ConfigError):
            lutsim.AskTell(file, self.folder / "out")


class Program(unittest.TestCase):
    def test_is_the_one_that_the_environment_names(self):
        with mock.patch.dict(os.environ, {"LUTSIM": "/no/such"}):
            self.assertEqual(lutsim.program(), "/no/such")
        self.assertRegex(lutsim.version(), r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()
