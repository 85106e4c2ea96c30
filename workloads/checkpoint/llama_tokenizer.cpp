// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/llama_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "models/config/diagnostics.h"
#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/llama2c.h"
#include "workloads/checkpoint/sentencepiece.pb.h"
#include "workloads/trace/json_object.h"

namespace lutsim::workloads {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSpace = "\xe2\x96\x81";
constexpr std::int32_t kBpe = 2;  ///< sentencepiece's TrainerSpec.ModelType
constexpr const char* kOtherKind =
    "a llama2.c tokenizer (tokenizer.bin) in the folder is read instead when there is no other";

/// Ends with the message of the file when the pieces are no Llama vocabulary.
Tokenizer make_tokenizer(const fs::path& path, std::vector<std::string> pieces,
                         std::vector<float> scores, std::uint32_t vocab) {
  if (pieces.size() > vocab) {
    throw config::InputError(path.string(), "expected at most " + std::to_string(vocab) +
                                                " pieces, the rows of the embedding, found " +
                                                std::to_string(pieces.size()));
  }
  for (std::string& piece : pieces) piece = with_plain_spaces(piece);
  pieces.resize(vocab);
  scores.resize(vocab, 0.0f);
  try {
    return {std::move(pieces), std::move(scores)};
  } catch (const std::invalid_argument& e) {
    throw config::InputError(path.string(), e.what());
  }
}

Tokenizer read_sentencepiece(const fs::path& path, std::uint32_t vocab) {
  ByteReader file(path);
  sentencepiece::Model model;
  if (file.size() > INT32_MAX ||
      !model.ParseFromArray(file.data(), static_cast<int>(file.size()))) {
    throw config::InputError(path.string(), "expected a SentencePiece model, found no message");
  }
  if (model.trainer().model_type() != kBpe) {
    throw config::InputError(
        path.string(),
        "expected a BPE model (type 2), found type " + std::to_string(model.trainer().model_type()),
        kOtherKind);
  }
  std::vector<std::string> pieces;
  std::vector<float> scores;
  for (const sentencepiece::Piece& piece : model.pieces()) {
    pieces.push_back(piece.text());
    scores.push_back(piece.score());
  }
  return make_tokenizer(path, std::move(pieces), std::move(scores), vocab);
}

/// Merges of tokenizer.json as scores: SentencePiece joins the pair that makes the best piece, a
/// list of merges the pair that stands first. Both are the same when the merges that make one piece
/// stand together and no pair that makes it is missing.
class MergeScores {
 public:
  MergeScores(const fs::path& path, const json& vocab) : path_(path), vocab_(vocab) {}

  void add(const std::string& left, const std::string& right) {
    const std::string piece = left + right;
    for (const std::string& part : {left, right, piece}) {
      if (!vocab_.contains(part)) refuse("merges '" + part + "', which is not in the vocabulary");
    }
    if (piece != last_) {
      last_ = piece;
      if (!rank_.emplace(piece, rank_.size()).second) {
        refuse("makes '" + piece + "' at two places of its merges");
      }
    }
    ++pairs_[piece];
  }

  /// Score of a piece. Refuses it when a pair is missing.
  float score(const std::string& piece) const {
    const auto rank = rank_.find(piece);
    if (rank == rank_.end()) return 0.0f;
    std::size_t pairs = 0;
    for (std::size_t at = 1; at < piece.size(); ++at) {
      const bool inside = (static_cast<unsigned char>(piece[at]) & 0xc0u) == 0x80u;
      if (!inside && vocab_.contains(piece.substr(0, at)) && vocab_.contains(piece.substr(at))) {
        ++pairs;
      }
    }
    if (pairs != pairs_.at(piece)) {
      refuse("makes '" + piece + "' of " + std::to_string(pairs_.at(piece)) + " pairs, of " +
             std::to_string(pairs) + " that there are");
    }
    return -static_cast<float>(rank->second);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw config::InputError(path_.string(),
                             what + ": not the merges of a SentencePiece vocabulary", kOtherKind);
  }

  const fs::path& path_;
  const json& vocab_;
  std::string last_;
  std::unordered_map<std::string, std::size_t> rank_, pairs_;
};

/// "a b" or ["a", "b"].
std::pair<std::string, std::string> pair_of(const fs::path& path, const json& merge) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  if (merge.is_string()) {
    const auto text = merge.get<std::string>();
    const std::size_t space = text.find(' ');
    if (space != std::string::npos) return {text.substr(0, space), text.substr(space + 1)};
  }
  throw config::InputError(path.string(), "/model/merges: expected pairs of pieces, found " +
                                              merge.dump().substr(0, 40));
}

Tokenizer read_merges(const fs::path& path, std::uint32_t rows) {
  ByteReader file(path);
  const json root = parse_strict_json(file.text(file.size(), "JSON"), file.path());
  JsonErrors errors(path.string());
  JsonObject view(root, "", errors);
  const json& model = view.object("model");
  JsonObject model_view(model, "/model", errors);
  if (model_view.string("type") != "BPE" || !model_view.boolean("byte_fallback")) {
    model_view.report("type", "expected BPE with byte_fallback, as Llama 1 and 2 have", kOtherKind);
  }
  const json& vocab = model_view.object("vocab");
  const json& merges = model_view.array("merges");
  if (!vocab.is_object()) model_view.report("vocab", "expected an object");
  errors.throw_if_any();

  MergeScores order(path, vocab);
  for (const json& merge : merges) {
    const auto [left, right] = pair_of(path, merge);
    order.add(left, right);
  }
  std::vector<std::string> pieces;
  std::vector<float> scores;
  std::vector<bool> taken;
  for (const auto& [piece, id] : vocab.items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= rows) {
      throw config::InputError(path.string(), "/model/vocab: expected '" + piece + "' to be 0.." +
                                                  std::to_string(rows - 1) + ", found " +
                                                  id.dump().substr(0, 40));
    }
    const auto index = id.get<std::size_t>();
    if (index >= pieces.size()) {
      pieces.resize(index + 1);
      scores.resize(index + 1, 0.0f);
      taken.resize(index + 1, false);
    }
    if (taken[index]) {
      throw config::InputError(path.string(),
                               "/model/vocab: id " + std::to_string(index) + " twice");
    }
    taken[index] = true;
    pieces[index] = piece;
    scores[index] = order.score(piece);
  }
  return make_tokenizer(path, std::move(pieces), std::move(scores), rows);
}

}  // namespace

std::string with_plain_spaces(const std::string& piece) {
  std::string text = piece;
  for (std::size_t at = text.find(kSpace); at != std::string::npos; at = text.find(kSpace, at)) {
    text.replace(at, 3, " ");
  }
  return text;
}

Tokenizer read_llama_tokenizer(const fs::path& folder, std::uint32_t vocab) {
  if (fs::exists(folder / "tokenizer.model")) {
    return read_sentencepiece(folder / "tokenizer.model", vocab);
  }
  if (fs::exists(folder / "tokenizer.json")) return read_merges(folder / "tokenizer.json", vocab);
  const std::string by_size = "tok" + std::to_string(vocab) + ".bin";
  for (const std::string& name : {by_size, std::string("tokenizer.bin")}) {
    if (fs::exists(folder / name)) return read_llama2c_tokenizer(folder / name, vocab);
  }
  throw config::InputError(folder.string(), "expected tokenizer.model, tokenizer.json, " + by_size +
                                                " or tokenizer.bin in the folder, found none");
}

}  // namespace lutsim::workloads
