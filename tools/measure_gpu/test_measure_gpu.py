# SPDX-License-Identifier: Apache-2.0
"""Tests of everything that needs no GPU: python3 -m unittest, in this folder.

The decoder's tests need PyTorch, those of the comparison NumPy; they are skipped without it.
"""

import tempfile
import unittest
from pathlib import Path

from measure_gpu import ROOT, depths
from plan import Budget, Task, run, tasks
from records import COLUMNS, Records, read_table
from samples import average_power, quantile, quartiles
from shapes import gemm_bytes, read_shapes
from sheet import PARTS, read_sheet

try:
    import torch
except ImportError:
    torch = None

try:
    import compare
    import modelled
except ImportError:
    compare = None

SHAPES = read_shapes(ROOT / "workloads" / "llm" / "models.csv")
SHEETS = ROOT / "models" / "hardware" / "gpu"


class ShapesTest(unittest.TestCase):

    def test_matrices_of_grouped_and_plain_models(self):
        self.assertEqual(SHAPES["Llama-3.1-8B"].matrices(), {
            "qkv": (6144, 4096), "o": (4096, 4096), "gate_up": (28672, 4096),
            "down": (4096, 14336)})
        self.assertEqual(SHAPES["OPT-30b"].matrices()["up"], (28672, 7168))

    def test_weights_are_the_parameters_of_the_model(self):
        # models.csv counts 8.029995e9 parameters; a step reads all but the embedding table.
        s = SHAPES["Llama-3.1-8B"]
        norms = (2 * s.layers + 1) * s.hidden
        parameters = s.weight_bytes() / 2 + s.hidden * s.vocab + norms
        self.assertAlmostEqual(parameters * 1e-9, 8.029995, delta=0.0003)

    def test_int4_stores_four_and_a_quarter_bits(self):
        self.assertEqual(gemm_bytes("int4", 1, 4096, 4096)[0], 4096 * 4096 * 4.25 / 8)

    def test_cache_of_a_step(self):
        self.assertEqual(SHAPES["Llama-2-7b-hf"].cache_bytes(2, 512), 2 * 512 * 524288)


class SheetTest(unittest.TestCase):

    def test_every_part_has_a_data_sheet(self):
        for name in PARTS.values():
            sheet = read_sheet(SHEETS, name)
            self.assertGreater(sheet.bandwidth, 1e11)
            self.assertGreater(sheet.peak("fp16"), 1e13)

    def test_points_that_beat_physics_are_flagged(self):
        h100 = read_sheet(SHEETS, "h100-sxm")
        self.assertEqual(h100.flags(1e-3, 3.34e9, 0, "fp16"), "")
        self.assertEqual(h100.flags(1e-3, 3.36e9, 0, "fp16"), "faster_than_memory")
        self.assertEqual(h100.flags(1e-3, 0, 9.9e11, "bf16"), "faster_than_peak")
        self.assertEqual(h100.flags(1e-3, 0, 9.9e11, "fp8"), "")


class SamplesTest(unittest.TestCase):

    def test_quartiles_interpolate(self):
        self.assertEqual(quartiles([4, 1, 3, 2, 5]), (2, 3, 4))
        self.assertEqual(quantile([1, 2], 0.5), 1.5)
        self.assertEqual(quantile([7], 0.75), 7)

    def test_power_of_a_staircase_is_its_slope(self):
        # 300 W; the counter moves every 0.1 s, readings come every 0.02 s and start off a step.
        readings = [(0.013 + 0.02 * i, 300 * int((0.013 + 0.02 * i) / 0.1) * 0.1)
                    for i in range(250)]
        watts, window = average_power(readings)
        self.assertAlmostEqual(watts, 300, delta=2)
        self.assertGreater(window, 4.5)

    def test_a_counter_that_stands_has_no_power(self):
        self.assertIsNone(average_power([(0.1 * i, 5.0) for i in range(50)]))
        self.assertIsNone(average_power([]))


class PlanTest(unittest.TestCase):

    def test_short_runs_measure_small_models_first(self):
        names = [task.name() for task in tasks()]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(names[1].startswith("decode Llama-3.1-8B fp16 1 512"))
        first_large = next(i for i, n in enumerate(names) if n.startswith("decode Qwen"))
        self.assertLess(names.index("decode Llama-2-7b-hf fp16 32 2048 None 5.0"), first_large)

    def test_a_model_is_built_as_deep_as_its_deepest_task(self):
        found = depths(tasks(), SHAPES)
        self.assertEqual(found["Llama-3.1-70B", "fp16"], 32)
        self.assertEqual(found["Llama-2-7b-hf", "int4"], 32)

    def test_a_failure_is_logged_and_the_run_goes_on(self):
        log, now = [], [0.0]
        budget = Budget(10, lambda: now[0])

        def measure(task):
            now[0] += task.seconds
            if task.kind == "bad":
                raise ValueError("broken\nsecond line")

        plan = [Task("bad", {}, 4), Task("good", {}, 4), Task("long", {}, 4), Task("short", {}, 2)]
        failures = run(plan, budget, measure, lambda *row: log.append(row))
        self.assertEqual(failures, 1)
        self.assertEqual([row[:2] for row in log], [("bad", "failed"), ("good", "done"),
                                                    ("long", "skipped"), ("short", "done")])
        self.assertEqual(log[0][2], "ValueError: broken")


class RecordsTest(unittest.TestCase):

    def test_rows_come_back_with_their_comment(self):
        with tempfile.TemporaryDirectory() as folder:
            records = Records(Path(folder), {"part": "a: b", "cuda": 13.0})
            records.add("log", second=0.5, measurement="x", outcome="done", detail="1, 2")
            records.close()
            comment, rows = read_table(Path(folder) / "log.csv")
        self.assertEqual(comment, {"part": "a: b", "cuda": "13.0"})
        self.assertEqual(rows, [{"second": "0.5", "measurement": "x", "outcome": "done",
                                 "detail": "1, 2"}])

    def test_a_missing_column_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(ValueError, "detail"):
                Records(Path(folder), {}).add("log", second=0, measurement="x", outcome="y")

    def test_column_names_are_unique(self):
        for columns in COLUMNS.values():
            self.assertEqual(len(columns), len(set(columns)))


@unittest.skipIf(compare is None, "no NumPy")
class CompareTest(unittest.TestCase):

    def row(self, measured, milliseconds, joules, batch=1):
        return {"model": "M", "format": "fp16", "batch": str(batch), "context": "512",
                "layers": "80", "layers_measured": str(measured), "median_ms": str(milliseconds),
                "joules_per_step": str(joules)}

    def test_two_depths_give_the_price_of_a_layer(self):
        # 2 ms and 1 J outside the layers, 0.5 ms and 0.25 J each.
        steps = compare.whole_steps([self.row(16, 10, 5), self.row(32, 18, 9),
                                     self.row(80, 50, 30, batch=4)])
        seconds, joules = steps["M", "fp16", 1, 512]
        self.assertAlmostEqual(seconds, 42e-3)
        self.assertAlmostEqual(joules, 21)
        self.assertEqual(steps["M", "fp16", 4, 512], (50e-3, 30))

    def test_errors_have_the_sign_of_the_model(self):
        errors = compare.Errors()
        for modelled_value in (90, 100, 130):
            errors.add(("time", "all"), modelled_value, 100)
        self.assertEqual(errors.table()[-1],
                         "| time | all | 3 | 10.0 % | -5.0 % | +0.0 % | +15.0 % |")

    def test_parameters_come_out_of_the_gpu_file(self):
        fit = modelled.Fit(SHEETS / "h100-sxm.yaml")
        self.assertAlmostEqual(fit.sheet.bandwidth, 3.35e12)
        p = fit.parameters
        moved = 1e9
        seconds = (p["elementwise.launch"] +
                   moved / (p["elementwise.bandwidth_efficiency"] * fit.sheet.bandwidth))
        self.assertAlmostEqual(fit.kernel("elementwise", activation_bytes=moved), seconds)
        self.assertLess(p["elementwise.launch"], 1e-5)

    def test_one_head_cannot_draw_the_whole_bandwidth(self):
        fit = modelled.Fit(SHEETS / "h100-sxm.yaml")
        shape = SHAPES["Llama-3.1-8B"]
        one = fit.attention("decode", shape, 1, 2048) - fit.parameters["attention.launch"]
        many = fit.attention("decode", shape, 64, 2048) - fit.parameters["attention.launch"]
        self.assertLess(many, 40 * one)


@unittest.skipIf(torch is None, "no PyTorch")
class DecoderTest(unittest.TestCase):

    def kernels(self):
        import plain
        from decoder import Kernels
        return Kernels(plain, plain.attend, torch.nn.functional.linear,
                       lambda n, k: torch.randn(n, k).to(torch.bfloat16) * k**-0.5)

    def test_attention_is_the_textbook_sum(self):
        import plain
        query, key, value = torch.randn(1, 4, 8), torch.randn(1, 5, 2, 8), torch.randn(1, 5, 2, 8)
        out = plain.attend(query, key, value).view(4, 8)
        for head in range(4):
            keys, values = key[0, :, head % 2], value[0, :, head % 2]
            share = torch.softmax(keys @ query[0, head] / 8**0.5, 0)
            self.assertTrue(torch.allclose(out[head], share @ values, atol=1e-6))

    def test_rotation_keeps_length_and_writes_one_place(self):
        import plain
        qkv = torch.randn(2, (4 + 2 * 2) * 8)
        key, value = torch.zeros(2, 5, 2, 8), torch.zeros(2, 5, 2, 8)
        turns = torch.rand(4)
        query = plain.rotate_append(qkv, turns.cos(), turns.sin(), key, value, 3, 4)
        self.assertTrue(torch.allclose(query.norm(dim=-1), qkv.view(2, 8, 8)[:, :4].norm(dim=-1)))
        self.assertTrue(torch.equal(value[:, 3], qkv.view(2, 8, 8)[:, 6:]))
        self.assertEqual(key[:, [0, 1, 2, 4]].abs().sum(), 0)

    def test_the_check_passes_a_right_decoder_and_catches_a_wrong_one(self):
        import plain
        import preflight
        torch.manual_seed(1)
        good = self.kernels()
        error = preflight.check_decoder(good, torch.bfloat16, "cpu", lambda call: call())
        self.assertLess(error, 0.05)  # BF16, two layers
        bad = self.kernels()
        bad.attend = lambda q, k, v: plain.attend(q, k.flip(2), v)
        error = preflight.check_decoder(bad, torch.bfloat16, "cpu", lambda call: call())
        self.assertGreater(error, 0.1)

    def test_a_step_writes_the_last_position_and_the_next_tokens(self):
        from decoder import Decoder
        import preflight
        decoder = Decoder(preflight.TINY, 2, self.kernels(), torch.bfloat16, "cpu")
        tokens, caches = torch.tensor([1, 2]), decoder.caches(2, 16, 2)
        before = [key.clone() for key, _ in caches]
        logits = decoder.next_tokens(tokens, caches, 16, decoder.angles(15))
        for old, (key, _) in zip(before, caches):
            self.assertTrue(torch.equal(key[:, :15], old[:, :15]))
            self.assertFalse(torch.equal(key[:, 15], old[:, 15]))
        self.assertEqual(tuple(logits.shape), (2, preflight.TINY.vocab))
        self.assertTrue(torch.equal(tokens, logits.argmax(-1)))


if __name__ == "__main__":
    unittest.main()
