// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/decoder_blocks.h"

#include <random>
#include <stdexcept>
#include <string>

#include "Vxor_decoder_5_13_2.h"
#include "Vxor_decoder_5_13_2_xor_decoder.h"
#include "Vxor_decoder_8_16_0.h"
#include "Vxor_decoder_8_16_0_xor_decoder.h"
#include "Vxor_decoder_8_40_1.h"
#include "Vxor_decoder_8_40_1_xor_decoder.h"
#include "Vxor_decoder_8_80_2.h"
#include "Vxor_decoder_8_80_2_xor_decoder.h"
#include "sim/rtl_bridge/paced_channel.h"
#include "sim/rtl_bridge/port_bits.h"
#include "sim/rtl_bridge/verilated_block.h"

namespace lutsim::rtl {

struct RtlXorDecoder::Impl {
  virtual ~Impl() = default;
  virtual void reset() = 0;
  virtual Moved clock(const Offer& offer) = 0;

  models::BitVector out;
  bool out_last = false;
};

namespace {

using spec::XorCodeSpec;

template <class Top, class Elaborated>
class Decoder : public RtlXorDecoder::Impl {
 public:
  static XorCodeSpec code() {
    return {Elaborated::NIn, Elaborated::NOut, Elaborated::NStages, Elaborated::PatchBits};
  }
  static std::unique_ptr<RtlXorDecoder::Impl> make() { return std::make_unique<Decoder>(); }

  Decoder() { out.resize(Elaborated::NOut); }

  void reset() override {
    top_.in_valid_i = 0;
    top_.patch_valid_i = 0;
    top_.rst_ni = 0;
    block_.edge();
    top_.rst_ni = 1;
  }

  RtlXorDecoder::Moved clock(const RtlXorDecoder::Offer& offer) override {
    top_.in_valid_i = offer.block != nullptr;
    if (offer.block != nullptr) copy_words(top_.in_i, offer.block);
    top_.in_last_i = offer.last;
    top_.patch_valid_i = offer.patch != nullptr;
    if (offer.patch != nullptr) copy_words(top_.patch_i, offer.patch);
    top_.out_ready_i = offer.out_ready;

    // Handshakes are settled before the edge.
    top_.clk_i = 0;
    top_.eval();
    RtlXorDecoder::Moved moved;
    moved.block = top_.in_valid_i && top_.in_ready_o;
    moved.patch = top_.patch_valid_i && top_.patch_ready_o;
    moved.out_valid = top_.out_valid_o;
    moved.out = moved.out_valid && offer.out_ready;
    if (moved.out) {
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(get_bits(top_.out_o, i, 1));
      }
      out_last = top_.out_last_o;
    }
    top_.clk_i = 1;
    top_.eval();
    if (block_.failed()) {
      throw std::logic_error("an assertion of xor_decoder failed: see standard error");
    }
    return moved;
  }

 private:
  VerilatedBlock<Top> block_;
  TopOf<Top>& top_ = block_.top;
};

struct Built {
  XorCodeSpec code;
  std::unique_ptr<RtlXorDecoder::Impl> (*make)();
};

template <class Top, class Elaborated>
Built built_as() {
  return {Decoder<Top, Elaborated>::code(), Decoder<Top, Elaborated>::make};
}

std::vector<Built> all_built() {
  return {built_as<Vxor_decoder_8_16_0, Vxor_decoder_8_16_0_xor_decoder>(),
          built_as<Vxor_decoder_8_40_1, Vxor_decoder_8_40_1_xor_decoder>(),
          built_as<Vxor_decoder_8_80_2, Vxor_decoder_8_80_2_xor_decoder>(),
          built_as<Vxor_decoder_5_13_2, Vxor_decoder_5_13_2_xor_decoder>()};
}

std::string name_of(const XorCodeSpec& code) {
  return std::to_string(code.n_in) + "/" + std::to_string(code.n_out) + "/" +
         std::to_string(code.n_stages) + " with " + std::to_string(code.patch_bits) +
         "-bit patch tokens";
}

std::unique_ptr<RtlXorDecoder::Impl> make_decoder(const XorCodeSpec& code) {
  std::string names;
  for (const Built& built : all_built()) {
    const std::string name = name_of(built.code);
    if (name == name_of(code)) return built.make();
    names += (names.empty() ? "" : ", ") + name;
  }
  throw spec::SpecError("the XOR decoder was not verilated for " + name_of(code) + ", only for " +
                        names);
}

}  // namespace

std::vector<XorCodeSpec> RtlXorDecoder::built() {
  std::vector<XorCodeSpec> codes;
  for (const Built& built : all_built()) codes.push_back(built.code);
  return codes;
}

RtlXorDecoder::RtlXorDecoder(const XorCodeSpec& code) : code_(code), impl_(make_decoder(code)) {
  reset();
}
RtlXorDecoder::~RtlXorDecoder() = default;
void RtlXorDecoder::reset() { impl_->reset(); }
RtlXorDecoder::Moved RtlXorDecoder::clock(const Offer& offer) { return impl_->clock(offer); }
const models::BitVector& RtlXorDecoder::out() const { return impl_->out; }
bool RtlXorDecoder::out_last() const { return impl_->out_last; }

DecoderOutcome run_decoder(RtlXorDecoder& decoder, const std::vector<models::XorStream>& streams,
                           const DecoderPacing& pacing) {
  std::vector<std::uint32_t> blocks, tokens;
  std::vector<bool> is_last;
  for (const models::XorStream& stream : streams) {
    blocks.insert(blocks.end(), stream.blocks.begin(), stream.blocks.end());
    tokens.insert(tokens.end(), stream.patches.begin(), stream.patches.end());
    is_last.resize(blocks.size(), false);
    if (!stream.blocks.empty()) is_last.back() = true;
  }
  std::mt19937_64 random(pacing.seed);
  PacedChannel<std::uint32_t> block_channel(blocks.size(), pacing.blocks);
  PacedChannel<std::uint32_t> patch_channel(tokens.size(), pacing.patches);

  DecoderOutcome outcome;
  const auto stuck = [&](const char* what) {
    throw std::logic_error(std::string("xor_decoder ") + what + ": blocks " +
                           block_channel.progress() + ", patch tokens " + patch_channel.progress() +
                           ", outputs " + std::to_string(outcome.block_cycles.size()));
  };
  // The slowest pacing offers one beat in a hundred cycles.
  constexpr std::uint64_t kStuckCycles = 20000;
  std::uint64_t quiet = 0;
  std::uint64_t cycle = 0;
  while (outcome.block_cycles.size() < blocks.size()) {
    RtlXorDecoder::Offer offer;
    offer.block =
        block_channel.offer(random, [&](std::size_t i, std::uint32_t& word) { word = blocks[i]; });
    offer.last = offer.block != nullptr && is_last[block_channel.taken()];
    offer.patch =
        patch_channel.offer(random, [&](std::size_t i, std::uint32_t& word) { word = tokens[i]; });
    offer.out_ready = random() % 100 < pacing.out;
    const bool holds_block = block_channel.taken() > outcome.block_cycles.size();

    const RtlXorDecoder::Moved moved = decoder.clock(offer);
    outcome.out_waited += moved.out_valid && !moved.out;
    outcome.block_waited += offer.block != nullptr && !moved.block;
    outcome.patch_waited += offer.patch != nullptr && !moved.patch;
    outcome.patch_missing += holds_block && !moved.out_valid && offer.patch == nullptr;
    outcome.empty += block_channel.taken() > 0 && !holds_block && offer.block == nullptr;
    if (moved.out) {
      if (!holds_block) stuck("gave a block that it had not taken");
      if (decoder.out_last() != is_last[outcome.block_cycles.size()]) {
        stuck("marked another block as the last");
      }
      outcome.bits.insert(outcome.bits.end(), decoder.out().begin(), decoder.out().end());
      outcome.block_cycles.push_back(cycle);
    }
    block_channel.moved(moved.block);
    patch_channel.moved(moved.patch);
    cycle += block_channel.taken() > 0 ? 1 : 0;
    quiet = moved.block || moved.patch || moved.out ? 0 : quiet + 1;
    if (quiet == kStuckCycles) stuck("is stuck");
  }
  outcome.cycles = cycle;
  if (!patch_channel.done()) stuck("did not take every patch token");
  return outcome;
}

}  // namespace lutsim::rtl
