# SPDX-License-Identifier: Apache-2.0
"""lutsim from Python: run, sweep and load, with nothing but the standard library.

    import lutsim
    result = lutsim.run(model="llama-2-7b", set={"matrix.mu": 2, "clock": "800 MHz"})
    sweep = lutsim.sweep("space.yaml", out="runs/space")
    table = sweep.table()        # a pandas DataFrame where pandas is installed, else a list of dicts

Every call starts the program `lutsim` (SystemC simulates once in a process) and reads its JSON. The program is
$LUTSIM, or the one of the source tree that this file lies in, or the one in PATH.
"""
from ._program import ConfigError, LutsimError, SimulationError, program, version
from ._run import Result, load_result, run
from ._sweep import AskTell, Sweep, load, merge, space_text, sweep

__all__ = ["AskTell", "ConfigError", "LutsimError", "Result", "SimulationError", "Sweep", "load", "load_result",
           "merge", "program", "run", "space_text", "sweep", "version"]
