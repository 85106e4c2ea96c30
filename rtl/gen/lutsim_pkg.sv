// Generated from models/spec. Do not edit: see tools/generate.
package lutsim_pkg;
  parameter int unsigned Mu /*verilator public*/ = 4;
  parameter int unsigned RacsPerLut /*verilator public*/ = 32;
  parameter int unsigned ArrayRows /*verilator public*/ = 8;
  parameter int unsigned ArrayCols /*verilator public*/ = 16;
  parameter int unsigned AlignBits /*verilator public*/ = 16;
  parameter int unsigned PsumDepth /*verilator public*/ = 64;
  parameter int unsigned LutEntries /*verilator public*/ = 8;
  parameter int unsigned LanesN /*verilator public*/ = 256;
  parameter int unsigned LanesK /*verilator public*/ = 64;
  parameter int unsigned EntryBits /*verilator public*/ = 18;
  parameter int unsigned SumBits /*verilator public*/ = 22;
  parameter int unsigned ActExpBits /*verilator public*/ = 5;
  parameter int unsigned ActManBits /*verilator public*/ = 10;
endpackage : lutsim_pkg
