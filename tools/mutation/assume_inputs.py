# SPDX-License-Identifier: Apache-2.0
"""assume_inputs.py FILE.sv: prints a module with what its assertions ask of the inputs as assumptions.

A bug that only a forbidden input shows is no bug of the block: a proof that a mutant changes nothing may
rely on what the block demands. Yosys 0.23 does not read concurrent assertions, so they are written
anew. `A |-> B` is taken if it names inputs and parameters only, `A |=> B` if B does: the other ones are
promises of the block.
"""

import re
import sys

PROPERTY = re.compile(
    r"assert property \(@\(posedge clk_i\) disable iff \(!rst_ni\)\s*"
    r"(?P<a>[^;]*?)\s*(?P<arrow>\|->|\|=>)\s*(?P<b>[^;]*?)\)\s*else",
    re.DOTALL,
)


def is_about_inputs(expression):
    """No output, no register: names that end in _i, parameters, constants, $stable."""
    names = re.findall(r"(?<!['$\w])[A-Za-z_]\w*", expression)
    return all(name.endswith("_i") or name[0].isupper() for name in names)


def assumption(number, a, arrow, b):
    before = "assumed_%d" % number
    lines = []
    held = "(%s)" % a
    if arrow == "|=>":
        held = before
        lines += [
            "  logic %s;" % before,
            "  always_ff @(posedge clk_i) %s <= rst_ni && (%s);" % (before, a),
        ]
    for index, stable in enumerate(re.findall(r"\$stable\(([^()]*)\)", b)):
        kept = "%s_kept_%d" % (before, index)
        lines += [
            "  logic [$bits(%s)-1:0] %s;" % (stable, kept),
            "  always_ff @(posedge clk_i) %s <= %s;" % (kept, stable),
        ]
        b = b.replace("$stable(%s)" % stable, "(%s == %s)" % (stable, kept))
    lines.append("  always_comb assume (!rst_ni || !%s || (%s));" % (held, b))
    return lines


def main():
    with open(sys.argv[1]) as stream:
        text = stream.read()
    lines = []
    for match in PROPERTY.finditer(text):
        a, arrow, b = match.group("a"), match.group("arrow"), match.group("b")
        if is_about_inputs(b) and (arrow == "|=>" or is_about_inputs(a)):
            lines += assumption(len(lines), a, arrow, b)
    end = text.rindex("endmodule")
    print(text[:end] + "\n".join(lines) + "\n" + text[end:], end="")


main()
