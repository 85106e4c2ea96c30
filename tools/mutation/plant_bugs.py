# SPDX-License-Identifier: Apache-2.0
"""plant_bugs.py plant DESIGN.il MUTATIONS OUT.il PLANTED: puts every bug of a list into one netlist.
plant_bugs.py modules DESIGN.il TOP [CHECKED...]: the modules whose bugs are for the check of TOP to find.

A line of MUTATIONS is a command of Yosys that changes one bit at one port of a cell. Here the signal of
that port goes through a cell `lutsim_mutation` (lutsim_mutation.sv), which changes it if the bug's number
is selected. Yosys can add such a selection itself (`mutate -ctrl`), but bit by bit: the vectors that
are then driven in pieces look like combinational loops to Verilator.

PLANTED gets the commands that were planted, bug N in line N. Clock inputs are left alone: a gated clock
is a race, not a bug of the source. So are the bits of an address that are beyond its memory: constants
of 32 bits have them, the memory does not.

`modules` prints all but those that are, or are in, another module CHECKED that has a check of its own: each
bug is looked for once, where the operands that show it can be chosen.
"""

import re
import sys

# Widths of the ports of Yosys' cells: parameters that are multiplied.
WIDTHS = {
    "$mux": {"A": ["WIDTH"], "B": ["WIDTH"], "S": [], "Y": ["WIDTH"]},
    "$pmux": {"A": ["WIDTH"], "B": ["WIDTH", "S_WIDTH"], "S": ["S_WIDTH"], "Y": ["WIDTH"]},
    "$dff": {"D": ["WIDTH"], "Q": ["WIDTH"]},
    "$dffe": {"D": ["WIDTH"], "Q": ["WIDTH"], "EN": []},
    "$sdff": {"D": ["WIDTH"], "Q": ["WIDTH"], "SRST": []},
    "$memrd": {"ADDR": ["ABITS"], "DATA": ["WIDTH"]},
    "$memrd_v2": {"ADDR": ["ABITS"], "DATA": ["WIDTH"]},
    "$memwr": {"ADDR": ["ABITS"], "DATA": ["WIDTH"], "EN": ["WIDTH"]},
    "$memwr_v2": {"ADDR": ["ABITS"], "DATA": ["WIDTH"], "EN": ["WIDTH"]},
}
OUTPUTS = {"Y", "Q"}
MODES = {"inv": 0, "const0": 1, "const1": 2, "cnot0": 3, "cnot1": 4}


class Cell:
    def __init__(self, kind, lines):
        self.kind = kind
        self.lines = lines  # between "cell" and "end"

    def parameter(self, name):
        for line in self.lines:
            match = re.match(r"\s*parameter (?:signed )?\\(\S+) (\S+)$", line)
            if match and match.group(1) == name:
                value = match.group(2)
                return int(value.split("'")[1], 2) if "'" in value else int(value)
        return None

    def text(self, name):
        """A parameter that is a name."""
        for line in self.lines:
            words = line.split()
            if words[:2] == ["parameter", "\\" + name]:
                return words[2].strip('"').replace("\\\\", "\\")
        return None

    def connection(self, port):
        """Index of the line that connects a port."""
        for index, line in enumerate(self.lines):
            if line.split()[:2] == ["connect", "\\" + port]:
                return index
        return None


class Module:
    def __init__(self):
        self.lines = []  # text, and Cell objects in their places
        self.body = 0  # index of the first line behind the header
        self.cells = {}
        self.ports = {}  # name: (width, direction)
        self.memories = {}  # name: words


def read_design(path):
    modules, module, cell = {}, None, None
    preamble = []
    with open(path) as stream:
        for line in stream.read().splitlines():
            words = line.split()
            if module is None:
                if words[:1] == ["module"]:
                    module = modules[words[1]] = Module()
                    module.lines = preamble + [line]
                    module.body = len(module.lines)
                    preamble = []
                else:
                    preamble.append(line)
            elif cell is not None:
                if words == ["end"]:
                    cell = None
                else:
                    cell.lines.append(line)
            elif words[:1] == ["cell"]:
                cell = module.cells[words[2]] = Cell(words[1], [])
                module.lines += [line, cell, "  end"]
            else:
                module.lines.append(line)
                if words[:1] == ["wire"] and ("input" in words or "output" in words):
                    width = int(words[words.index("width") + 1]) if "width" in words else 1
                    direction = "output" if "output" in words else "input"
                    module.ports[words[-1][1:]] = (width, direction)
                if words[:1] == ["memory"]:
                    module.memories[words[-1]] = int(words[words.index("size") + 1])
                if line == "end":
                    module = None
    return modules


def is_beyond_memory(module, cell, port, bit):
    if port != "ADDR":
        return False
    return 2**bit >= module.memories[cell.text("MEMID")]


def width_and_direction(modules, cell, port):
    """None if that port cannot be mutated."""
    if cell.kind in modules:
        return modules[cell.kind].ports[port]
    if cell.kind in WIDTHS:
        if port not in WIDTHS[cell.kind]:
            return None
        width = 1
        for name in WIDTHS[cell.kind][port]:
            width *= cell.parameter(name)
    else:
        width = cell.parameter(port + "_WIDTH")
        if width is None:
            return None
    read = cell.kind.startswith("$memrd") and port == "DATA"
    return width, "output" if port in OUTPUTS or read else "input"


def plant(modules, command, number):
    """Whether the bug could be planted."""
    words = command.split()
    option = {words[i]: words[i + 1] for i in range(1, len(words) - 1) if words[i][0] == "-"}
    names = [name for name in modules if name.lstrip("\\") == option["-module"].lstrip("\\")]
    module = modules[names[0]]
    names = [name for name in module.cells if name.lstrip("\\") == option["-cell"].lstrip("\\")]
    cell = module.cells[names[0]]
    port = option["-port"]
    found = width_and_direction(modules, cell, port)
    if found is None or is_beyond_memory(module, cell, port, int(option["-portbit"])):
        return False
    width, direction = found
    at = cell.connection(port)
    signal = cell.lines[at].split(None, 2)[2]
    wire = "$mutant$%d" % number
    cell.lines[at] = "    connect \\%s %s" % (port, wire)
    before, after = (wire, signal) if direction == "output" else (signal, wire)
    # A wire stands before the cells that use it.
    module.lines.insert(module.body, "  wire width %d %s" % (width, wire))
    module.lines[-1:] = [
        "  cell \\lutsim_mutation $mutation$%d" % number,
        "    parameter \\Number %d" % number,
        "    parameter \\Mode %d" % MODES[option["-mode"]],
        "    parameter \\Width %d" % width,
        "    parameter \\Bit %s" % option["-portbit"],
        "    parameter \\ControlBit %s" % option.get("-ctrlbit", "0"),
        "    connect \\signal_i %s" % before,
        "    connect \\signal_o %s" % after,
        "  end",
        "end",
    ]
    return True


def base_name(name):
    """$paramod$0123\\lut_row and $paramod\\lut_row\\Mu=4 are the module lut_row."""
    parts = name.split("\\")
    return parts[-1] if parts[0].startswith("$paramod$") else parts[1]


def modules_to_mutate(design, top, checked):
    modules = read_design(design)
    elsewhere = set()

    def leave_out(name):
        if name not in modules or name in elsewhere:
            return
        elsewhere.add(name)
        for cell in modules[name].cells.values():
            leave_out(cell.kind)

    for name in modules:
        if base_name(name) in checked and base_name(name) != top:
            leave_out(name)
    print(" ".join(name.lstrip("\\") + "/*" for name in modules if name not in elsewhere))


def plant_all(design, mutations, out, planted):
    modules = read_design(design)
    kept = []
    with open(mutations) as stream:
        for command in stream.read().splitlines():
            if plant(modules, command, len(kept) + 1):
                kept.append(command)
    with open(out, "w") as stream:
        for module in modules.values():
            for line in module.lines:
                stream.write("\n".join(line.lines) if isinstance(line, Cell) else line)
                stream.write("\n")
    with open(planted, "w") as stream:
        stream.write("".join(command + "\n" for command in kept))


if sys.argv[1] == "modules":
    modules_to_mutate(sys.argv[2], sys.argv[3], set(sys.argv[4:]))
else:
    plant_all(*sys.argv[2:])
