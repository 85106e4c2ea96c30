# Named configurations for which the matrix unit is verilated, and their parameters as Verilator takes
# them. Same values as models/hardware/NAME.yaml: the driver refuses a unit whose parameters differ.
set(LUTSIM_RTL_CONFIGS default odd)
set(LUTSIM_RTL_ARGS_default
  -GMu=4 -GRacsPerLut=32 -GArrayRows=8 -GArrayCols=16 -GAlignBits=16 -GPsumDepth=64 -GLutEntries=8
  -GLanesN=256 -GLanesK=64 -GEntryBits=18 -GSumBits=22 -GActExpBits=5 -GActManBits=10)
set(LUTSIM_RTL_ARGS_odd
  -GMu=4 -GRacsPerLut=3 -GArrayRows=3 -GArrayCols=5 -GAlignBits=14 -GPsumDepth=7 -GLutEntries=8
  -GLanesN=9 -GLanesK=20 -GEntryBits=16 -GSumBits=19 -GActExpBits=5 -GActManBits=10)
