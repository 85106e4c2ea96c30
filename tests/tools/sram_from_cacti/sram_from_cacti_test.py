# SPDX-License-Identifier: Apache-2.0
"""tools/sram_from_cacti: numbers and units of a good report, and every way in which CACTI fails with exit status 0."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOOL = HERE.parents[2] / "tools" / "sram_from_cacti"


class SramFromCacti(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.cacti = self.folder / "cacti"
        shutil.copy(HERE / "stand_in_cacti", self.cacti)
        (self.folder / "tech_params").mkdir()

    def run_tool(self, *options, failure=""):
        if failure:
            (self.folder / "failure").write_text(failure)
        return subprocess.run([str(TOOL), "--cacti", str(self.cacti), *options], text=True, capture_output=True,
                              check=False)

    def refused(self, failure, message):
        done = self.run_tool(failure=failure)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn(message, done.stderr)
        self.assertIn("8192 B with a port of 512 bit, itrs-lop", done.stderr)

    def entry(self, text, name):
        block = re.search(rf"  - name: {re.escape(name)}\n((?:    .*\n)+)", text).group(1)
        return dict(re.findall(r"^    (\w+): \"?(.*?)\"?$", block, re.MULTILINE))

    def test_entries_are_for_a_bit_a_kib_and_a_bit_of_area(self):
        done = self.run_tool()
        self.assertEqual(done.returncode, 0, done.stderr)
        read = self.entry(done.stdout, "sram_read_bit")
        self.assertEqual((read["value"], read["low"], read["high"]), ("10 fJ", "5 fJ", "20 fJ"))
        self.assertEqual(self.entry(done.stdout, "psum_write_bit")["value"], "20 fJ")
        self.assertEqual(self.entry(done.stdout, "static.sram_kib")["value"], "188 uW")  # 1.5 mW / 8 KiB
        self.assertEqual(self.entry(done.stdout, "area.sram_bit")["value"], "0.5 um2")
        self.assertEqual(read["shares"], "sram-28nm")
        self.assertNotIn("shares", self.entry(done.stdout, "area.sram_bit"))

    def test_the_source_names_version_memory_and_command(self):
        source = self.entry(self.run_tool("--node", "32", "--bank", "4096,64").stdout, "sram_read_bit")["source"]
        for part in ("version 7.0 stand-in", "32 nm", "4096 B with a port of 64 bit", "itrs-lop", "SHA-256",
                     "sram_from_cacti --cacti cacti --node 32 --bank 4096,64"):
            self.assertIn(part, source)
        self.assertNotIn(str(self.folder), source)

    def test_one_kind_of_cell_has_no_range(self):
        read = self.entry(self.run_tool("--cells", "itrs-hp").stdout, "sram_read_bit")
        self.assertEqual((read["value"], read["low"], read["high"]), ("20 fJ",) * 3)

    def test_a_report_that_ends_early_is_refused_with_its_last_line(self):
        self.refused("header", "Invalid technology nodes")

    def test_a_missing_number_is_refused(self):
        self.refused("missing", "lacks 'Total dynamic write energy per access (nJ)'")

    def test_a_number_that_is_none_is_refused(self):
        self.refused("nan", "'Total dynamic read energy per access (nJ)' is -nan")

    def test_zero_is_refused(self):
        self.refused("zero", "is 0, which cannot be")

    def test_another_memory_is_refused(self):
        self.refused("other-size", "is 16384, asked for 8192")

    def test_an_exit_status_is_refused(self):
        self.refused("status", "exit status 1")

    def test_it_runs_in_its_own_folder(self):
        (self.folder / "tech_params").rmdir()  # the stand-in then says nothing, as CACTI elsewhere
        self.refused("", "ends before any result")

    def test_wrong_options_are_named(self):
        for options, message in ((["--node", "16"], "below 22 nm"), (["--cells", "hp"], "'hp' is not one of"),
                                 (["--bank", "8192,12"], "BYTES,PORT_BITS")):
            done = self.run_tool(*options)
            self.assertEqual(done.returncode, 2)
            self.assertIn(message, done.stderr)
        self.cacti.unlink()
        self.assertIn("does not exist", self.run_tool().stderr)


if __name__ == "__main__":
    unittest.main()
