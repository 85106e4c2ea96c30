// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::test {

/// A library with round numbers: 2 V, so that a transition of 1 pF costs 0.5 C V^2 = 2 pJ.
inline std::string small_library() {
  return R"lib(/* comment */
library(small) {
  nom_voltage : 2;
  lu_table_template(delay) { variable_1 : total_output_net_capacitance; variable_2 : input_net_transition; }
  power_lut_template(passive) { variable_1 : input_transition_time; }
  cell (INV) {
    area : 10; cell_leakage_power : 0.5;
    pin(A) { direction : input; capacitance : 0.5; }
    pin(Y) { direction : output; function : "(!A)";
      timing() { related_pin : "A";
        cell_rise(delay) { index_1 ("0, 2"); index_2 ("0.12"); values ("0.3", \
          "0.3"); }
        cell_fall(delay) { index_1 ("0, 2"); index_2 ("0.12"); values ("0.3", "0.3"); } }
      internal_power() { related_pin : "A";
        rise_power(delay) { index_1 ("0, 2"); index_2 ("0, 0.24"); values ("1, 3", "3, 5"); }
        fall_power(delay) { index_1 ("0"); index_2 ("0.12"); values ("0.25"); } } } }
  cell (NAND2) {
    area : 20; cell_leakage_power : 1;
    pin(A) { direction : input; capacitance : 1; }
    pin(B) { direction : input; capacitance : 2; }
    pin(Y) { direction : output; function : "(!(A B))";
      timing() { related_pin : "A";
        cell_rise(delay) { index_1 ("0"); index_2 ("0.12"); values ("0.1"); }
        cell_fall(delay) { index_1 ("0"); index_2 ("0.12"); values ("0.1"); } } } }
  cell (AND2X2) {
    area : 30; cell_leakage_power : 1;
    pin(A) { direction : input; capacitance : 1; }
    pin(B) { direction : input; capacitance : 1; }
    pin(Y) { direction : output; function : "A B"; } }
  cell (HALF_ADDER) {
    pin(A) { direction : input; } pin(B) { direction : input; }
    pin(YC) { direction : output; function : "A B"; }
    pin(YS) { direction : output; function : "A ^ B"; } }
  cell (DFFPOSX1) {
    area : 40; cell_leakage_power : 2;
    ff (state, inverted) { next_state : "D"; clocked_on : "CLK"; }
    pin(CLK) { direction : input; capacitance : 0.25; clock : true;
      internal_power() {
        rise_power(passive) { index_1 ("0, 0.24"); values ("0.1, 0.3"); }
        fall_power(passive) { index_1 ("0, 0.24"); values ("0.4, 0.4"); } } }
    pin(D) { direction : input; capacitance : 3;
      internal_power() {
        rise_power(passive) { index_1 ("0, 0.24"); values ("0.01, 0.03"); }
        fall_power(passive) { index_1 ("0, 0.24"); values ("0.04, 0.04"); } } }
    pin(Q) { direction : output; function : "state";
      internal_power() { related_pin : "CLK";
        rise_power(delay) { index_1 ("0"); index_2 ("0.12"); values ("0.5"); }
        fall_power(delay) { index_1 ("0"); index_2 ("0.12"); values ("0.7"); } } } }
}
)lib";
}

/// A pulse generator: y = nand(a, not a), and a register with enable behind it.
///
///   a -> INV -> na;  y = NAND2(a, na);  q <= y when e
inline std::string pulse_netlist() {
  return R"json({"modules": {
    "inverter": {"ports": {"x": {"direction": "input", "bits": [2]}, "z": {"direction": "output", "bits": [3]}},
      "cells": {"g": {"type": "INV", "connections": {"A": [2], "Y": [3]}}},
      "netnames": {}},
    "top": {
      "ports": {"a": {"direction": "input", "bits": [2]}, "e": {"direction": "input", "bits": [3]},
                "y": {"direction": "output", "bits": [5]}, "q_o": {"direction": "output", "bits": [6]}},
      "cells": {
        "u_inv": {"type": "inverter", "connections": {"x": [2], "z": [4]}},
        "g": {"type": "NAND2", "connections": {"A": [2], "B": [4], "Y": [5]}},
        "r": {"type": "$_DFFE_PP_", "connections": {"C": [9], "D": [5], "E": [3], "Q": [6]}}},
      "netnames": {"q": {"hide_name": 0, "bits": [6]}, "$auto": {"hide_name": 1, "bits": [5]}}}}})json";
}

}  // namespace lutsim::test
