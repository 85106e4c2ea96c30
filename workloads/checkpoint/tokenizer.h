// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace lutsim::workloads {

/// SentencePiece byte-pair tokenizer of the Llama family, as llama2.c and llama.cpp run it: a space
/// is put in front of the text; from single characters on, the adjacent pair whose concatenation
/// is the token of the highest score is merged, leftmost first; a character outside the vocabulary
/// becomes its UTF-8 bytes.
class Tokenizer {
 public:
  static constexpr std::uint32_t kUnknown = 0;
  static constexpr std::uint32_t kBos = 1;
  static constexpr std::uint32_t kEos = 2;
  static constexpr std::uint32_t kFirstByte = 3;                  ///< token of byte b is 3 + b
  static constexpr std::uint32_t kFirstPiece = kFirstByte + 256;  ///< tokens that text merges into

  Tokenizer() = default;

  /// `pieces[token]` with plain spaces, and its score. Throws std::invalid_argument unless both
  /// have the same length, the 256 byte tokens are where they belong, and no score is NaN.
  Tokenizer(std::vector<std::string> pieces, std::vector<float> scores);

  std::uint32_t vocab() const { return static_cast<std::uint32_t>(pieces_.size()); }
  const std::vector<std::string>& pieces() const { return pieces_; }
  const std::vector<float>& scores() const { return scores_; }

  /// Tokens of UTF-8 `text`, after BOS unless told otherwise. Empty text has no leading space.
  std::vector<std::uint32_t> encode(const std::string& text, bool add_bos = true) const;

  /// Text of `tokens`. The space that encode() put in front is left out.
  std::string decode(const std::vector<std::uint32_t>& tokens) const;

  /// What `token` adds to the text after `previous`: byte tokens are their byte; a leading space
  /// after BOS is left out; BOS, EOS and unknown print nothing.
  std::string decode(std::uint32_t previous, std::uint32_t token) const;

 private:
  std::vector<std::string> pieces_;
  std::vector<float> scores_;
  std::unordered_map<std::string, std::uint32_t> ids_;  ///< of the pieces from kFirstPiece on
};

}  // namespace lutsim::workloads
