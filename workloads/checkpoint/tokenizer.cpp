// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/tokenizer.h"

#include <cmath>
#include <queue>
#include <stdexcept>
#include <utility>

namespace lutsim::workloads {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::string byte_piece(std::uint32_t byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">";
}

/// Bytes of the UTF-8 character that starts at `begin`: a byte and at most three continuations.
std::size_t character_length(const std::string& text, std::size_t begin) {
  std::size_t length = 1;
  while (length < 4 && begin + length < text.size() &&
         (static_cast<unsigned char>(text[begin + length]) & 0xc0u) == 0x80u) {
    ++length;
  }
  return length;
}

/// A stretch of the text that is one token; a linked list, since merges remove from the middle.
struct Symbol {
  std::size_t begin = 0;
  std::size_t length = 0;  ///< 0: merged into its left neighbour
  std::size_t previous = kNone;
  std::size_t next = kNone;
};

struct Merge {
  float score;
  std::size_t left;    ///< index of the left symbol
  std::size_t length;  ///< of both; tells a merge whose symbols have changed since
  friend bool operator<(const Merge& a, const Merge& b) {
    return a.score != b.score ? a.score < b.score : a.left > b.left;
  }
};

}  // namespace

Tokenizer::Tokenizer(std::vector<std::string> pieces, std::vector<float> scores)
    : pieces_(std::move(pieces)), scores_(std::move(scores)) {
  if (pieces_.size() != scores_.size()) {
    throw std::invalid_argument(std::to_string(pieces_.size()) + " tokens and " +
                                std::to_string(scores_.size()) + " scores");
  }
  if (pieces_.size() < kFirstPiece) {
    throw std::invalid_argument("a vocabulary of " + std::to_string(pieces_.size()) +
                                " tokens has no room for the 256 byte tokens (3..258)");
  }
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    if (pieces_[kFirstByte + byte] != byte_piece(byte)) {
      throw std::invalid_argument("token " + std::to_string(kFirstByte + byte) + ": expected '" +
                                  byte_piece(byte) + "', found '" + pieces_[kFirstByte + byte] +
                                  "'");
    }
  }
  for (std::uint32_t id = 0; id < vocab(); ++id) {
    if (std::isnan(scores_[id])) {
      throw std::invalid_argument("the score of token " + std::to_string(id) + " is NaN");
    }
    if (id >= kFirstPiece) ids_.emplace(pieces_[id], id);
  }
}

std::vector<std::uint32_t> Tokenizer::encode(const std::string& text, bool add_bos) const {
  std::vector<std::uint32_t> tokens;
  if (add_bos) tokens.push_back(kBos);
  if (text.empty()) return tokens;

  const std::string input = " " + text;
  std::vector<Symbol> symbols;
  for (std::size_t i = 0; i < input.size(); i += symbols.back().length) {
    Symbol symbol;
    symbol.begin = i;
    symbol.length = character_length(input, i);
    symbol.previous = symbols.empty() ? kNone : symbols.size() - 1;
    if (!symbols.empty()) symbols.back().next = symbols.size();
    symbols.push_back(symbol);
  }

  const auto id_of = [&](std::size_t begin, std::size_t length) {
    return ids_.find(input.substr(begin, length));
  };
  std::priority_queue<Merge> merges;
  const auto propose = [&](std::size_t left) {
    if (left == kNone || symbols[left].next == kNone) return;
    const std::size_t length = symbols[left].length + symbols[symbols[left].next].length;
    const auto found = id_of(symbols[left].begin, length);
    if (found != ids_.end()) merges.push({scores_[found->second], left, length});
  };
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) propose(i);

  while (!merges.empty()) {
    const Merge merge = merges.top();
    merges.pop();
    Symbol& left = symbols[merge.left];
    if (left.length == 0 || left.next == kNone) continue;
    Symbol& right = symbols[left.next];
    if (left.length + right.length != merge.length) continue;
    left.length = merge.length;
    right.length = 0;
    left.next = right.next;
    if (right.next != kNone) symbols[right.next].previous = merge.left;
    propose(left.previous);
    propose(merge.left);
  }

  for (std::size_t i = 0; i != kNone; i = symbols[i].next) {
    const auto found = id_of(symbols[i].begin, symbols[i].length);
    if (found != ids_.end()) {
      tokens.push_back(found->second);
      continue;
    }
    for (std::size_t b = 0; b < symbols[i].length; ++b) {
      tokens.push_back(kFirstByte + static_cast<unsigned char>(input[symbols[i].begin + b]));
    }
  }
  return tokens;
}

std::string Tokenizer::decode(const std::vector<std::uint32_t>& tokens) const {
  std::string text;
  std::uint32_t previous = kBos;
  for (const std::uint32_t token : tokens) {
    text += decode(previous, token);
    previous = token;
  }
  return text;
}

std::string Tokenizer::decode(std::uint32_t previous, std::uint32_t token) const {
  if (token >= vocab() || token < kFirstByte) return {};
  if (token < kFirstPiece) return std::string(1, static_cast<char>(token - kFirstByte));
  const std::string& piece = pieces_[token];
  return previous == kBos && !piece.empty() && piece[0] == ' ' ? piece.substr(1) : piece;
}

}  // namespace lutsim::workloads
