// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "models/spec/attention_unit.h"
#include "models/spec/field.h"
#include "models/spec/matrix_spec.h"
#include "models/spec/number_format.h"
#include "models/spec/xor_code_spec.h"

/// Parameters of the accelerator. Each struct is one hardware block; its field list is the only
/// definition of its parameters (docs/decisions/0002-one-field-list.md).
namespace lutsim::spec {

/// Vector unit: FP32 lanes for attention, norms, activation functions, RoPE and residuals.
struct VectorSpec {
  std::uint32_t lanes = 256;
  std::uint32_t pipeline_cycles = 6;
  std::uint32_t function_cycles = 4;
  std::uint32_t reduce_cycles = 8;

  static constexpr auto fields() {
    using S = VectorSpec;
    return std::make_tuple(
        field("lanes", &S::lanes, "FP32 multiply-add lanes").range(1, 4096),
        field("pipeline_cycles", &S::pipeline_cycles, "cycles from operands to result of one lane")
            .range(1, 64),
        field(
            "function_cycles", &S::function_cycles,
            "lanes that share one function unit: lane cycles of exp, reciprocal, reciprocal square "
            "root or sigmoid of one element")
            .range(1, 64),
        field("reduce_cycles", &S::reduce_cycles,
              "cycles to reduce one value per lane to a single value")
            .range(1, 64));
  }
};

/// On-chip scratchpad of banks that each serve one access of bank_width a cycle.
struct ScratchpadSpec {
  std::uint64_t capacity = 0;
  std::uint32_t banks = 1;
  std::uint64_t bank_width = 64;
  std::uint32_t tile_slots = 8;

  static constexpr auto fields() {
    using S = ScratchpadSpec;
    return std::make_tuple(
        field("capacity", &S::capacity, "bytes that it holds").in(Unit::byte).range(1024, 1e10),
        field("banks", &S::banks, "banks, one port each").range(1, 1024),
        field("bank_width", &S::bank_width, "bytes that a bank reads or writes in a cycle")
            .in(Unit::byte)
            .range(1, 4096),
        field("tile_slots", &S::tile_slots,
              "tiles in flight between DRAM and the units; 2 is double buffering")
            .range(2, 256));
  }
  constexpr std::uint64_t bytes_per_cycle() const { return banks * bank_width; }
};

/// Crossbar between the units and the scratchpads: the width of each unit's link. That of the DMA
/// is dma.bytes_per_cycle.
struct NocSpec {
  std::uint64_t matrix_bytes_per_cycle = 4096;
  std::uint64_t vector_bytes_per_cycle = 2048;
  std::uint64_t chip_link_bytes_per_cycle = 256;

  static constexpr auto fields() {
    using S = NocSpec;
    return std::make_tuple(field("matrix_bytes_per_cycle", &S::matrix_bytes_per_cycle,
                                 "weights, activations and results of the matrix unit")
                               .in(Unit::byte)
                               .range(1, 1 << 20),
                           field("vector_bytes_per_cycle", &S::vector_bytes_per_cycle,
                                 "operands and results of the vector unit")
                               .in(Unit::byte)
                               .range(1, 1 << 20),
                           field("chip_link_bytes_per_cycle", &S::chip_link_bytes_per_cycle,
                                 "each direction of the port to the other chips")
                               .in(Unit::byte)
                               .range(1, 1 << 20));
  }
};

/// Weight decoders between the DMA and the weight buffer: pruned planes are stored through an XOR
/// code (docs/units/decoder.md).
struct DecoderSpec {
  std::uint32_t decoders = 0;
  XorCodeSpec code;

  static constexpr auto fields() {
    using S = DecoderSpec;
    return std::make_tuple(
        field("decoders", &S::decoders, "XOR decoders side by side; 0: pruned weights are refused")
            .range(0, 1 << 16),
        field("code", &S::code, "the code that they are built for").maybe());
  }
};

/// DMA engine between DRAM and the scratchpads.
struct DmaSpec {
  std::uint32_t read_channels = 4;
  std::uint32_t write_channels = 1;
  std::uint64_t bytes_per_cycle = 1024;
  std::uint32_t setup_cycles = 4;
  std::uint32_t outstanding = 16;

  static constexpr auto fields() {
    using S = DmaSpec;
    return std::make_tuple(
        field("read_channels", &S::read_channels, "DRAM reads in flight at a time").range(1, 64),
        field("write_channels", &S::write_channels, "DRAM writes in flight at a time").range(1, 64),
        field("bytes_per_cycle", &S::bytes_per_cycle, "width of the path into the scratchpads")
            .in(Unit::byte)
            .range(1, 65536),
        field("setup_cycles", &S::setup_cycles, "cycles to decode one descriptor").range(0, 1024),
        field("outstanding", &S::outstanding,
              "runs of a strided transfer that one channel has in flight")
            .range(1, 256));
  }
};

/// Command processor: fetches macro-commands in order and hands them to the units' queues.
struct CommandSpec {
  std::uint32_t queue_depth = 16;
  std::uint32_t issue_cycles = 1;

  static constexpr auto fields() {
    using S = CommandSpec;
    return std::make_tuple(
        field("queue_depth", &S::queue_depth, "macro-commands that one unit's queue holds")
            .range(1, 4096),
        field("issue_cycles", &S::issue_cycles, "cycles to issue one macro-command")
            .range(1, 1024));
  }
};

/// Address bits from least to most significant: `ro` is channel, column, rank, bank, row;
/// `mop` visits a row for a few bursts, then the next bank.
enum class AddressMapping { ro, mop };
inline auto enum_names(AddressMapping) {
  return std::array<EnumName<AddressMapping>, 2>{
      {{AddressMapping::ro, "ro"}, {AddressMapping::mop, "mop"}}};
}

enum class Refresh { off, all_bank, per_bank };
inline auto enum_names(Refresh) {
  return std::array<EnumName<Refresh>, 3>{
      {{Refresh::off, "off"}, {Refresh::all_bank, "all-bank"}, {Refresh::per_bank, "per-bank"}}};
}

/// External memory: a named standard (models/hardware/memory/NAME.yaml) and how much of it there
/// is.
struct MemorySpec {
  std::string standard;
  std::uint32_t channels = 1;
  AddressMapping mapping = AddressMapping::ro;
  Refresh refresh = Refresh::all_bank;

  static constexpr auto fields() {
    using S = MemorySpec;
    return std::make_tuple(field("standard", &S::standard, "named memory, for example lpddr5-6400"),
                           field("channels", &S::channels, "independent channels").range(1, 1024),
                           field("mapping", &S::mapping, "address mapping"),
                           field("refresh", &S::refresh, "refresh mode"));
  }
};

/// How chips are wired: `ring`, every chip to the next one; `switched`, every chip to a switch that
/// never blocks.
enum class Topology { ring, switched };
inline auto enum_names(Topology) {
  return std::array<EnumName<Topology>, 2>{
      {{Topology::ring, "ring"}, {Topology::switched, "switched"}}};
}

/// Chips that work on one model, each on its share of every layer (tensor parallel).
///
/// The defaults are a PCIe 5.0 x16 port: 32 GT/s on 16 lanes, 128b/130b, 63 GB/s in each direction;
/// 1 us is the low end of what is quoted for a transfer (1 to 3 us, against 0.1 to 0.2 us of
/// NVLink-C2C; rackmountnts.com, "What is NVLink-C2C?").
struct SystemSpec {
  std::uint32_t chips = 1;
  Topology topology = Topology::ring;
  double link_bandwidth = 63e9;
  double link_latency = 1e-6;

  static constexpr auto fields() {
    using S = SystemSpec;
    return std::make_tuple(
        field("chips", &S::chips, "equal chips, each with its own memory").range(1, 256),
        field("topology", &S::topology, "how they are wired"),
        field("link_bandwidth", &S::link_bandwidth,
              "what a chip sends, and at the same time receives")
            .in(Unit::byte_per_second)
            .range(1e6, 1e14),
        field("link_latency", &S::link_latency, "from the last bit sent to the last bit received")
            .in(Unit::second)
            .range(0, 1));
  }
};

/// A whole accelerator: one named configuration, models/hardware/NAME.yaml.
struct ArchSpec {
  std::string schema = kSchema;
  std::string name;
  std::string description;
  double clock = 500e6;
  MatrixSpec matrix;
  VectorSpec vector;
  AttentionUnit attention = AttentionUnit::lanes;
  ScratchpadSpec weight_buffer;
  ScratchpadSpec activation_buffer;
  NocSpec noc;
  DecoderSpec decoder;
  DmaSpec dma;
  CommandSpec command;
  MemorySpec memory;
  SystemSpec system;
  std::string energy_table;

  static constexpr const char* kSchema = "lutsim.arch/1";

  static constexpr auto fields() {
    using S = ArchSpec;
    return std::make_tuple(
        field("schema", &S::schema, "format of this file: lutsim.arch/1"),
        field("name", &S::name, "name of the configuration"),
        field("description", &S::description, "what it stands for").maybe(),
        field("clock", &S::clock, "clock of every on-chip unit").in(Unit::hertz).range(1e6, 1e10),
        field("matrix", &S::matrix, "matrix unit"), field("vector", &S::vector, "vector unit"),
        field(
            "attention", &S::attention,
            "unit that multiplies by keys and values: the vector unit's lanes, or the matrix unit "
            "(quantised KV caches only); absent: lanes")
            .maybe(),
        field("weight_buffer", &S::weight_buffer, "scratchpad of weight tiles and scales"),
        field("activation_buffer", &S::activation_buffer, "scratchpad of activations"),
        field("noc", &S::noc, "links between units and scratchpads; absent: wide ones").maybe(),
        field("decoder", &S::decoder, "weight decoders; absent: none").maybe(),
        field("dma", &S::dma, "DMA engine"), field("command", &S::command, "command processor"),
        field("memory", &S::memory, "external DRAM"),
        field("system", &S::system, "chips and links; absent: one chip").maybe(),
        field("energy_table", &S::energy_table, "named table of energies and areas"));
  }
};

/// What ranges of single fields cannot say, every violation: the clock period must be a whole
/// number of picoseconds (SystemC's time resolution); the matrix unit's own problems().
std::vector<Problem> problems(const ArchSpec& arch);

/// Throws SpecError with all problems(); each names the field, its value and what is legal.
void validate(const ArchSpec& arch);

}  // namespace lutsim::spec
