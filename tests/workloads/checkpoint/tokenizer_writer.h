// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/workloads/checkpoint/checkpoint_files.h"
#include "workloads/checkpoint/tokenizer.h"

/// Writers of the tokenizers of a Hugging Face folder.
namespace lutsim::test {

/// tokenizer.json of a tokenizer: its pieces of several characters in the order of their scores,
/// and for each all pairs that make it.
inline nlohmann::ordered_json merges_of(const workloads::Tokenizer& tokenizer) {
  const auto escaped = [](std::string text) {
    for (auto at = text.find(' '); at != std::string::npos; at = text.find(' ', at)) {
      text.replace(at, 1, "\xe2\x96\x81");
    }
    return text;
  };
  nlohmann::ordered_json vocab, merges = nlohmann::ordered_json::array();
  std::set<std::string> known;
  std::vector<std::uint32_t> order;
  for (std::uint32_t id = 0; id < tokenizer.vocab(); ++id) {
    vocab[escaped(tokenizer.pieces()[id])] = id;
    if (id < workloads::Tokenizer::kFirstPiece) continue;
    known.insert(tokenizer.pieces()[id]);
    order.push_back(id);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return tokenizer.scores()[a] > tokenizer.scores()[b];
  });
  for (const std::uint32_t id : order) {
    const std::string& piece = tokenizer.pieces()[id];
    for (std::size_t at = 1; at < piece.size(); ++at) {
      if (known.count(piece.substr(0, at)) > 0 && known.count(piece.substr(at)) > 0) {
        merges.push_back(escaped(piece.substr(0, at)) + " " + escaped(piece.substr(at)));
      }
    }
  }
  return {
      {"version", "1.0"},
      {"model", {{"type", "BPE"}, {"byte_fallback", true}, {"vocab", vocab}, {"merges", merges}}}};
}

/// A protobuf field of a SentencePiece model: key, then its bytes.
inline std::string sentencepiece_of(const workloads::Tokenizer& tokenizer,
                                    std::int32_t model_type = 2) {
  Bytes out;
  const auto field = [](Bytes& to, int number, const std::string& bytes) {
    to.add(static_cast<std::uint8_t>(number << 3 | 2));
    for (std::size_t n = bytes.size();; n >>= 7) {
      to.add(static_cast<std::uint8_t>((n & 0x7f) | (n > 0x7f ? 0x80 : 0)));
      if (n <= 0x7f) break;
    }
    to.add_text(bytes);
  };
  for (std::uint32_t id = 0; id < tokenizer.vocab(); ++id) {
    Bytes piece;
    field(piece, 1, tokenizer.pieces()[id]);
    piece.add(static_cast<std::uint8_t>(2 << 3 | 5)).add(tokenizer.scores()[id]);
    piece.add(static_cast<std::uint8_t>(3 << 3)).add(std::uint8_t{1});  // its type: not ours
    field(out, 1, piece.data());
  }
  Bytes trainer;
  trainer.add(static_cast<std::uint8_t>(3 << 3)).add(static_cast<std::uint8_t>(model_type));
  field(out, 2, trainer.data());
  return out.data();
}

}  // namespace lutsim::test
