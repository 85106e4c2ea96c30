# SPDX-License-Identifier: Apache-2.0
"""lutsim figure, every figure of its list: numbers from runs, bytes that repeat, fonts, widths, refusals.

Usage: figure_test.py LUTSIM [unittest options]; LUTSIM_PYTHON names a Python with matplotlib.
"""
import csv
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

LUTSIM = None
SCRIPTS = pathlib.Path(__file__).resolve().parents[3] / "tools" / "figure" / "scripts"
KINDS = ("csv", "pdf", "svg", "png")
POINTS_PER_INCH, PNG_DPI = 72, 300
SWEEP = """key,fidelity,status,feasible,front,engine,energy_j.total,energy_j.total.low,energy_j.total.high,time_s.total,reason
a,event,ok,true,true,lut-i,1,0.8,1.5,4,
b,event,ok,true,true,fp,2,1.5,3,2,
c,event,ok,true,false,fp,3,2,4,3,
d,event,ok,false,false,lut-i,0.5,0.4,0.6,1,"too large, alas"
e,event,refused,false,false,lut-i,,,,,no room
"""


def lutsim(*arguments, **environment):
    return subprocess.run([LUTSIM, "figure", *map(str, arguments)], text=True, capture_output=True, check=False,
                          env={**os.environ, **environment})


def streams(pdf):
    """The objects of a PDF as text, compressed streams unpacked."""
    text = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text.append(zlib.decompress(found.group(1)))
        except zlib.error:
            pass
    return b"\n".join(text)


def rows_of(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        (cls.folder / "sweep.csv").write_text(SWEEP)
        cls.names = [figure["name"] for figure in json.loads(lutsim("--list", "--json").stdout)]
        cls.options = ["--quick", "--model", "opt-125m", "--sweep", cls.folder / "sweep.csv", "--series", "engine",
                       "--cache", cls.folder / "cache", "--width", "ieee-column"]
        done = lutsim(*cls.names, *cls.options, "--out", cls.folder / "first")
        assert done.returncode == 0, done.stderr

    def bytes_of(self, folder, name, kind):
        return (self.folder / folder / f"{name}.{kind}").read_bytes()

    def test_there_are_nine_and_each_has_its_script(self):
        self.assertEqual(len(self.names), 9)
        self.assertEqual({path.stem for path in SCRIPTS.glob("*.py")}, {*self.names, "style"})

    def test_a_drawing_repeats_byte_by_byte_from_its_csv_alone(self):
        python = os.environ.get("LUTSIM_PYTHON", sys.executable)
        for name in self.names:
            data = self.folder / "first" / f"{name}.csv"
            done = lutsim(name, "--data", data, "--width", "3.5in", "--out", self.folder / "second")
            self.assertEqual(done.returncode, 0, done.stderr)
            stem = self.folder / f"by-hand-{name}"
            subprocess.run([python, SCRIPTS / f"{name}.py", data, stem, "--width", "3.5"], check=True,
                           env={**os.environ, "SOURCE_DATE_EPOCH": "1"})
            for kind in KINDS:
                self.assertEqual(self.bytes_of("first", name, kind), self.bytes_of("second", name, kind), (name, kind))
                if kind != "csv":
                    self.assertEqual(self.bytes_of("first", name, kind),
                                     pathlib.Path(f"{stem}.{kind}").read_bytes(), (name, kind))

    def test_runs_are_kept_so_that_the_numbers_come_again_without_simulating(self):
        kept = sorted((path.name, path.stat().st_mtime_ns) for path in (self.folder / "cache").iterdir())
        done = lutsim("engines", "energy", "timeline", *self.options, "--out", self.folder / "third")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(kept, sorted((path.name, path.stat().st_mtime_ns)
                                      for path in (self.folder / "cache").iterdir()))
        for name in ("engines", "energy", "timeline"):
            self.assertEqual(rows_of(self.folder / "first" / f"{name}.csv"),
                             rows_of(self.folder / "third" / f"{name}.csv"))

    def test_fonts_in_a_pdf_are_truetype(self):
        for name in self.names:
            pdf = streams(self.bytes_of("first", name, "pdf"))
            self.assertIn(b"/FontFile2", pdf, name)
            self.assertNotIn(b"/Type3", pdf, name)

    def test_the_width_is_what_was_asked_for(self):
        for name in self.names:
            box = re.search(rb"/MediaBox \[ *0 0 ([0-9.]+)", self.bytes_of("first", name, "pdf"))
            self.assertAlmostEqual(float(box.group(1)), 3.5 * POINTS_PER_INCH, delta=0.01)
            svg = re.search(rb'<svg [^>]*width="([0-9.]+)pt"', self.bytes_of("first", name, "svg"))
            self.assertAlmostEqual(float(svg.group(1)), 3.5 * POINTS_PER_INCH, delta=0.01)
            png = self.bytes_of("first", name, "png")
            self.assertEqual(struct.unpack(">I", png[16:20])[0], round(3.5 * PNG_DPI))

    def test_no_file_says_when_it_was_made(self):
        for name in self.names:
            self.assertNotIn(b"/CreationDate", self.bytes_of("first", name, "pdf"))
            self.assertNotIn(b"<dc:date>", self.bytes_of("first", name, "svg"))

    def test_a_csv_says_what_made_it_and_has_every_interval_around_its_value(self):
        checked = 0
        for name in self.names:
            lines = (self.folder / "first" / f"{name}.csv").read_text().splitlines()
            self.assertEqual(lines[0], "# SPDX-License-Identifier: Apache-2.0")
            self.assertRegex(lines[1], r"^# lutsim \d+\.\d+\.\d+: lutsim figure ")
            for row in rows_of(self.folder / "first" / f"{name}.csv"):
                for column in row:
                    if column + "_low" in row and row[column]:
                        low, value, high = (float(row[c]) for c in (column + "_low", column, column + "_high"))
                        self.assertLessEqual(low, value, (name, column))
                        self.assertLessEqual(value, high, (name, column))
                        checked += 1
        self.assertGreater(checked, 50)

    def test_every_ratio_names_gpu_precision_and_line(self):
        for name in ("ratio-map", "sensitivity"):
            for row in rows_of(self.folder / "first" / f"{name}.csv"):
                self.assertEqual((row["gpu"], row["line"]), ("h100-sxm", "served"))
                self.assertIn(row["precision"], ("fp16", "int4"))

    def test_parts_add_up_to_their_total(self):
        for name, column, key in (("energy", "energy_mj_per_token", "batch"), ("area", "area_mm2", "engine")):
            sums, totals = {}, {}
            for row in rows_of(self.folder / "first" / f"{name}.csv"):
                if row["part"] == "total":
                    totals[row[key]] = float(row[column])
                elif row["part"] != "matrix" or name == "energy":
                    sums[row[key]] = sums.get(row[key], 0) + float(row[column])
            self.assertEqual(sums.keys(), totals.keys())
            for group, total in totals.items():
                self.assertAlmostEqual(sums[group] / total, 1, places=9)

    def test_what_is_simulated_stays_under_its_roofs(self):
        for row in rows_of(self.folder / "first" / "roofline.csv"):
            memory = float(row["operations_per_byte"]) * float(row["memory_gb_per_s"]) / 1e3
            self.assertLess(float(row["tera_operations_per_s"]), memory)

    def test_the_map_agrees_with_a_run(self):
        done = subprocess.run([LUTSIM, "run", "--arch", "lpddr-chip", "--model", "opt-125m", "--batch", "4",
                               "--cached-tokens", "511", "--gpu", "h100-sxm", "--json"], text=True,
                              capture_output=True, check=True)
        ratios = {gpu["precision"]: gpu["comparison"]["power_efficiency_ratio"]
                  for gpu in json.loads(done.stdout)["gpus"] if gpu["line"] == "served"}
        cells = [row for row in rows_of(self.folder / "first" / "ratio-map.csv")
                 if (row["batch"], row["context"]) == ("4", "512")]
        self.assertEqual({row["precision"] for row in cells}, set(ratios))
        for row in cells:
            self.assertAlmostEqual(float(row["ratio"]) / ratios[row["precision"]], 1, places=12)

    def test_the_front_of_a_sweep_leaves_out_what_is_dominated_or_infeasible(self):
        rows = rows_of(self.folder / "first" / "sweep-front.csv")
        self.assertEqual([(row["energy_j.total"], row["front"], row["feasible"]) for row in rows],
                         [("1", "true", "true"), ("2", "true", "true"), ("3", "false", "true"),
                          ("0.5", "false", "false")])
        self.assertEqual((rows[0]["energy_j.total_low"], rows[0]["energy_j.total_high"]), ("0.8", "1.5"))
        done = lutsim("sweep-front", "--sweep", self.folder / "sweep.csv", "--x", "energy_j.total:more", "--out",
                      self.folder / "more")
        self.assertEqual(done.returncode, 0, done.stderr)
        more = rows_of(self.folder / "more" / "sweep-front.csv")
        self.assertEqual([row["front"] for row in more], ["false", "true", "true", "false"])

    def refused(self, message, *arguments, **environment):
        out = self.folder / "refused"
        done = lutsim(*arguments, "--out", out, **environment)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn(message, done.stderr)
        self.assertFalse(out.exists())

    def test_wrong_input_is_refused_and_nothing_is_written(self):
        self.refused("did you mean 'energy'", "enery")
        self.refused("no figure is named")
        self.refused("acm-column", "area", "--width", "acm-colum")
        self.refused("between 1in and 20in", "area", "--width", "0.5in")
        self.refused("no table of a sweep", "sweep-front")
        self.refused("did you mean 'energy_j.total'", "sweep-front", "--sweep", self.folder / "sweep.csv", "--x",
                     "energy_j.totl")
        self.refused("name one", "area", "energy", "--data", self.folder / "sweep.csv")
        self.refused("no architecture", "area", "--arch", "lpddr-chp")

    def test_a_csv_without_a_column_is_refused_by_name(self):
        data = self.folder / "damaged.csv"
        data.write_text("chip,engine\na,b\n")
        self.refused("column 'weight_bits' is missing", "engines", "--data", data)

    def test_a_python_without_matplotlib_is_refused_with_what_to_install(self):
        stand_in = self.folder / "python"
        stand_in.write_text("#!/bin/sh\nexit 1\n")
        stand_in.chmod(0o755)
        self.refused("apt-get install python3-matplotlib", "area", LUTSIM_PYTHON=str(stand_in))


if __name__ == "__main__":
    LUTSIM = sys.argv.pop(1)
    unittest.main()
