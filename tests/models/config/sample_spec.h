// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "models/spec/field.h"

/// A parameter struct with a field of every type, and a file that is right for it.
namespace lutsim::test {

enum class Colour { red, green, dark_blue };

inline auto enum_names(Colour) {
  return std::array<spec::EnumName<Colour>, 3>{
      {{Colour::red, "red"}, {Colour::green, "green"}, {Colour::dark_blue, "dark-blue"}}};
}

struct LayerSpec {
  std::uint32_t bits = 4;
  std::string note = "none";

  static constexpr auto fields() {
    using S = LayerSpec;
    return std::make_tuple(
        spec::field("bits", &S::bits, "weight width").in(spec::Unit::bit).range(1, 8),
        spec::field("note", &S::note, "a remark").maybe());
  }
};

struct BufferSpec {
  std::uint64_t capacity = 0;
  std::uint32_t banks = 1;

  static constexpr auto fields() {
    using S = BufferSpec;
    return std::make_tuple(
        spec::field("capacity", &S::capacity, "bytes that it holds").in(spec::Unit::byte),
        spec::field("banks", &S::banks, "banks").range(1, 1024));
  }
};

struct SampleSpec {
  std::string schema = "lutsim.sample/1";
  std::string name;
  bool enabled = false;
  Colour colour = Colour::red;
  double clock = 0;
  double gain = 0;
  double energy = 0;
  std::uint64_t count = 0;
  BufferSpec buffer;
  std::vector<LayerSpec> layers;

  static constexpr auto fields() {
    using S = SampleSpec;
    return std::make_tuple(
        spec::field("schema", &S::schema, "format of this file"),
        spec::field("name", &S::name, "name of the sample"),
        spec::field("enabled", &S::enabled, "whether it runs"),
        spec::field("colour", &S::colour, "colour of the sample"),
        spec::field("clock", &S::clock, "clock").in(spec::Unit::hertz).range(1e6, 1e10),
        spec::field("gain", &S::gain, "a ratio").range(0, 1),
        spec::field("energy", &S::energy, "energy of one event").in(spec::Unit::joule),
        spec::field("count", &S::count, "a count"), spec::field("buffer", &S::buffer, "a buffer"),
        spec::field("layers", &S::layers, "the layers").maybe());
  }
};

constexpr const char* kGoodSample = R"(schema: lutsim.sample/1
name: small
enabled: true
colour: dark-blue
clock: 800 MHz
gain: 0.25
energy: 1.35 pJ
count: 18446744073709551615
buffer:
  capacity: 1.5 KiB
  banks: 2
layers:
  - bits: 4 bit
  - bits: 3 bit
    note: thin
)";

}  // namespace lutsim::test
