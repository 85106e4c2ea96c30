# SPDX-License-Identifier: Apache-2.0
"""Training text: the King James Bible as packaged by Debian.

The text sits in a compiled data file of `bible-kjv-text`; the `bible` reader of
`bible-kjv` prints it. One chapter becomes one document: its verses joined by
single spaces into flowing text, without numbers or headings.
"""

import subprocess
from dataclasses import dataclass

SEPARATOR = "<|endoftext|>"  # on a line of its own, between two documents of a file
HELD_OUT_STRIDE = 40  # every 40th chapter is held out of training
CALIBRATION_STRIDE = 80  # every 80th chapter, never a held-out one, calibrates
CHAPTERS = 1189


@dataclass(frozen=True)
class Chapter:
    """One document. `verses` are non-empty strings without surrounding space."""

    title: str
    verses: tuple

    @property
    def text(self):
        return " ".join(self.verses)


def read_chapters():
    """All chapters, Genesis 1 to Revelation 22, as printed by `bible`."""
    # A line width far above the longest verse: one verse is one line.
    command = ["bible", "-l9999", "ge1:1-rev22:21"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    chapters = []
    title, verses = None, []
    for line in output.splitlines() + ["end"]:
        if line.startswith("  "):
            _number, text = line.split(maxsplit=1)
            verses.append(text.strip())
        elif line.strip():  # the heading of the next chapter
            if title is not None:
                chapters.append(Chapter(title, tuple(verses)))
            title, verses = line.strip(), []
    if len(chapters) != CHAPTERS:
        raise RuntimeError(f"expected {CHAPTERS} chapters, `bible` printed {len(chapters)}")
    return chapters


def split(chapters):
    """(training, held-out, calibration) chapters; calibration is a part of training."""
    held_out = chapters[HELD_OUT_STRIDE - 1 :: HELD_OUT_STRIDE]
    training = [c for c in chapters if c not in held_out]
    calibration = chapters[HELD_OUT_STRIDE // 2 :: CALIBRATION_STRIDE]
    assert not set(calibration) & set(held_out)
    return training, held_out, calibration


def join_documents(texts):
    """Contents of a document file: each text ends its line, separators in between."""
    return f"\n{SEPARATOR}\n".join(texts) + "\n"


def split_documents(contents):
    """Inverse of `join_documents`."""
    return contents[:-1].split(f"\n{SEPARATOR}\n")


def package_version(package="bible-kjv-text"):
    """Debian version of the text, for the provenance record."""
    command = ["dpkg-query", "-W", "-f", "${Version}", package]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
